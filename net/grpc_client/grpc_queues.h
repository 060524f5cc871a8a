// Threads that wait for gRPC: completion queues and whoever polls them.
//
// gRPC reports the end of an operation by handing its tag back through a completion queue. Every
// tag of these queues is a GrpcEvent, so that clients and servers can share one set of threads: a
// message that comes in and the call that goes out for it then need no hand-over between threads.
#pragma once

#include <grpcpp/completion_queue.h>

#include <memory>

namespace weir::net {

// A tag: what happens when an operation is over. `ok` as gRPC's CompletionQueue::Next says it.
class GrpcEvent {
 public:
  // On a polling thread; must not block. May delete the event.
  virtual void OnEvent(bool ok) = 0;

 protected:
  ~GrpcEvent() = default;
};

class GrpcQueues {
 public:
  virtual ~GrpcQueues() = default;
  // Starts polling; more than once is once. Creating a client (`weir validate`) starts nothing.
  virtual void Run() = 0;
  // A queue for new operations, in turn. Valid as long as this object.
  virtual grpc::CompletionQueue& Next() = 0;
};

// Queues with a thread each.
class GrpcQueuePool final : public GrpcQueues {
 public:
  explicit GrpcQueuePool(int threads);
  // Shuts the queues down and joins; no operation may be pending.
  ~GrpcQueuePool() override;

  // The process's pool, made for its first user and gone with its last.
  static std::shared_ptr<GrpcQueuePool> Shared();

  void Run() override;
  grpc::CompletionQueue& Next() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::net
