#include "net/io_pool.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/control_group.h"
#include "base/mutex.h"

namespace weir::net {

struct IoPool::State {
  struct Loop {
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        context.get_executor()};
    std::thread thread;
  };
  std::vector<std::unique_ptr<Loop>> loops;
  std::atomic<size_t> next{0};
  std::once_flag started;
};

IoPool::IoPool(int threads) : state_(std::make_unique<State>()) {
  CHECK(threads >= 1) << "a pool needs a thread, not " << threads;
  for (int i = 0; i < threads; ++i) {
    state_->loops.emplace_back(std::make_unique<State::Loop>());
  }
}

void IoPool::Run() {
  std::call_once(state_->started, [this] {
    for (size_t i = 0; i < state_->loops.size(); ++i) {
      State::Loop& loop = *state_->loops[i];
      loop.thread = std::thread([&loop, i] {
        pthread_setname_np(pthread_self(), ("weir-http-" + std::to_string(i)).c_str());
        loop.context.run();
      });
    }
  });
}

IoPool::~IoPool() {
  bool own_thread = false;
  for (auto& loop : state_->loops) {
    loop->work.reset();
    loop->context.stop();
    own_thread = own_thread || loop->thread.get_id() == std::this_thread::get_id();
  }
  const auto join = [](State& state) {
    for (auto& loop : state.loops) {
      if (loop->thread.joinable()) loop->thread.join();
    }
  };
  // The last user may go inside a callback; a thread cannot wait for itself.
  if (own_thread) {
    std::thread([join, state = std::shared_ptr<State>(std::move(state_))] {
      join(*state);
    }).detach();
  } else {
    join(*state_);
  }
}

std::shared_ptr<IoPool> IoPool::Shared() {
  static Mutex mutex;
  static std::weak_ptr<IoPool> shared;
  MutexLock lock(mutex);
  std::shared_ptr<IoPool> pool = shared.lock();
  if (pool == nullptr) {
    pool = std::make_shared<IoPool>(std::min(UsableProcessors(), 16));
    shared = pool;
  }
  return pool;
}

boost::asio::io_context& IoPool::Next() {
  return loop(state_->next.fetch_add(1, std::memory_order_relaxed) % size());
}

size_t IoPool::size() const { return state_->loops.size(); }

boost::asio::io_context& IoPool::loop(size_t index) { return state_->loops[index]->context; }

}  // namespace weir::net
