#include "receivers/otlp/http_config.h"

#include "net/url.h"

namespace weir::receivers::otlp {

bool UrlPath::FromText(std::string_view text, std::string* error) {
  const Result<net::Url> url = net::ParseUrl(text);
  if (!url) {
    *error = "invalid HTTP URL path set for signal: " + url.error().message();
    return false;
  }
  path = url->path.starts_with('/') ? url->path : "/" + url->path;
  return true;
}

const std::string& HttpConfig::PathOf(model::Signal signal) const {
  switch (signal) {
    case model::Signal::kTraces:
      return traces_url_path.path;
    case model::Signal::kMetrics:
      return metrics_url_path.path;
    case model::Signal::kLogs:
      break;
  }
  return logs_url_path.path;
}

void HttpConfig::Fields(config::Fields& f) {
  f.Squash("serverconfig", server);
  f("traces_url_path", traces_url_path, config::kOmitEmpty);
  f("metrics_url_path", metrics_url_path, config::kOmitEmpty);
  f("logs_url_path", logs_url_path, config::kOmitEmpty);
}

net::HttpServerConfig HttpConfig::DefaultServer() {
  net::HttpServerConfig server;
  server.endpoint = "localhost:4318";
  server.read_header_timeout = config::Duration(0);
  server.write_timeout = config::Duration(0);
  server.idle_timeout = config::Duration(0);
  return server;
}

}  // namespace weir::receivers::otlp
