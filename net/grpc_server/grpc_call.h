// One call on its way through a server. Not for use outside this folder.
//
//   Expected ─► Admitting ─► (Waiting ─►) Reading ─► Handling ─► Finishing ─► gone
//
// At most one operation is in flight; while it is, the completion queue keeps the call alive, and
// while the handler works, its responder does. Events come on the queue's thread; only Handling is
// left from any thread, by the one who holds the responder.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/generic/async_generic_service.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "net/grpc_server/grpc_server_core.h"

namespace weir::net {

class GrpcCall final : public GrpcEvent, public std::enable_shared_from_this<GrpcCall> {
 public:
  // Waits for the next call on queue `index`.
  static void Expect(const std::shared_ptr<GrpcServerCore>& core, size_t index);

  GrpcCall(std::shared_ptr<GrpcServerCore> core, size_t index);
  void OnEvent(bool ok) override;

  // The answer, once, from any thread.
  void Succeed(const Slice& reply);
  void Fail(const Status& status);

  const grpc::GenericServerContext& context() const { return context_; }
  const std::string& peer() const { return peer_; }

 private:
  enum class Stage : uint8_t { kExpected, kWaiting, kReading, kHandling, kFinishing };

  // Starts an operation whose end brings the call to `next`; not once the queue is closed.
  template <typename Operation>
  void Begin(Stage next, Operation operation);
  void OnCall();
  void ReserveOrWait();
  void WaitForMemory();
  void Read(Charge room);
  void OnMessage(bool ok);
  // The message within the limits and its true size charged.
  Status TakeBody(GrpcServerRequest& request);
  Status Inflate(GrpcServerRequest& request) const;

  const std::shared_ptr<GrpcServerCore> core_;
  const size_t index_;  // of its queue
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  Stage stage_ = Stage::kExpected;
  std::optional<Entering> entering_;  // stands before room_, so that a charge goes first
  std::shared_ptr<GrpcCall> self_;    // while an operation is in flight
  std::string peer_;
  std::shared_ptr<void> attachment_;
  grpc::ByteBuffer message_;
  Charge room_;  // for the message that is being read
  std::unique_ptr<grpc::Alarm> alarm_;
  std::chrono::steady_clock::time_point give_up_at_;
};

}  // namespace weir::net
