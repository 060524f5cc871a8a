#include <memory>
#include <utility>

#include "pipeline/registry.h"
#include "receivers/otlp/config.h"
#include "receivers/otlp/receiver.h"

namespace weir::receivers::otlp {
namespace {

Result<std::unique_ptr<pipeline::Receiver>> Create(const pipeline::Settings& settings,
                                                   const pipeline::ComponentConfig& config,
                                                   const pipeline::ReceiverConsumers& consumers) {
  return std::make_unique<OtlpReceiver>(pipeline::ConfigAs<OtlpConfig>(config), consumers,
                                        settings);
}

}  // namespace
}  // namespace weir::receivers::otlp

void Register_receivers_otlp(weir::pipeline::Registry& registry);

void Register_receivers_otlp(weir::pipeline::Registry& registry) {
  weir::pipeline::ReceiverFactory factory;
  factory.type = "otlp";
  factory.stability = weir::pipeline::Stability::All("Stable");
  factory.new_config = weir::pipeline::NewConfig<weir::receivers::otlp::OtlpConfig>;
  factory.create = &weir::receivers::otlp::Create;
  registry.Add(std::move(factory));
}
