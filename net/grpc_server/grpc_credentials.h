// Server credentials that read their certificates again.
//
// gRPC asks for the certificate at every handshake, so it is renewed as upstream: by the first
// handshake after reload_interval. gRPC's C++ classes have no such credentials; this is the C
// interface's certificate fetcher behind one of them.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <optional>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "net/grpc_pool/grpc_pool.h"
#include "net/tls_config.h"

namespace weir::net {

// `queues` are registered with the server that uses the credentials, before it starts: gRPC's C++
// builder takes only queues that it made itself, and this is where the server under it shows.
//
// Plain text when `tls` is off. kInvalidArgument with LoadTlsServer's words.
//
// gRPC 1.51 speaks TLS 1.2 and 1.3 with its own list of ciphers: settings beyond that are warned
// about, and one that asks for less than it would do (min_version 1.3) is refused.
Result<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const config::Optional<TlsServerConfig>& tls, const Logger& logger,
    std::vector<std::shared_ptr<GrpcPool::Queue>> queues);

}  // namespace weir::net
