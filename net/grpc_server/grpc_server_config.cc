#include "net/grpc_server/grpc_server_config.h"

namespace weir::net {
namespace {

using config::kOmitEmpty;

// What fits into Go's int when counted in bytes.
constexpr int64_t kMessageMaxMib = 8796093022207;

}  // namespace

void NetAddrConfig::Fields(config::Fields& f) {
  f("endpoint", endpoint, kOmitEmpty);
  f("transport", transport, kOmitEmpty);
  f("dialer", dialer, kOmitEmpty);
}

void NetAddrConfig::Validate(const config::Checker& check) const {
  if (transport.name.empty()) {
    check.Error("invalid transport type \"\"");
  } else if (transport.name == "npipe" && !endpoint.starts_with("\\\\")) {
    check.Error("named pipe path must start with \"\\\\\": \"" + endpoint + "\"");
  }
}

void KeepaliveServerParameters::Fields(config::Fields& f) {
  f("max_connection_idle", max_connection_idle, kOmitEmpty);
  f("max_connection_age", max_connection_age, kOmitEmpty);
  f("max_connection_age_grace", max_connection_age_grace, kOmitEmpty);
  f("time", time, kOmitEmpty);
  f("timeout", timeout, kOmitEmpty);
}

void KeepaliveEnforcementPolicy::Fields(config::Fields& f) {
  f("min_time", min_time, kOmitEmpty);
  f("permit_without_stream", permit_without_stream, kOmitEmpty);
}

void KeepaliveServerConfig::Fields(config::Fields& f) {
  f("server_parameters", server_parameters, kOmitEmpty);
  f("enforcement_policy", enforcement_policy, kOmitEmpty);
}

void GrpcServerConfig::Fields(config::Fields& f) {
  f.Squash("netaddr", net_addr);
  f("tls", tls, kOmitEmpty);
  f("max_recv_msg_size_mib", max_recv_msg_size_mib, kOmitEmpty);
  f("max_concurrent_streams", max_concurrent_streams, kOmitEmpty);
  f("read_buffer_size", read_buffer_size, kOmitEmpty);
  f("write_buffer_size", write_buffer_size, kOmitEmpty);
  f("keepalive", keepalive, kOmitEmpty);
  f("auth", auth, kOmitEmpty);
  f("include_metadata", include_metadata, kOmitEmpty);
  f("middlewares", middlewares, kOmitEmpty);
}

void GrpcServerConfig::Validate(const config::Checker& check) const {
  if (max_recv_msg_size_mib < 0 || max_recv_msg_size_mib > kMessageMaxMib) {
    check.Error("invalid max_recv_msg_size_mib value, must be between 1 and " +
                std::to_string(kMessageMaxMib) + ": " + std::to_string(max_recv_msg_size_mib));
  } else if (read_buffer_size < 0) {
    check.Error("invalid read_buffer_size value: " + std::to_string(read_buffer_size));
  } else if (write_buffer_size < 0) {
    check.Error("invalid write_buffer_size value: " + std::to_string(write_buffer_size));
  }
}

}  // namespace weir::net
