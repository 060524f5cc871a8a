#include "net/grpc_pool/grpc_pool.h"

#include <absl/synchronization/mutex.h>
#include <pthread.h>
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#include <algorithm>
#include <string>
#include <thread>

#include "base/check.h"
#include "base/control_group.h"
#include "base/mutex.h"

namespace weir::net {

struct GrpcPool::State {
  std::vector<std::shared_ptr<Queue>> queues;  // constant after construction
  std::atomic<size_t> next{0};
  Mutex mutex;
  std::vector<std::thread> threads GUARDED_BY(mutex);
};

namespace {

// ThreadSanitizer cannot see into gRPC, so it is told what a completion queue does: everything that
// happened before a tag was given away happened before it came back.
#ifdef __SANITIZE_THREAD__
void NoteGivenAway(void* tag) { __tsan_release(tag); }
void NoteCameBack(void* tag) { __tsan_acquire(tag); }
#else
void NoteGivenAway(void*) {}
void NoteCameBack(void*) {}
#endif

void Poll(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) GrpcEvent::Of(tag).OnEvent(ok);
}

int ThreadsOfMachine() { return std::clamp(UsableProcessors() / 2, 1, 16); }

}  // namespace

void* GrpcEvent::tag() {
  NoteGivenAway(this);
  return this;
}

GrpcEvent& GrpcEvent::Of(void* tag) {
  NoteCameBack(tag);
  return *static_cast<GrpcEvent*>(tag);
}

void OpGate::Close() {
  closed_.store(true);
  while (passing_.load() > 0) std::this_thread::yield();
}

GrpcPool::GrpcPool(int threads) : state_(std::make_unique<State>()) {
  CHECK(threads > 0) << "a pool of " << threads << " threads";
  for (int i = 0; i < threads; ++i) state_->queues.push_back(std::make_shared<Queue>());
}

GrpcPool::~GrpcPool() {
  for (const auto& queue : state_->queues) {
    queue->gate.Close();
    queue->Shutdown();
  }
  std::vector<std::thread> threads;
  {
    MutexLock lock(state_->mutex);
    threads.swap(state_->threads);
  }
  for (std::thread& thread : threads) thread.join();
  // A queue that nobody polled must be read to its end all the same.
  if (threads.empty()) {
    for (const auto& queue : state_->queues) Poll(*queue);
  }
}

std::shared_ptr<GrpcPool> GrpcPool::Shared() {
  static Mutex mutex;
  static std::weak_ptr<GrpcPool> shared;
  MutexLock lock(mutex);
  std::shared_ptr<GrpcPool> pool = shared.lock();
  if (pool == nullptr) {
    pool = std::make_shared<GrpcPool>(ThreadsOfMachine());
    shared = pool;
  }
  return pool;
}

void GrpcPool::Run() {
  MutexLock lock(state_->mutex);
  if (!state_->threads.empty()) return;
  // Abseil as Debian builds it looks for deadlocks at every lock of gRPC's: a few percent of it
  // all.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  for (size_t i = 0; i < state_->queues.size(); ++i) {
    state_->threads.emplace_back([queue = state_->queues[i], i] {
      pthread_setname_np(pthread_self(), ("weir-grpc-" + std::to_string(i)).c_str());
      Poll(*queue);
    });
  }
}

const std::vector<std::shared_ptr<GrpcPool::Queue>>& GrpcPool::queues() const {
  return state_->queues;
}

GrpcPool::Queue& GrpcPool::Next() {
  const size_t index = state_->next.fetch_add(1, std::memory_order_relaxed);
  return *state_->queues[index % state_->queues.size()];
}

}  // namespace weir::net
