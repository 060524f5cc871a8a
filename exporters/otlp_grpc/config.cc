#include "exporters/otlp_grpc/config.h"

#include "pipeline/component_id.h"

namespace weir::exporters::otlp_grpc {

void OtlpGrpcConfig::Fields(config::Fields& f) {
  f.Squash("timeoutconfig", timeout);
  f("sending_queue", queue);
  f("retry_on_failure", retry);
  f.Squash("clientconfig", client);
}

void OtlpGrpcConfig::Decoded(const config::Value&, const config::Checker& check) {
  if (client.auth) pipeline::CheckReference("authenticator", client.auth->authenticator, check);
}

void OtlpGrpcConfig::Validate(const config::Checker& check) const {
  if (client.SanitizedEndpoint().empty()) check.Error("requires a non-empty \"endpoint\"");
}

net::GrpcClientConfig OtlpGrpcConfig::DefaultClient() {
  net::GrpcClientConfig client;
  client.compression.name = "gzip";
  client.write_buffer_size = 512 * 1024;
  return client;
}

}  // namespace weir::exporters::otlp_grpc
