#include "receivers/otlp/config.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/config/decode.h"
#include "base/config/yaml.h"

namespace weir::receivers::otlp {
namespace {

// The first error of reading and validating `yaml` as the receiver `otlp`: "path: text".
std::string ErrorOf(std::string_view yaml) {
  OtlpConfig config;
  config::Problems problems;
  const config::YamlResult parsed = config::ParseYaml(yaml, nullptr);
  config::Decode(*parsed.value, "receivers::otlp", config, problems);
  if (problems.ok()) config::Validate(*parsed.value, "receivers::otlp", config, problems);
  if (problems.ok()) return {};
  return problems.errors()[0].path + ": " + problems.errors()[0].text;
}

std::string Printed(std::string_view yaml) {
  OtlpConfig config;
  config::Problems problems;
  const config::YamlResult parsed = config::ParseYaml(yaml, nullptr);
  config::Decode(*parsed.value, "receivers::otlp", config, problems);
  EXPECT_TRUE(problems.ok());
  return config::WriteYaml(config::Print(config, true));
}

TEST(OtlpConfig, PrintsAsTheCollector) {
  EXPECT_EQ(Printed("protocols: {grpc: , http: {enabled: false}}"),
            "protocols:\n"
            "    grpc:\n"
            "        endpoint: localhost:4317\n"
            "        keepalive:\n"
            "            enforcement_policy: {}\n"
            "            server_parameters: {}\n"
            "        read_buffer_size: 524288\n"
            "        transport: tcp\n"
            "    http: null\n");
}

TEST(OtlpConfig, NeedsAProtocol) {
  for (const std::string_view yaml :
       {"{}", "protocols: {}",
        "protocols: ", "protocols: {grpc: {enabled: false}, http: {enabled: false}}"}) {
    EXPECT_EQ(ErrorOf(yaml),
              "receivers::otlp: must specify at least one protocol when using the OTLP receiver")
        << yaml;
  }
  EXPECT_EQ(ErrorOf("protocols: {http: }"), "");
}

TEST(OtlpConfig, RefusesInTheCollectorsWords) {
  const std::string grpc = "receivers::otlp::protocols::grpc: ";
  EXPECT_EQ(ErrorOf("protocols: {grpc: {max_recv_msg_size_mib: -1}}"),
            grpc + "invalid max_recv_msg_size_mib value, must be between 1 and 8796093022207: -1");
  EXPECT_EQ(ErrorOf("protocols: {grpc: {max_recv_msg_size_mib: 9223372036854775807}}"),
            grpc +
                "invalid max_recv_msg_size_mib value, must be between 1 and 8796093022207: "
                "9223372036854775807");
  EXPECT_EQ(ErrorOf("protocols: {grpc: {read_buffer_size: -1}}"),
            grpc + "invalid read_buffer_size value: -1");
  EXPECT_EQ(ErrorOf("protocols: {grpc: {write_buffer_size: -1}}"),
            grpc + "invalid write_buffer_size value: -1");
  EXPECT_EQ(ErrorOf("protocols: {grpc: {endpoint: pipe, transport: npipe}}"),
            grpc + "netaddr: named pipe path must start with \"\\\\\": \"pipe\"");
  EXPECT_EQ(ErrorOf("protocols: {grpc: {tls: {}}}"),
            grpc +
                "tls: TLS configuration must include both certificate and key for server "
                "connections");
  EXPECT_EQ(ErrorOf("protocols: {grpc: {tls: {cert_file: c.pem}}}"),
            grpc +
                "tls: config: TLS configuration must include both certificate and key "
                "(CertFile/CertPem and KeyFile/KeyPem)");
}

TEST(OtlpConfig, KnowsItsKeys) {
  EXPECT_EQ(ErrorOf("nope: 1"), "receivers::otlp: 'otlpreceiver.Config' has invalid keys: nope");
  EXPECT_NE(ErrorOf("protocols: {grcp: }").find("'protocols' has invalid keys: grcp"),
            std::string::npos);
  EXPECT_NE(ErrorOf("protocols: {grpc: {endpont: x}}")
                .find("'configgrpc.ServerConfig' has invalid keys: endpont"),
            std::string::npos);
  EXPECT_NE(ErrorOf("protocols: {grpc: {keepalive: {server_parameters: {max_idle: 1s}}}}")
                .find("'configgrpc.KeepaliveServerParameters' has invalid keys: max_idle"),
            std::string::npos);
  EXPECT_EQ(ErrorOf("protocols: {grpc: {keepalive: {server_parameters: {max_connection_idle: 11s, "
                    "max_connection_age: 12s, max_connection_age_grace: 13s, time: 30s, timeout: "
                    "5s}, enforcement_policy: {min_time: 10s, permit_without_stream: true}}, "
                    "dialer: {timeout: 1s}, max_concurrent_streams: 3}}"),
            "");
}

}  // namespace
}  // namespace weir::receivers::otlp
