// The threads of gRPC: each polls one completion queue, where gRPC reports finished operations.
//
//   socket ── gRPC ──► completion queue ── Next() ──► GrpcEvent::OnEvent, on the queue's thread
//
// Servers and clients of a process share one pool, so that a message that comes in and the call
// that goes out for it need no hand-over between threads. gRPC does its reading and writing inside
// Next(): these threads are its I/O threads too, and nothing may block in OnEvent.
//
// An operation may be started on a queue only while the queue is open. Who cannot know it asks:
//
//   if (OpGate::Pass pass(queue.gate); pass) { ...start the operation... }
#pragma once

#include <grpcpp/completion_queue.h>

#include <atomic>
#include <memory>
#include <vector>

namespace weir::net {

// What happens when an operation is over.
class GrpcEvent {
 public:
  // `ok` as gRPC's CompletionQueue::Next says it. May delete the event.
  virtual void OnEvent(bool ok) = 0;

  // For gRPC, as the operation's tag; the last thing that is asked before the operation begins.
  void* tag();
  // The event behind a tag that has come back.
  static GrpcEvent& Of(void* tag);

 protected:
  ~GrpcEvent() = default;
};

// Lets operations begin until it is closed, and then waits for those that are just beginning.
class OpGate {
 public:
  class Pass {
   public:
    explicit Pass(OpGate& gate) : gate_(gate) {
      // Sequentially consistent with Close: one of the two sees the other.
      gate_.passing_.fetch_add(1);
      open_ = !gate_.closed_.load();
    }
    ~Pass() { gate_.passing_.fetch_sub(1); }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    explicit operator bool() const { return open_; }

   private:
    OpGate& gate_;
    bool open_;
  };

  // Afterwards no pass is granted and none is held. Waits for as long as starting an operation
  // takes; not from within a pass.
  void Close();

 private:
  std::atomic<bool> closed_{false};
  std::atomic<int> passing_{0};
};

class GrpcPool {
 public:
  // Serves both sides: a server that registered it, and calls of clients.
  class Queue final : public grpc::ServerCompletionQueue {
   public:
    OpGate gate;
  };

  explicit GrpcPool(int threads);
  // Closes the gates, lets what is in flight come back, joins. Not from a thread of the pool.
  ~GrpcPool();
  GrpcPool(const GrpcPool&) = delete;
  GrpcPool& operator=(const GrpcPool&) = delete;

  // The process's pool, made for its first user and gone with its last: a thread for every two
  // cores, at least one.
  static std::shared_ptr<GrpcPool> Shared();

  // Starts polling; more than once is once. Creating a pool (`weir validate`) starts nothing.
  void Run();

  // Valid as long as its holder, closed when the pool is gone.
  const std::vector<std::shared_ptr<Queue>>& queues() const;
  // A queue for new operations, in turn.
  Queue& Next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::net
