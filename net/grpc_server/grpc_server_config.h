// Server options of gRPC as the Collector configures them (its configgrpc package).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/config/fields.h"
#include "net/http_config.h"
#include "net/tls_config.h"

namespace weir::net {

// An address with the kind of network it belongs to.
struct NetAddrConfig {
  static constexpr std::string_view kTypeName = "confignet.AddrConfig";
  std::string endpoint;     // host:port, :port, or the path of a unix socket
  TransportName transport;  // tcp, tcp4, tcp6, unix
  DialerConfig dialer;      // read and unused, as upstream
  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

// Zero of each: gRPC's default, which is "never" but for `time` (2h) and `timeout` (20s).
struct KeepaliveServerParameters {
  static constexpr std::string_view kTypeName = "configgrpc.KeepaliveServerParameters";
  config::Duration max_connection_idle{0};
  config::Duration max_connection_age{0};
  config::Duration max_connection_age_grace{0};
  config::Duration time{0};     // without traffic, until the client is pinged
  config::Duration timeout{0};  // for its answer
  void Fields(config::Fields& f);
};

// How often clients may ping: more often, and they are told to go away.
struct KeepaliveEnforcementPolicy {
  static constexpr std::string_view kTypeName = "configgrpc.KeepaliveEnforcementPolicy";
  config::Duration min_time{0};        // 0: 5m
  bool permit_without_stream = false;  // also while no call is running
  void Fields(config::Fields& f);
};

struct KeepaliveServerConfig {
  static constexpr std::string_view kTypeName = "configgrpc.KeepaliveServerConfig";
  config::Optional<KeepaliveServerParameters> server_parameters =
      config::Optional<KeepaliveServerParameters>::On();
  config::Optional<KeepaliveEnforcementPolicy> enforcement_policy =
      config::Optional<KeepaliveEnforcementPolicy>::On();
  void Fields(config::Fields& f);
};

struct GrpcServerConfig {
  static constexpr std::string_view kTypeName = "configgrpc.ServerConfig";
  static constexpr size_t kDefaultMessageMax = 4 * 1024 * 1024;

  NetAddrConfig net_addr;
  config::Optional<TlsServerConfig> tls =
      config::Optional<TlsServerConfig>::Off({}, config::OnNull::kOff);
  long long max_recv_msg_size_mib = 0;  // Go's int; compressed, and again decompressed; 0: 4
  uint32_t max_concurrent_streams = 0;  // per connection; 0: no limit
  // Read and unused: gRPC C++ sizes its buffers by what arrives.
  int read_buffer_size = 0;
  int write_buffer_size = 0;
  config::Optional<KeepaliveServerConfig> keepalive = config::Optional<KeepaliveServerConfig>::On();
  config::Optional<AuthConfig> auth = config::Optional<AuthConfig>::Off({}, config::OnNull::kOff);
  bool include_metadata = false;
  std::vector<MiddlewareConfig> middlewares;

  size_t message_max() const {
    return max_recv_msg_size_mib > 0 ? static_cast<size_t>(max_recv_msg_size_mib) << 20
                                     : kDefaultMessageMax;
  }
  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

}  // namespace weir::net
