// Configuration of the extension `bearertokenauth`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/config/fields.h"

namespace weir::extensions::bearertokenauth {

struct BearerTokenConfig {
  static constexpr std::string_view kTypeName = "bearertokenauthextension.Config";

  std::string header = "Authorization";
  std::string scheme = "Bearer";  // empty: the token alone
  config::Secret token;
  std::vector<config::Secret> tokens;
  std::string filename;  // wins over token and tokens

  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

}  // namespace weir::extensions::bearertokenauth
