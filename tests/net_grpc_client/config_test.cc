#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "net/grpc_client/grpc_client_config.h"

namespace weir::net {
namespace {

std::string FirstError(std::string_view yaml) {
  const auto parsed = config::ParseYaml(yaml, std::make_shared<std::string>("test"));
  if (!parsed.value) return parsed.error.text;
  GrpcClientConfig target;
  config::Problems problems;
  config::Decode(*parsed.value, "x", target, problems);
  if (problems.ok()) config::Validate(*parsed.value, "x", target, problems);
  return problems.ok() ? "" : problems.errors().front().text;
}

TEST(GrpcClientConfigText, TakesEveryKey) {
  EXPECT_EQ(FirstError(R"(
endpoint: dns:///h:1
compression: zstd
tls: {insecure: true}
keepalive: {time: 10s, timeout: 5s, permit_without_stream: true}
read_buffer_size: 1
write_buffer_size: 2
wait_for_ready: true
headers: {a: b}
user_agent: me
balancer_name: pick_first
authority: a
auth: {authenticator: basicauth}
middlewares: [{id: m}]
)"),
            "");
}

TEST(GrpcClientConfigText, RefusesAsTheCollector) {
  EXPECT_EQ(FirstError("endpoint: host"), "address host: missing port in address");
  EXPECT_EQ(FirstError("endpoint: host:abc"), "invalid port \"abc\"");
  EXPECT_EQ(FirstError("endpoint: http://host:4317/path"), "invalid port \"4317/path\"");
  EXPECT_EQ(FirstError("endpoint: unix://"), "unix socket path cannot be empty");
  EXPECT_EQ(FirstError("endpoint: dns:///host"), "address host: missing port in address");
  EXPECT_EQ(FirstError("endpoint: xds://server/host:b?c"), "invalid port \"b\"");
  EXPECT_EQ(FirstError("endpoint: http://xds:///host"), "invalid port \"///host\"");
  EXPECT_EQ(FirstError("{endpoint: h:1, balancer_name: fastest}"),
            "invalid balancer_name: fastest");
}

TEST(GrpcClientConfigText, LeavesOtherAddressesToTheirResolvers) {
  for (const char* endpoint : {"HTTP://h:1", "passthrough:///h:1", "unix:///run/x.sock", ":4317",
                               "dns://server/h:1", "xds://h", "'[::1]:4317'", "https://h:4317"}) {
    EXPECT_EQ(FirstError(std::string("endpoint: ") + endpoint), "") << endpoint;
  }
}

TEST(GrpcClientConfig, IsPlainOnlyWhenNothingAsksForTls) {
  GrpcClientConfig config;
  config.endpoint = "http://h:1";
  EXPECT_TRUE(config.secure());
  config.tls.insecure = true;
  EXPECT_FALSE(config.secure());
  config.endpoint = "https://h:1";
  EXPECT_TRUE(config.secure());
  config.endpoint = "h:1";
  config.tls.config.ca_file = "ca.pem";
  EXPECT_TRUE(config.secure());
}

TEST(GrpcTarget, NamesWhatGrpcDials) {
  const auto uri = [](std::string_view endpoint) { return GrpcTarget::Of(endpoint).uri; };
  EXPECT_EQ(uri("h:1"), "dns:///h:1");
  EXPECT_EQ(uri(":4317"), "dns:///localhost:4317");
  EXPECT_EQ(uri("[::1]:4317"), "dns:///[::1]:4317");
  EXPECT_EQ(uri("dns://resolver/h:1"), "dns://resolver/h:1");
  EXPECT_EQ(uri("passthrough:///h:1"), "dns:///h:1");
  EXPECT_EQ(uri("unix:///run/x.sock"), "unix:///run/x.sock");
  EXPECT_EQ(uri("unix://x.sock"), "unix:x.sock");
  const GrpcTarget target = GrpcTarget::Of("dns:///host:4317");
  EXPECT_EQ(target.host, "host");
  EXPECT_EQ(target.port, "4317");
}

}  // namespace
}  // namespace weir::net
