// Configuration of the extension `basicauth`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/config/fields.h"

namespace weir::extensions::basicauth {

// For servers: lines `user:hash`; `inline` wins over `file`.
struct HtpasswdConfig {
  static constexpr std::string_view kTypeName = "basicauthextension.HtpasswdSettings";
  std::string file;
  std::string inline_text;
  void Fields(config::Fields& f);
};

// For clients; files win and are watched.
struct ClientAuthConfig {
  static constexpr std::string_view kTypeName = "basicauthextension.ClientAuthSettings";
  std::string username;
  std::string username_file;
  config::Secret password;
  std::string password_file;
  void Fields(config::Fields& f);
};

struct BasicAuthConfig {
  static constexpr std::string_view kTypeName = "basicauthextension.Config";
  std::optional<HtpasswdConfig> htpasswd;
  std::optional<ClientAuthConfig> client_auth;
  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

}  // namespace weir::extensions::basicauth
