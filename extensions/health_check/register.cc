#include "extensions/health_check/config.h"
#include "extensions/health_check/health_check.h"
#include "pipeline/registry.h"

namespace weir::extensions::health_check {
namespace {

Result<std::unique_ptr<pipeline::Extension>> CreateHealthCheck(
    const pipeline::Settings& settings, const pipeline::ComponentConfig& config) {
  return std::make_unique<HealthCheck>(settings, pipeline::ConfigAs<HealthCheckConfig>(config));
}

}  // namespace
}  // namespace weir::extensions::health_check

void Register_extensions_health_check(weir::pipeline::Registry& registry) {
  using weir::extensions::health_check::CreateHealthCheck;
  using weir::extensions::health_check::HealthCheckConfig;
  registry.Add(weir::pipeline::ExtensionFactory{
      {.type = "health_check",
       .aliases = {},
       .stability = weir::pipeline::Stability::OfExtension("Alpha"),
       .new_config = weir::pipeline::NewConfig<HealthCheckConfig>},
      &CreateHealthCheck});
}
