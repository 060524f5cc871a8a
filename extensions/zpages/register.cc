#include "extensions/zpages/config.h"
#include "extensions/zpages/zpages.h"
#include "pipeline/registry.h"

namespace weir::extensions::zpages {
namespace {

Result<std::unique_ptr<pipeline::Extension>> CreateZpages(const pipeline::Settings& settings,
                                                          const pipeline::ComponentConfig& config) {
  return std::make_unique<Zpages>(settings, pipeline::ConfigAs<ZpagesConfig>(config));
}

}  // namespace
}  // namespace weir::extensions::zpages

void Register_extensions_zpages(weir::pipeline::Registry& registry) {
  using weir::extensions::zpages::CreateZpages;
  using weir::extensions::zpages::ZpagesConfig;
  registry.Add(
      weir::pipeline::ExtensionFactory{{.type = "zpages",
                                        .aliases = {},
                                        .stability = weir::pipeline::Stability::OfExtension("Beta"),
                                        .new_config = weir::pipeline::NewConfig<ZpagesConfig>},
                                       &CreateZpages});
}
