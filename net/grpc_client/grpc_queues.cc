#include "net/grpc_client/grpc_queues.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/mutex.h"

namespace weir::net {

struct GrpcQueuePool::State {
  std::vector<std::unique_ptr<grpc::CompletionQueue>> queues;  // constant after construction
  std::atomic<size_t> next{0};
  Mutex mutex;
  std::vector<std::thread> threads GUARDED_BY(mutex);
};

namespace {

// A second thread adds hand-overs between the two and buys nothing while one keeps up, which it
// does on a small machine: gRPC writes a message on its caller's thread, here its answer is read.
int SharedThreads() {
  const unsigned cores = std::thread::hardware_concurrency();
  return static_cast<int>(std::clamp(cores / 4, 1U, 8U));
}

void Poll(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) static_cast<GrpcEvent*>(tag)->OnEvent(ok);
}

}  // namespace

GrpcQueuePool::GrpcQueuePool(int threads) : state_(std::make_unique<State>()) {
  CHECK(threads > 0) << "a pool of " << threads << " threads";
  for (int i = 0; i < threads; ++i) {
    state_->queues.push_back(std::make_unique<grpc::CompletionQueue>());
  }
}

GrpcQueuePool::~GrpcQueuePool() {
  for (const auto& queue : state_->queues) queue->Shutdown();
  std::vector<std::thread> threads;
  {
    MutexLock lock(state_->mutex);
    threads.swap(state_->threads);
  }
  for (std::thread& thread : threads) thread.join();
  // A queue that nobody polled must be drained before it goes.
  if (threads.empty()) {
    for (const auto& queue : state_->queues) Poll(*queue);
  }
}

std::shared_ptr<GrpcQueuePool> GrpcQueuePool::Shared() {
  static Mutex mutex;
  static std::weak_ptr<GrpcQueuePool> shared;
  MutexLock lock(mutex);
  std::shared_ptr<GrpcQueuePool> pool = shared.lock();
  if (pool == nullptr) {
    pool = std::make_shared<GrpcQueuePool>(SharedThreads());
    shared = pool;
  }
  return pool;
}

void GrpcQueuePool::Run() {
  MutexLock lock(state_->mutex);
  if (!state_->threads.empty()) return;
  for (size_t i = 0; i < state_->queues.size(); ++i) {
    state_->threads.emplace_back([&queue = *state_->queues[i], i] {
      pthread_setname_np(pthread_self(), ("weir-grpc-out-" + std::to_string(i)).c_str());
      Poll(queue);
    });
  }
}

grpc::CompletionQueue& GrpcQueuePool::Next() {
  const size_t index = state_->next.fetch_add(1, std::memory_order_relaxed);
  return *state_->queues[index % state_->queues.size()];
}

}  // namespace weir::net
