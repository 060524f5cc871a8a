#include <memory>

#include "exporters/nop/nop.h"
#include "pipeline/registry.h"

namespace weir::exporters::nop {
namespace {

Result<std::unique_ptr<pipeline::Exporter>> Create(const pipeline::Settings&,
                                                   const pipeline::ComponentConfig&,
                                                   model::Signal) {
  return std::make_unique<NopExporter>();
}

}  // namespace
}  // namespace weir::exporters::nop

void Register_exporters_nop(weir::pipeline::Registry& registry) {
  using namespace weir::exporters::nop;  // NOLINT: the function's name is given
  registry.Add(weir::pipeline::ExporterFactory{{.type = "nop",
                                                .aliases = {},
                                                .stability = weir::pipeline::Stability::All("Beta"),
                                                .new_config = weir::pipeline::NewConfig<NopConfig>},
                                               &Create});
}
