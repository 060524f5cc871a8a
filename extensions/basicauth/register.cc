#include <memory>

#include "extensions/basicauth/basicauth.h"
#include "pipeline/registry.h"

namespace weir::extensions::basicauth {
namespace {

Result<std::unique_ptr<pipeline::Extension>> Create(const pipeline::Settings& settings,
                                                    const pipeline::ComponentConfig& config) {
  const auto& basic = pipeline::ConfigAs<BasicAuthConfig>(config);
  if (basic.client_auth) return std::make_unique<BasicAuthClient>(settings, *basic.client_auth);
  if (!basic.htpasswd || (basic.htpasswd->file.empty() && basic.htpasswd->inline_text.empty())) {
    return Fail(Status(StatusCode::kInvalidArgument, "no credential source provided"));
  }
  return std::make_unique<BasicAuthServer>(*basic.htpasswd);
}

}  // namespace
}  // namespace weir::extensions::basicauth

void Register_extensions_basicauth(weir::pipeline::Registry& registry) {
  using namespace weir::extensions::basicauth;  // NOLINT: the function's name is given
  registry.Add(
      weir::pipeline::ExtensionFactory{{.type = "basicauth",
                                        .aliases = {},
                                        .stability = weir::pipeline::Stability::OfExtension("Beta"),
                                        .new_config = weir::pipeline::NewConfig<BasicAuthConfig>},
                                       &Create});
}
