#include "receivers/otlp/config.h"

#include "pipeline/component_id.h"

namespace weir::receivers::otlp {

void ProtocolsConfig::Fields(config::Fields& f) {
  f("grpc", grpc);
  f("http", http);
}

void ProtocolsConfig::Decoded(const config::Value&, const config::Checker& check) {
  if (grpc && grpc->auth) {
    pipeline::CheckReference("authenticator", grpc->auth->authenticator, check);
  }
  if (http && http->server.auth) {
    pipeline::CheckReference("authenticator", http->server.auth->config.authenticator, check);
  }
}

net::GrpcServerConfig ProtocolsConfig::DefaultGrpc() {
  net::GrpcServerConfig server;
  server.net_addr.endpoint = "localhost:4317";
  server.read_buffer_size = 512 * 1024;
  return server;
}

void OtlpConfig::Fields(config::Fields& f) { f("protocols", protocols); }

void OtlpConfig::Validate(const config::Checker& check) const {
  if (!protocols.grpc && !protocols.http) {
    check.Error("must specify at least one protocol when using the OTLP receiver");
  }
}

}  // namespace weir::receivers::otlp
