// A gRPC client for messages that are bytes already: one destination, unary calls, no waiting
// threads.
//
// A message is a gather list of slices that gRPC sends without a copy. With compression each
// message is made a gzip stream here (net/compression), which gRPC only puts on the wire; a caller
// that has the gzip form already hands it over. One connection per client and address, made at
// Start and again within a second after it was lost. TLS, keepalive and balancing as configured.
// Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_budget.h"
#include "base/log.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/unique_function.h"
#include "net/grpc_client/grpc_client_config.h"
#include "net/grpc_pool/grpc_pool.h"

namespace weir::net {

using GrpcMetadata = std::vector<std::pair<std::string, std::string>>;  // names in any case

struct GrpcRequest {
  std::string method;  // "/package.Service/Method"
  // Of this call; wins over the configured `headers`. Values of names that end in "-bin" are bytes.
  GrpcMetadata metadata;
  std::vector<Slice> body;  // the message, one part behind the other
  bool gzip = false;        // `body` is a gzip stream; only when GrpcClient::sends_gzip()
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

class GrpcClient {
 public:
  // `user_agent` stands before gRPC's own (`Weir/1.2.3 (linux/amd64)`) unless the configuration
  // has one. Compressed messages are charged to `budget`, which may be null. `queues` null: the
  // process's, from Start on. `auth` and `middlewares` of the configuration are the caller's
  // matter. Opens nothing and starts nothing, gRPC itself included.
  GrpcClient(GrpcClientConfig config, std::string user_agent, Logger logger, ByteBudget* budget,
             std::shared_ptr<GrpcPool> pool = nullptr);
  ~GrpcClient();
  GrpcClient(const GrpcClient&) = delete;
  GrpcClient& operator=(const GrpcClient&) = delete;

  // Loads TLS and begins to connect, without waiting for it. Fails with the Collector's words.
  Status Start();

  bool sends_gzip() const;
  bool secure() const;  // the connection is encrypted

  // Calls `done` exactly once, with the answer's message: on a thread of the queues, or inside the
  // call when nothing can be sent. A failure is what the server said, or a transport's, with Go's
  // words where there are some (`connection error: desc = "transport: Error while dialing: dial
  // tcp 127.0.0.1:4317: connect: connection refused"`, `context deadline exceeded`). It has a
  // wire_status, and the delay of a RetryInfo. An answer above 4 MiB is kResourceExhausted.
  using Done = UniqueFunction<void(Result<Slice>)>;
  void Call(GrpcRequest request, Done done);

  // Cancels the calls in flight (kCancelled), waits until every `done` has returned, and closes
  // the connection. Not from within a `done`. Twice is once.
  void Shutdown();

 private:
  struct State;
  class PendingCall;
  std::unique_ptr<State> state_;
};

}  // namespace weir::net
