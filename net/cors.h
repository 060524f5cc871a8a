// Cross-origin rules of a server (the Fetch standard's CORS protocol, as the Collector applies it).
//
// A preflight is an OPTIONS request with Access-Control-Request-Method; it is answered here with
// 204, and permission shows in its headers alone. Credentials are always allowed; methods are GET,
// POST and HEAD. Immutable, so thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http_config.h"
#include "net/http_message.h"

namespace weir::net {

class Cors {
 public:
  explicit Cors(const CorsConfig& config);

  static bool IsPreflight(const HttpHead& head);
  HttpResponse AnswerPreflight(const HttpHead& head) const;
  // Adds Vary, and permission for the page at `Origin`, to the answer of an ordinary request.
  void AddHeaders(const HttpHead& head, HttpResponse& response) const;

 private:
  bool AllowsOrigin(std::string_view origin) const;
  bool AllowsHeaders(std::string_view list) const;

  std::vector<std::string> origins_;
  std::vector<std::string> headers_;  // lower case
  bool any_header_ = false;
  std::string exposed_;
  std::string max_age_;
};

}  // namespace weir::net
