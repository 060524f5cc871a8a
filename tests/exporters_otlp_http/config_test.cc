#include "exporters/otlp_http/config.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "receivers/otlp/http_config.h"

namespace weir {
namespace {

template <typename T>
std::string FirstError(std::string_view yaml) {
  const auto parsed = config::ParseYaml(yaml, std::make_shared<std::string>("test"));
  if (!parsed.value) return parsed.error.text;
  T target;
  config::Problems problems;
  config::Decode(*parsed.value, "x", target, problems);
  if (problems.ok()) config::Validate(*parsed.value, "x", target, problems);
  if (problems.ok()) return "";
  const config::Problem& first = problems.errors().front();
  return first.path + ": " + first.text;
}

using exporters::otlp_http::OtlpHttpConfig;
using receivers::otlp::HttpConfig;

TEST(OtlpHttpConfigText, TakesEveryKey) {
  EXPECT_EQ(FirstError<OtlpHttpConfig>(R"(
endpoint: https://h:1
proxy_url: http://p:2
tls: {insecure: true, min_version: "1.2", ca_file: x, reload_interval: 1h}
read_buffer_size: 1
write_buffer_size: 2
timeout: 3s
headers: {a: b}
compression: zstd
compression_params: {level: 11}
max_idle_conns: 1
max_idle_conns_per_host: 2
max_conns_per_host: 3
idle_conn_timeout: 4s
disable_keep_alives: true
force_attempt_http2: false
http2_read_idle_timeout: 1s
http2_ping_timeout: 1s
cookies: {}
auth: {authenticator: basicauth/x}
middlewares: [{id: m}]
encoding: json
traces_endpoint: http://t
sending_queue: {enabled: false}
retry_on_failure: {enabled: false}
)"),
            "");
}

TEST(OtlpHttpConfigText, RefusesAsTheCollector) {
  EXPECT_EQ(FirstError<OtlpHttpConfig>("{}"), "x: at least one endpoint must be specified");
  EXPECT_EQ(FirstError<OtlpHttpConfig>(
                "{endpoint: http://h, compression_params: {level: 99}, compression: gzip}"),
            "x::clientconfig: unsupported parameters {Level:99} for compression type \"gzip\"");
  EXPECT_NE(FirstError<OtlpHttpConfig>("{endpoint: http://h, compression: brotli}")
                .find("unsupported compression type \"brotli\""),
            std::string::npos);
  EXPECT_EQ(FirstError<OtlpHttpConfig>("{endpoint: http://h, tls: {min_version: '1.9'}}"),
            "x::clientconfig::tls: invalid TLS min_version: unsupported TLS version: \"1.9\"");
}

TEST(HttpConfigText, TakesEveryKey) {
  EXPECT_EQ(FirstError<HttpConfig>(R"(
endpoint: 127.0.0.1:1
transport: tcp4
dialer: {timeout: 1s}
tls: {cert_file: a, key_file: b, client_ca_file: c, client_ca_file_reload: true}
cors: {allowed_origins: ['*'], allowed_headers: [X], exposed_headers: [Y], max_age: 7}
auth: {authenticator: a, request_params: [token]}
max_request_body_size: 1000
include_metadata: true
response_headers: {x-a: b}
compression_algorithms: ['', gzip]
read_timeout: 1s
read_header_timeout: 2s
write_timeout: 3s
idle_timeout: 4s
keep_alives_enabled: false
middlewares: [{id: m}]
traces_url_path: t
metrics_url_path: ''
)"),
            "");
}

TEST(HttpConfigText, RefusesPathsThatAreNoUrls) {
  EXPECT_NE(FirstError<HttpConfig>("traces_url_path: ':invalid'")
                .find("invalid HTTP URL path set for signal: parse \":invalid\": missing protocol "
                      "scheme"),
            std::string::npos);
}

}  // namespace
}  // namespace weir
