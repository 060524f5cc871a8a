// An executor whose clock a test moves by hand. Tasks run in RunPosted and Advance, on the test's
// thread, in the order in which they are due.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <utility>

#include "base/clock.h"
#include "base/executor.h"
#include "base/mutex.h"

namespace weir::tests {

class ManualExecutor final : public Executor, private Clock {
 public:
  void Post(Task task) override {
    MutexLock lock(mutex_);
    posted_.push_back(std::move(task));
  }
  TimerId PostAfter(std::chrono::nanoseconds delay, Task task) override {
    MutexLock lock(mutex_);
    const TimerId id = ++last_timer_;
    timers_.emplace(std::pair(now_ + delay, id), std::move(task));
    return id;
  }
  bool Cancel(TimerId timer) override {
    MutexLock lock(mutex_);
    for (auto it = timers_.begin(); it != timers_.end(); ++it) {
      if (it->first.second != timer) continue;
      timers_.erase(it);
      return true;
    }
    return false;
  }
  const Clock& clock() const override { return *this; }

  // Runs everything posted, and what that posts.
  void RunPosted() {
    while (true) {
      Task task;
      {
        MutexLock lock(mutex_);
        if (posted_.empty()) return;
        task = std::move(posted_.front());
        posted_.pop_front();
      }
      task();
    }
  }
  // Moves the clock on; timers fire in order, each at its own time.
  void Advance(std::chrono::nanoseconds by) {
    RunPosted();
    const Steady goal = Now() + by;
    while (true) {
      Task task;
      {
        MutexLock lock(mutex_);
        if (timers_.empty() || timers_.begin()->first.first > goal) {
          now_ = goal;
          break;
        }
        now_ = std::max(now_, timers_.begin()->first.first);
        task = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
      }
      task();
      RunPosted();
    }
    RunPosted();
  }
  size_t pending_timers() const {
    MutexLock lock(mutex_);
    return timers_.size();
  }

 private:
  Steady Now() const override {
    MutexLock lock(mutex_);
    return now_;
  }
  Wall WallNow() const override {
    return Wall(std::chrono::seconds(1'700'000'000)) +
           std::chrono::duration_cast<Wall::duration>(Now() - Steady());
  }

  mutable Mutex mutex_;
  std::deque<Task> posted_ GUARDED_BY(mutex_);
  std::map<std::pair<Steady, TimerId>, Task> timers_ GUARDED_BY(mutex_);
  Steady now_ GUARDED_BY(mutex_){};
  TimerId last_timer_ GUARDED_BY(mutex_) = 0;
};

}  // namespace weir::tests
