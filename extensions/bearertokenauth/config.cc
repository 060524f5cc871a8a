#include "extensions/bearertokenauth/config.h"

namespace weir::extensions::bearertokenauth {

void BearerTokenConfig::Fields(config::Fields& f) {
  f("header", header, config::kOmitEmpty);
  f("scheme", scheme, config::kOmitEmpty);
  f("token", token, config::kOmitEmpty);
  f("tokens", tokens, config::kOmitEmpty);
  f("filename", filename, config::kOmitEmpty);
}

void BearerTokenConfig::Validate(const config::Checker& check) const {
  if (token.empty() && tokens.empty() && filename.empty()) {
    return check.Error("no bearer token provided");
  }
  if (!token.empty() && !tokens.empty()) {
    check.Error("either tokens or token should be provided, not both");
  }
}

}  // namespace weir::extensions::bearertokenauth
