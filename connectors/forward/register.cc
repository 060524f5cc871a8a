#include <memory>

#include "connectors/forward/forward.h"
#include "pipeline/registry.h"

namespace weir::connectors::forward {
namespace {

bool Supports(model::Signal from, model::Signal to) { return from == to; }

Result<std::unique_ptr<pipeline::Connector>> Create(const pipeline::Settings&,
                                                    const pipeline::ComponentConfig&, model::Signal,
                                                    model::Signal, pipeline::Consumer& next) {
  return std::make_unique<ForwardConnector>(next);
}

}  // namespace
}  // namespace weir::connectors::forward

void Register_connectors_forward(weir::pipeline::Registry& registry) {
  using namespace weir::connectors::forward;  // NOLINT: the function's name is given
  registry.Add(
      weir::pipeline::ConnectorFactory{{.type = "forward",
                                        .aliases = {},
                                        .stability = weir::pipeline::Stability::All("Beta"),
                                        .new_config = weir::pipeline::NewConfig<ForwardConfig>},
                                       &Supports,
                                       &Create});
}
