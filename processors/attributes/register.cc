#include "pipeline/registry.h"
#include "processors/attributes/attributes.h"
#include "processors/attributes/config.h"

namespace weir::processors::attributes {
namespace {

Result<std::unique_ptr<pipeline::Processor>> Create(const pipeline::Settings& settings,
                                                    const pipeline::ComponentConfig& config,
                                                    model::Signal signal,
                                                    pipeline::Consumer& next) {
  return AttributesProcessor::Create(settings, pipeline::ConfigAs<AttributesConfig>(config), signal,
                                     next);
}

}  // namespace
}  // namespace weir::processors::attributes

void Register_processors_attributes(weir::pipeline::Registry& registry) {
  using namespace weir::processors::attributes;  // NOLINT: the function's name is given
  registry.Add(
      weir::pipeline::ProcessorFactory{{.type = "attributes",
                                        .aliases = {},
                                        .stability = weir::pipeline::Stability::All("Beta"),
                                        .new_config = weir::pipeline::NewConfig<AttributesConfig>},
                                       &Create});
}
