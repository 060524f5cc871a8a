// `protocols.http` of the otlp receiver: a server's options and three paths.
#pragma once

#include <string>
#include <string_view>

#include "base/config/fields.h"
#include "model/signal.h"
#include "net/http_config.h"

namespace weir::receivers::otlp {

// A path on the server; a leading '/' is added. Refused when it is no URL:
// `invalid HTTP URL path set for signal: parse ":x": missing protocol scheme`.
struct UrlPath {
  std::string path;
  static std::string_view GoType() { return "otlpreceiver.SanitizedURLPath"; }
  bool FromText(std::string_view text, std::string* error);
  std::string ToText() const { return path; }
};

struct HttpConfig {
  static constexpr std::string_view kTypeName = "otlpreceiver.HTTPConfig";

  net::HttpServerConfig server = DefaultServer();
  UrlPath traces_url_path{"/v1/traces"};
  UrlPath metrics_url_path{"/v1/metrics"};
  UrlPath logs_url_path{"/v1/logs"};

  const std::string& PathOf(model::Signal signal) const;
  void Fields(config::Fields& f);

 private:
  static net::HttpServerConfig DefaultServer();
};

}  // namespace weir::receivers::otlp
