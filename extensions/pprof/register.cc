#include "extensions/pprof/config.h"
#include "extensions/pprof/pprof.h"
#include "pipeline/registry.h"

namespace weir::extensions::pprof {
namespace {

Result<std::unique_ptr<pipeline::Extension>> CreatePprof(const pipeline::Settings& settings,
                                                         const pipeline::ComponentConfig& config) {
  const auto& pprof = pipeline::ConfigAs<PprofConfig>(config);
  if (pprof.endpoint.empty()) {
    return Fail(Status(StatusCode::kInvalidArgument,
                       "\"endpoint\" is required when using the \"pprof\" extension"));
  }
  return std::make_unique<Pprof>(settings, pprof);
}

}  // namespace
}  // namespace weir::extensions::pprof

void Register_extensions_pprof(weir::pipeline::Registry& registry) {
  using weir::extensions::pprof::CreatePprof;
  using weir::extensions::pprof::PprofConfig;
  registry.Add(
      weir::pipeline::ExtensionFactory{{.type = "pprof",
                                        .aliases = {},
                                        .stability = weir::pipeline::Stability::OfExtension("Beta"),
                                        .new_config = weir::pipeline::NewConfig<PprofConfig>},
                                       &CreatePprof});
}
