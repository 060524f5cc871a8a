#include "net/http_config.h"

#include <algorithm>
#include <array>

namespace weir::net {

using config::kOmitEmpty;

void AuthConfig::Fields(config::Fields& f) { f("authenticator", authenticator, kOmitEmpty); }

void HttpAuthConfig::Fields(config::Fields& f) {
  f.Squash("config", config);
  f("request_params", request_params, kOmitEmpty);
}

void MiddlewareConfig::Fields(config::Fields& f) { f("id", id); }

bool TransportName::FromText(std::string_view text, std::string* error) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "tcp", "tcp4", "tcp6", "udp",      "udp4",       "udp6",  "ip",
      "ip4", "ip6",  "unix", "unixgram", "unixpacket", "npipe", ""};
  if (std::find(kNames.begin(), kNames.end(), text) == kNames.end()) {
    *error = "unsupported transport type \"" + std::string(text) + "\"";
    return false;
  }
  name = text;
  return true;
}

void CorsConfig::Fields(config::Fields& f) {
  f("allowed_origins", allowed_origins, kOmitEmpty);
  f("allowed_headers", allowed_headers, kOmitEmpty);
  f("exposed_headers", exposed_headers, kOmitEmpty);
  f("max_age", max_age, kOmitEmpty);
}

void DialerConfig::Fields(config::Fields& f) { f("timeout", timeout, kOmitEmpty); }

void HttpServerConfig::Fields(config::Fields& f) {
  f("endpoint", endpoint, kOmitEmpty);
  f("transport", transport, kOmitEmpty);
  f("dialer", dialer, kOmitEmpty);
  f("tls", tls);
  f("cors", cors);
  f("auth", auth, kOmitEmpty);
  f("max_request_body_size", max_request_body_size, kOmitEmpty);
  f("include_metadata", include_metadata, kOmitEmpty);
  f("response_headers", response_headers, kOmitEmpty);
  f("compression_algorithms", compression_algorithms, kOmitEmpty);
  f("read_timeout", read_timeout, kOmitEmpty);
  f("read_header_timeout", read_header_timeout);
  f("write_timeout", write_timeout);
  f("idle_timeout", idle_timeout);
  f("middlewares", middlewares, kOmitEmpty);
  f("keep_alives_enabled", keep_alives_enabled, kOmitEmpty);
}

bool CompressionName::FromText(std::string_view text, std::string* error) {
  if (text != "none" && !ParseEncoding(text)) {
    *error = "unsupported compression type \"" + std::string(text) + "\"";
    return false;
  }
  name = text;
  return true;
}

Encoding CompressionName::encoding() const { return ParseEncoding(name).value_or(Encoding::kNone); }

void CompressionParams::Fields(config::Fields& f) { f("level", level, kOmitEmpty); }

void CookiesConfig::Fields(config::Fields&) {}

void HttpClientConfig::Fields(config::Fields& f) {
  f("endpoint", endpoint, kOmitEmpty);
  f("proxy_url", proxy_url, kOmitEmpty);
  f("tls", tls, kOmitEmpty);
  f("read_buffer_size", read_buffer_size, kOmitEmpty);
  f("write_buffer_size", write_buffer_size, kOmitEmpty);
  f("timeout", timeout, kOmitEmpty);
  f("headers", headers, kOmitEmpty);
  f("auth", auth, kOmitEmpty);
  f("compression", compression, kOmitEmpty);
  f("compression_params", compression_params, kOmitEmpty);
  f("max_idle_conns", max_idle_conns, kOmitEmpty);
  f("max_idle_conns_per_host", max_idle_conns_per_host, kOmitEmpty);
  f("max_conns_per_host", max_conns_per_host, kOmitEmpty);
  f("idle_conn_timeout", idle_conn_timeout, kOmitEmpty);
  f("disable_keep_alives", disable_keep_alives, kOmitEmpty);
  f("http2_read_idle_timeout", http2_read_idle_timeout, kOmitEmpty);
  f("http2_ping_timeout", http2_ping_timeout, kOmitEmpty);
  f("cookies", cookies, kOmitEmpty);
  f("force_attempt_http2", force_attempt_http2, kOmitEmpty);
  f("middlewares", middlewares, kOmitEmpty);
}

void HttpClientConfig::Validate(const config::Checker& check) const {
  const int level = compression_params.level;
  const bool deflate =
      compression.name == "gzip" || compression.name == "zlib" || compression.name == "deflate";
  const bool compressed = !compression.name.empty() && compression.name != "none";
  const bool valid = !compressed || level == 0 || compression.name == "zstd" ||
                     (deflate && level >= -2 && level <= 9);
  if (!valid) {
    check.Error("unsupported parameters {Level:" + std::to_string(level) +
                "} for compression type \"" + compression.name + "\"");
  }
}

}  // namespace weir::net
