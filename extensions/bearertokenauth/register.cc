#include <memory>

#include "extensions/bearertokenauth/bearertokenauth.h"
#include "pipeline/registry.h"

namespace weir::extensions::bearertokenauth {
namespace {

Result<std::unique_ptr<pipeline::Extension>> Create(const pipeline::Settings& settings,
                                                    const pipeline::ComponentConfig& config) {
  return std::make_unique<BearerTokenAuth>(settings, pipeline::ConfigAs<BearerTokenConfig>(config));
}

}  // namespace
}  // namespace weir::extensions::bearertokenauth

void Register_extensions_bearertokenauth(weir::pipeline::Registry& registry) {
  using namespace weir::extensions::bearertokenauth;  // NOLINT: the function's name is given
  registry.Add(
      weir::pipeline::ExtensionFactory{{.type = "bearertokenauth",
                                        .aliases = {},
                                        .stability = weir::pipeline::Stability::OfExtension("Beta"),
                                        .new_config = weir::pipeline::NewConfig<BearerTokenConfig>},
                                       &Create});
}
