#include <memory>
#include <utility>

#include "exporters/otlp_grpc/config.h"
#include "exporters/otlp_grpc/sender.h"
#include "pipeline/exporter_helper.h"
#include "pipeline/registry.h"

namespace weir::exporters::otlp_grpc {
namespace {

// What the sent metrics say of the backend.
MetricLabels LabelsOf(const net::GrpcClientConfig& client) {
  const net::GrpcTarget target = net::GrpcTarget::Of(client.SanitizedEndpoint());
  if (target.host.empty()) return {};
  return {{"server_address", target.host}, {"server_port", target.port}};
}

Result<std::unique_ptr<pipeline::Exporter>> Create(const pipeline::Settings& settings,
                                                   const pipeline::ComponentConfig& any_config,
                                                   model::Signal signal) {
  const auto& config = pipeline::ConfigAs<OtlpGrpcConfig>(any_config);
  pipeline::ExporterOptions options;
  options.timeout = config.timeout;
  options.retry = config.retry;
  options.queue = config.queue;
  options.sent_labels = LabelsOf(config.client);
  auto sender = std::make_unique<OtlpGrpcSender>(config, signal, settings);
  return pipeline::MakeExporter(settings, signal, std::move(options), std::move(sender));
}

}  // namespace
}  // namespace weir::exporters::otlp_grpc

void Register_exporters_otlp_grpc(weir::pipeline::Registry& registry);

void Register_exporters_otlp_grpc(weir::pipeline::Registry& registry) {
  using weir::exporters::otlp_grpc::Create;
  using weir::exporters::otlp_grpc::OtlpGrpcConfig;
  weir::pipeline::ExporterFactory factory;
  factory.type = "otlp_grpc";
  factory.aliases = {"otlp"};
  factory.stability = weir::pipeline::Stability::All("Stable");
  factory.new_config = weir::pipeline::NewConfig<OtlpGrpcConfig>;
  factory.create = &Create;
  registry.Add(std::move(factory));
}
