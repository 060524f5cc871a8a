#include <memory>

#include "pipeline/registry.h"
#include "processors/resource/config.h"
#include "processors/resource/resource.h"

namespace weir::processors::resource {
namespace {

Result<std::unique_ptr<pipeline::Processor>> Create(const pipeline::Settings& settings,
                                                    const pipeline::ComponentConfig& config,
                                                    model::Signal, pipeline::Consumer& next) {
  auto actions = pipeline::attributes::AttributeActions::Compile(
      pipeline::ConfigAs<ResourceConfig>(config).attributes);
  if (!actions) return Fail(actions.error());
  return std::make_unique<ResourceProcessor>(settings.memory, std::move(*actions), next);
}

}  // namespace
}  // namespace weir::processors::resource

void Register_processors_resource(weir::pipeline::Registry& registry) {
  using namespace weir::processors::resource;  // NOLINT: the function's name is given
  registry.Add(
      weir::pipeline::ProcessorFactory{{.type = "resource",
                                        .aliases = {},
                                        .stability = weir::pipeline::Stability::All("Beta"),
                                        .new_config = weir::pipeline::NewConfig<ResourceConfig>},
                                       &Create});
}
