#include "extensions/basicauth/config.h"

namespace weir::extensions::basicauth {

void HtpasswdConfig::Fields(config::Fields& f) {
  f("file", file);
  f("inline", inline_text);
}

void ClientAuthConfig::Fields(config::Fields& f) {
  f("username", username);
  f("username_file", username_file);
  f("password", password);
  f("password_file", password_file);
}

void BasicAuthConfig::Fields(config::Fields& f) {
  f("htpasswd", htpasswd, config::kOmitEmpty);
  f("client_auth", client_auth, config::kOmitEmpty);
}

void BasicAuthConfig::Validate(const config::Checker& check) const {
  if (htpasswd && client_auth) {
    return check.Error("only one of `htpasswd` or `client_auth` can be specified");
  }
  if (!htpasswd && !client_auth) check.Error("no credential source provided");
}

}  // namespace weir::extensions::basicauth
