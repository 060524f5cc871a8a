// A gRPC server for unary calls whose messages are raw bytes: telemetry in bulk, no stubs.
//
//   connection ─► headers ─► Admit ─► [room from the budget] ─► message ─► OnRequest ─► Responder
//                              │           │ waits a little        │ flattened into one block,
//                              │           └─► UNAVAILABLE,        │ decompressed, charged
//                              └─► status    RetryInfo             └─► limits
//
// gRPC tells a message's length only when it has read it, so room for as much as this client sent
// lately (at least 256 KiB) is reserved before the message is asked for; until then the client's
// stream window bounds what is buffered. gRPC does not inflate: compressed bytes arrive as they are
// (`grpc.per_message_decompression` = 0) and are inflated here, faster and inside the limits. gRPC
// hides the names of encodings it does not know, so a message whose compressed flag is set is told
// by its first bytes: gzip, zstd, framed snappy.
//
// Sockets come from ListenerPool and are handed to gRPC connection by connection, so that a reload
// refuses nobody.
//
// Limits: message by max_recv_msg_size_mib, compressed and decompressed (kResourceExhausted);
// headers 64 KiB; 64 calls waiting for memory; gRPC's own buffers max(64 MiB, 8 messages).
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
#include "net/compression/compression.h"
#include "net/grpc_pool/grpc_pool.h"
#include "net/grpc_server/grpc_server_config.h"

namespace weir::net {

class GrpcCall;

// What is known of a call before its message. Valid during Admit and OnRequest only.
class GrpcHead {
 public:
  explicit GrpcHead(const GrpcCall& call) : call_(call) {}

  // "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
  std::string_view method() const;
  // "127.0.0.1:51234"; empty for unix sockets.
  std::string_view peer() const;
  // The client's; steady_clock::time_point::max() when it set none.
  std::chrono::steady_clock::time_point deadline() const;
  // Names in lower case, in the order of names, with `host` for `:authority`. Made on each call.
  std::vector<std::pair<std::string, std::string>> Metadata() const;

 private:
  const GrpcCall& call_;
};

struct GrpcServerRequest {
  const GrpcHead* head = nullptr;
  Slice body;  // decompressed
  Encoding encoding = Encoding::kNone;
  Slice compressed;  // as it arrived, when `encoding` is not kNone
  // What the handler's Admit left behind (who the client is, say).
  std::shared_ptr<void> attachment;
};

// Answers one call, exactly once, from any thread. Move-only; dropped without an answer the client
// gets kInternal.
class GrpcResponder {
 public:
  GrpcResponder() = default;
  explicit GrpcResponder(std::shared_ptr<GrpcCall> call) : call_(std::move(call)) {}
  GrpcResponder(GrpcResponder&&) noexcept = default;
  GrpcResponder& operator=(GrpcResponder&& other) noexcept;
  ~GrpcResponder();

  // The reply's message.
  void Succeed(Slice reply);
  // Code, text and, for a delay or a remote's details, google.rpc.Status in the trailers.
  void Fail(const Status& status);
  explicit operator bool() const { return call_ != nullptr; }

 private:
  std::shared_ptr<GrpcCall> call_;
};

// What a server serves. Called on the server's threads, many at once; must not block.
class GrpcHandler {
 public:
  virtual ~GrpcHandler() = default;
  // Before the message is read: does the method exist, who is it, is there room. A failure ends the
  // call. `attachment` travels to OnRequest.
  virtual Status Admit(const GrpcHead& head, std::shared_ptr<void>& attachment) = 0;
  virtual void OnRequest(GrpcServerRequest request, GrpcResponder responder) = 0;
};

// kUnimplemented with the Collector's words: `unknown service a.b.C`, or `unknown method D for
// service a.b.C` when `is_service`.
Status UnknownMethod(std::string_view method, bool is_service);

class GrpcServer {
 public:
  // `handler` and `budget` outlive the server. Opens nothing. `pool` null: the process's.
  GrpcServer(GrpcServerConfig config, GrpcHandler& handler, ByteBudget& budget, Logger logger,
             std::shared_ptr<GrpcPool> pool = nullptr);
  ~GrpcServer();  // CHECKs that a started server was shut down

  // Loads TLS, listens and serves. Failure: the text of TLS or of the socket, nothing is open.
  Status Start();
  // Stops accepting, lets calls in flight finish for at most `grace`, cancels the rest and closes;
  // what a handler answers later is dropped. Twice is once. Not from a thread of the server.
  void Shutdown(std::chrono::milliseconds grace = std::chrono::seconds(30));

  // Of the socket; "127.0.0.1:43187". Valid after Start.
  const std::string& address() const;
  uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::net
