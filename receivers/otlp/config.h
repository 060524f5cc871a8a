// Options of the otlp receiver: `protocols`, with `grpc` and `http`; at least one of them.
#pragma once

#include <string_view>

#include "base/config/fields.h"
#include "net/grpc_server/grpc_server_config.h"
#include "receivers/otlp/http_config.h"

namespace weir::receivers::otlp {

struct ProtocolsConfig {
  static constexpr std::string_view kTypeName = "otlpreceiver.Protocols";
  config::Optional<net::GrpcServerConfig> grpc =
      config::Optional<net::GrpcServerConfig>::Off(DefaultGrpc());
  config::Optional<HttpConfig> http;
  void Fields(config::Fields& f);
  // Whether the servers' `auth.authenticator` read as ids, which net/ cannot know.
  void Decoded(const config::Value& written, const config::Checker& check);

 private:
  static net::GrpcServerConfig DefaultGrpc();
};

struct OtlpConfig {
  static constexpr std::string_view kTypeName = "otlpreceiver.Config";
  ProtocolsConfig protocols;
  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

}  // namespace weir::receivers::otlp
