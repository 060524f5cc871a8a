// gRPC channel credentials made of TLS configuration.
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <memory>
#include <string>

#include "base/log.h"
#include "base/status.h"
#include "net/grpc_client/grpc_client_config.h"

namespace weir::net {

// Plain text, or TLS as `config` asks for; reads the files. Fails with the Collector's words:
// `failed to load TLS config: ...`. Adds to `arguments` whose certificate the server must show.
// What gRPC cannot do (versions, cipher suites, curves) is warned about once.
Result<std::shared_ptr<grpc::ChannelCredentials>> MakeGrpcCredentials(
    const GrpcClientConfig& config, const GrpcTarget& target, const Logger& logger,
    grpc::ChannelArguments& arguments);

}  // namespace weir::net
