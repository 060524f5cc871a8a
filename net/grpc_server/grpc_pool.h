// The threads of a gRPC server: each polls one completion queue, where gRPC reports finished
// operations.
//
//   socket ── gRPC ──► completion queue ── Next() ──► GrpcTag::OnDone, on the queue's thread
//
// gRPC does its own reading and writing inside Next(), so these threads also are its I/O threads:
// nothing may block in OnDone. An operation may be started on a queue only while it is open, which
// OpGate proves:
//
//   if (OpGate::Pass pass(queue.gate); pass) { ...start the operation... }
#pragma once

#include <grpcpp/completion_queue.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace weir::net {

// One operation in flight: what a completion queue gives back.
class GrpcTag {
 public:
  virtual ~GrpcTag() = default;
  // `ok` as gRPC says it: false for an operation that did not happen.
  virtual void OnDone(bool ok) = 0;
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
  struct Queue {
    std::unique_ptr<grpc::ServerCompletionQueue> queue;
    OpGate gate;
    std::thread thread;
  };

  // `name` shows in thread lists, with the queue's number behind it.
  GrpcPool(std::string name, std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues);
  ~GrpcPool();  // CHECKs that it was stopped

  void Run();
  // Closes the gates, lets what is in flight come back, joins. Once; not from a thread of the pool.
  void Stop();

  size_t size() const { return queues_.size(); }
  Queue& queue(size_t index) { return *queues_[index]; }

 private:
  const std::string name_;
  std::vector<std::unique_ptr<Queue>> queues_;
  bool stopped_ = false;
};

}  // namespace weir::net
