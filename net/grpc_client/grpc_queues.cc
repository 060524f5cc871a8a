#include "net/grpc_client/grpc_queues.h"

#include <atomic>
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

// One thread keeps up with some 100 000 calls a second; a second one would add a hand-over to
// each call.
constexpr int kSharedThreads = 1;

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
    pool = std::make_shared<GrpcQueuePool>(kSharedThreads);
    shared = pool;
  }
  return pool;
}

void GrpcQueuePool::Run() {
  MutexLock lock(state_->mutex);
  if (!state_->threads.empty()) return;
  for (const auto& queue : state_->queues) {
    state_->threads.emplace_back([&queue = *queue] { Poll(queue); });
  }
}

grpc::CompletionQueue& GrpcQueuePool::Next() {
  const size_t index = state_->next.fetch_add(1, std::memory_order_relaxed);
  return *state_->queues[index % state_->queues.size()];
}

}  // namespace weir::net
