#include "net/grpc_server/grpc_pool.h"

#include <pthread.h>

#include <utility>

#include "base/check.h"

namespace weir::net {

void OpGate::Close() {
  closed_.store(true);
  while (passing_.load() > 0) std::this_thread::yield();
}

GrpcPool::GrpcPool(std::string name,
                   std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues)
    : name_(std::move(name)) {
  CHECK(!queues.empty()) << "a pool needs a queue";
  for (auto& queue : queues) {
    queues_.push_back(std::make_unique<Queue>());
    queues_.back()->queue = std::move(queue);
  }
}

GrpcPool::~GrpcPool() { CHECK(stopped_) << "a gRPC pool goes without Stop"; }

void GrpcPool::Run() {
  for (size_t i = 0; i < queues_.size(); ++i) {
    Queue& queue = *queues_[i];
    queue.thread = std::thread([&queue, name = name_ + "-" + std::to_string(i)] {
      pthread_setname_np(pthread_self(), name.c_str());
      void* tag = nullptr;
      bool ok = false;
      while (queue.queue->Next(&tag, &ok)) static_cast<GrpcTag*>(tag)->OnDone(ok);
    });
  }
}

void GrpcPool::Stop() {
  if (std::exchange(stopped_, true)) return;
  for (auto& queue : queues_) {
    queue->gate.Close();
    queue->queue->Shutdown();
  }
  for (auto& queue : queues_) {
    if (queue->thread.joinable()) {
      queue->thread.join();
      continue;
    }
    // Never run: the queue still wants to be read to its end.
    void* tag = nullptr;
    bool ok = false;
    while (queue->queue->Next(&tag, &ok)) static_cast<GrpcTag*>(tag)->OnDone(ok);
  }
}

}  // namespace weir::net
