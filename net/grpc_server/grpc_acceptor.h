// Accepts connections on a socket of ours and hands them to a gRPC server.
//
// gRPC's own listeners cannot be handed from one server to the next; ours can (net/listener.h).
#pragma once

#include <grpcpp/server_builder.h>

#include <memory>

#include "base/log.h"
#include "net/io_pool.h"
#include "net/listener.h"

namespace weir::net {

class GrpcAcceptor {
 public:
  using Sink = std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor>;

  // Begins at once, on a loop of `pool`.
  GrpcAcceptor(Listener listener, Sink sink, std::shared_ptr<IoPool> pool, Logger logger);
  // Accepts no more and closes the listener. Not from an IoPool thread.
  ~GrpcAcceptor();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace weir::net
