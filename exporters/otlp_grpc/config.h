// Options of the otlp_grpc exporter: those of a gRPC client, and what every exporter has.
#pragma once

#include <string_view>

#include "base/config/fields.h"
#include "net/grpc_client/grpc_client_config.h"
#include "pipeline/exporter_config.h"

namespace weir::exporters::otlp_grpc {

struct OtlpGrpcConfig {
  static constexpr std::string_view kTypeName = "otlpexporter.Config";

  pipeline::TimeoutConfig timeout;
  config::Optional<pipeline::QueueConfig> queue = config::Optional<pipeline::QueueConfig>::On();
  pipeline::RetryConfig retry;
  net::GrpcClientConfig client = DefaultClient();

  void Fields(config::Fields& f);
  // Whether `auth.authenticator` reads as an id, which net/ cannot know.
  void Decoded(const config::Value& written, const config::Checker& check);
  void Validate(const config::Checker& check) const;

 private:
  static net::GrpcClientConfig DefaultClient();
};

}  // namespace weir::exporters::otlp_grpc
