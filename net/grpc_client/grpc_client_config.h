// Client options of gRPC as the Collector configures them (its configgrpc package), and the address
// they mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/config/fields.h"
#include "net/http_config.h"
#include "net/tls_config.h"

namespace weir::net {

// Pings that find a dead connection.
struct GrpcKeepaliveConfig {
  static constexpr std::string_view kTypeName = "configgrpc.KeepaliveClientConfig";
  config::Duration time{0};            // between pings; below 10s: 10s
  config::Duration timeout{0};         // for a ping's answer; 0: 20s
  bool permit_without_stream = false;  // ping while no call is in flight
  void Fields(config::Fields& f);
};

// The keys of a gRPC client, squashed into those of its owner.
struct GrpcClientConfig {
  static constexpr std::string_view kTypeName = "configgrpc.ClientConfig";

  std::string endpoint;         // see GrpcTarget
  CompressionName compression;  // gzip is what is sent, whatever else is asked for
  TlsClientConfig tls;          // on unless `insecure`
  config::Optional<GrpcKeepaliveConfig> keepalive;
  int read_buffer_size = 0;                   // read and unused
  int write_buffer_size = 0;                  // read and unused
  bool wait_for_ready = false;                // a call waits for a connection until its deadline
  config::HeaderList headers;                 // sent with every call that has no such header
  std::string user_agent;                     // empty: the program's
  std::string balancer_name = "round_robin";  // or pick_first; empty: pick_first
  std::string authority;                      // of :authority; empty: the endpoint's
  config::Optional<AuthConfig> auth = config::Optional<AuthConfig>::Off({}, config::OnNull::kOff);
  std::vector<MiddlewareConfig> middlewares;

  // Without `http://` or `https://`. Empty: the owner has no endpoint.
  std::string_view SanitizedEndpoint() const;
  // Whether the connection is encrypted: unless `tls.insecure` without a CA, and always for
  // `https://`.
  bool secure() const;

  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

// Where an endpoint leads, in gRPC's words.
//
//   localhost:4317             dns:///localhost:4317
//   :4317                      dns:///localhost:4317
//   http://h:1, https://h:1    dns:///h:1
//   dns:///h:1, ipv4:..., ...  as written
//   passthrough:///h:1         dns:///h:1
//   unix:///run/x.sock         as written; unix://x.sock is unix:x.sock
struct GrpcTarget {
  std::string uri;
  std::string host;  // for labels and certificates; empty when there is none
  std::string port;

  bool local() const { return uri.starts_with("unix:"); }

  static GrpcTarget Of(std::string_view sanitized_endpoint);
};

}  // namespace weir::net
