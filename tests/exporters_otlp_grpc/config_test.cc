#include "exporters/otlp_grpc/config.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/config/decode.h"
#include "base/config/yaml.h"

namespace weir::exporters::otlp_grpc {
namespace {

std::string FirstError(std::string_view yaml) {
  const auto parsed = config::ParseYaml(yaml, std::make_shared<std::string>("test"));
  if (!parsed.value) return parsed.error.text;
  OtlpGrpcConfig target;
  config::Problems problems;
  config::Decode(*parsed.value, "x", target, problems);
  if (problems.ok()) config::Validate(*parsed.value, "x", target, problems);
  if (problems.ok()) return "";
  const config::Problem& first = problems.errors().front();
  return first.path + ": " + first.text;
}

TEST(OtlpGrpcConfigText, TakesEveryKey) {
  EXPECT_EQ(FirstError(R"(
endpoint: h:1
timeout: 0s
compression: snappy
tls: {insecure: true}
keepalive: {}
auth: {authenticator: basicauth/x}
headers: [{name: a, value: b}]
balancer_name: round_robin
sending_queue: {enabled: false}
retry_on_failure: {enabled: false}
)"),
            "");
}

TEST(OtlpGrpcConfigText, RefusesAsTheCollector) {
  EXPECT_EQ(FirstError("{}"), "x: requires a non-empty \"endpoint\"");
  EXPECT_EQ(FirstError("endpoint: http://"), "x: requires a non-empty \"endpoint\"");
  EXPECT_EQ(FirstError("endpoint: h"), "x::clientconfig: address h: missing port in address");
  EXPECT_EQ(FirstError("{endpoint: h:1, timeout: -1s}"),
            "x::timeoutconfig: 'timeout' must be non-negative");
  EXPECT_EQ(FirstError("{endpoint: h:1, tls: {min_version: '1.9'}}"),
            "x::clientconfig::tls: invalid TLS min_version: unsupported TLS version: \"1.9\"");
  EXPECT_NE(FirstError("{endpoint: h:1, compression_params: {level: 1}}")
                .find("'otlpexporter.Config' has invalid keys: compression_params"),
            std::string::npos);
}

TEST(OtlpGrpcConfigText, RefusesAnAuthenticatorThatIsNoId) {
  EXPECT_NE(FirstError("{endpoint: h:1, auth: {authenticator: 'a b'}}")
                .find("'authenticator' in \"a b\" id: invalid character(s) in type \"a b\""),
            std::string::npos);
}

TEST(OtlpGrpcConfig, HasTheCollectorsDefaults) {
  const OtlpGrpcConfig config;
  EXPECT_EQ(config.client.compression.name, "gzip");
  EXPECT_EQ(config.client.balancer_name, "round_robin");
  EXPECT_EQ(config.client.write_buffer_size, 524288);
  EXPECT_EQ(config.timeout.timeout, std::chrono::seconds(5));
  EXPECT_TRUE(config.queue.enabled());
  EXPECT_FALSE(config.client.keepalive.enabled());
}

}  // namespace
}  // namespace weir::exporters::otlp_grpc
