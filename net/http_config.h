// Server and client options of HTTP as the Collector configures them (its confighttp package).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/config/fields.h"
#include "net/compression/compression.h"
#include "net/tls_config.h"

namespace weir::net {

// `auth: {authenticator: id}`.
struct AuthConfig {
  static constexpr std::string_view kTypeName = "configauth.Config";
  std::string authenticator;  // id of an extension
  void Fields(config::Fields& f);
};

// The server's adds parameters of the query that the authenticator sees as headers.
struct HttpAuthConfig {
  static constexpr std::string_view kTypeName = "confighttp.AuthConfig";
  AuthConfig config;
  std::vector<std::string> request_params;
  void Fields(config::Fields& f);
};

// One of `middlewares`.
struct MiddlewareConfig {
  static constexpr std::string_view kTypeName = "configmiddleware.Config";
  std::string id;
  void Fields(config::Fields& f);
};

// `transport`, checked while it is read: `unsupported transport type "x"`.
struct TransportName {
  std::string name = "tcp";
  static std::string_view GoType() { return "confignet.TransportType"; }
  bool FromText(std::string_view text, std::string* error);
  std::string ToText() const { return name; }
};

struct CorsConfig {
  static constexpr std::string_view kTypeName = "confighttp.CORSConfig";
  std::vector<std::string> allowed_origins;  // '*' stands for any run of characters; none: CORS off
  std::vector<std::string> allowed_headers;  // beside the simple ones; "*": any
  std::vector<std::string> exposed_headers;
  int max_age = 0;  // seconds a browser may keep a preflight's answer; 0: not said
  void Fields(config::Fields& f);
};

struct DialerConfig {
  static constexpr std::string_view kTypeName = "confignet.DialerConfig";
  config::Duration timeout{0};
  void Fields(config::Fields& f);
};

struct HttpServerConfig {
  static constexpr std::string_view kTypeName = "confighttp.ServerConfig";
  static constexpr int64_t kDefaultBodyMax = 20 * 1024 * 1024;

  std::string endpoint;     // host:port, :port, or the path of a unix socket
  TransportName transport;  // tcp, tcp4, tcp6, unix
  DialerConfig dialer;      // read and unused, as upstream
  config::Optional<TlsServerConfig> tls =
      config::Optional<TlsServerConfig>::Off({}, config::OnNull::kOff);
  config::Optional<CorsConfig> cors;
  config::Optional<HttpAuthConfig> auth =
      config::Optional<HttpAuthConfig>::Off({}, config::OnNull::kOff);
  int64_t max_request_body_size = 0;  // compressed bytes, and again decompressed; <= 0: 20 MiB
  bool include_metadata = false;
  config::HeaderList response_headers;
  // Content-Encodings that are decompressed; null: all. An empty list: none.
  std::optional<std::vector<std::string>> compression_algorithms;
  config::Duration read_timeout{0};                                // whole request; 0: none
  config::Duration read_header_timeout = std::chrono::minutes(1);  // 0: read_timeout
  config::Duration write_timeout = std::chrono::seconds(30);       // 0: none
  config::Duration idle_timeout = std::chrono::minutes(1);         // between requests; 0: none
  bool keep_alives_enabled = true;
  std::vector<MiddlewareConfig> middlewares;

  size_t body_max() const {
    return static_cast<size_t>(max_request_body_size > 0 ? max_request_body_size : kDefaultBodyMax);
  }
  void Fields(config::Fields& f);
};

// `compression` of a client, checked while it is read: `unsupported compression type "x"`.
struct CompressionName {
  std::string name;
  static std::string_view GoType() { return "configcompression.Type"; }
  bool FromText(std::string_view text, std::string* error);
  std::string ToText() const { return name; }
  Encoding encoding() const;  // kNone for "none" and ""
};

struct CompressionParams {
  static constexpr std::string_view kTypeName = "configcompression.CompressionParams";
  int level = 0;  // 0: the codec's default
  void Fields(config::Fields& f);
};

struct CookiesConfig {
  static constexpr std::string_view kTypeName = "confighttp.CookiesConfig";
  void Fields(config::Fields& f);
};

struct HttpClientConfig {
  static constexpr std::string_view kTypeName = "confighttp.ClientConfig";

  std::string endpoint;
  std::string proxy_url;  // empty: HTTP_PROXY, HTTPS_PROXY, NO_PROXY of the environment
  TlsClientConfig tls;    // of https URLs
  int read_buffer_size = 0;
  int write_buffer_size = 0;
  config::Duration timeout{0};  // of a whole call; 0: none
  config::HeaderList headers;   // win over our own; `Host` sets the request's host
  config::Optional<AuthConfig> auth = config::Optional<AuthConfig>::Off({}, config::OnNull::kOff);
  CompressionName compression;
  CompressionParams compression_params;
  int max_idle_conns = 100;  // 0: no limit
  // 0: as many as max_idle_conns. Go, and so the Collector, keeps two then and dials anew for every
  // further request that is under way at once.
  int max_idle_conns_per_host = 0;
  int max_conns_per_host = 0;  // 0: no limit
  config::Duration idle_conn_timeout = std::chrono::seconds(90);
  bool disable_keep_alives = false;
  config::Duration http2_read_idle_timeout{0};
  config::Duration http2_ping_timeout{0};
  config::Optional<CookiesConfig> cookies;
  bool force_attempt_http2 = true;
  std::vector<MiddlewareConfig> middlewares;

  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

}  // namespace weir::net
