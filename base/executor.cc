#include "base/executor.h"

#include <pthread.h>
#include <sched.h>

#include <deque>
#include <map>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "base/mutex.h"

namespace weir {
namespace {

// Lets the threads that give work go on when this one wakes for it on their processor. They have
// more to give, and it is done together, when they wait; an idle processor takes it at once. A
// policy that somebody chose for the program stays.
void DoNotPreempt() {
  const sched_param none{};
  if (sched_getscheduler(0) == SCHED_OTHER) sched_setscheduler(0, SCHED_BATCH, &none);
}

}  // namespace

struct ThreadPool::State {
  using Deadline = std::chrono::steady_clock::time_point;
  using TimerKey = std::pair<Deadline, TimerId>;

  void RunWorker() EXCLUDES(mutex);
  void RunTimers() EXCLUDES(mutex);

  Mutex mutex;
  CondVar work_ready;
  CondVar timer_changed;
  std::deque<Task> tasks GUARDED_BY(mutex);
  std::map<TimerKey, Task> timers GUARDED_BY(mutex);
  std::unordered_map<TimerId, Deadline> deadlines GUARDED_BY(mutex);
  TimerId next_timer GUARDED_BY(mutex) = 1;
  bool stopping GUARDED_BY(mutex) = false;
  std::vector<std::thread> threads;  // constant after construction
};

void ThreadPool::State::RunWorker() {
  DoNotPreempt();
  while (true) {
    Task task;
    {
      MutexLock lock(mutex);
      while (tasks.empty() && !stopping) work_ready.Wait(mutex);
      if (tasks.empty()) return;
      task = std::move(tasks.front());
      tasks.pop_front();
    }
    task();
  }
}

void ThreadPool::State::RunTimers() {
  MutexLock lock(mutex);
  while (!stopping) {
    if (timers.empty()) {
      timer_changed.Wait(mutex);
      continue;
    }
    const auto first = timers.begin();
    const auto [deadline, id] = first->first;
    if (std::chrono::steady_clock::now() < deadline) {
      timer_changed.WaitUntil(mutex, deadline);
      continue;
    }
    tasks.push_back(std::move(first->second));
    timers.erase(first);
    deadlines.erase(id);
    work_ready.NotifyOne();
  }
}

ThreadPool::ThreadPool(std::string name, int threads) : state_(std::make_shared<State>()) {
  CHECK(threads >= 1) << "a pool of " << threads << " threads";
  name.resize(std::min<size_t>(name.size(), 15));
  auto start = [&](void (State::*run)()) {
    state_->threads.emplace_back([state = state_.get(), run] { (state->*run)(); });
    pthread_setname_np(state_->threads.back().native_handle(), name.c_str());
  };
  for (int i = 0; i < threads; ++i) start(&State::RunWorker);
  start(&State::RunTimers);
}

ThreadPool::~ThreadPool() {
  std::map<State::TimerKey, Task> dropped;
  {
    MutexLock lock(state_->mutex);
    state_->stopping = true;
    dropped.swap(state_->timers);
    state_->deadlines.clear();
    state_->work_ready.NotifyAll();
    state_->timer_changed.NotifyAll();
  }
  for (std::thread& thread : state_->threads) thread.join();
}

void ThreadPool::Post(Task task) {
  // The task may be what ends this pool.
  const std::shared_ptr<State> state = state_;
  {
    MutexLock lock(state->mutex);
    state->tasks.push_back(std::move(task));
  }
  // Not under the lock, for which the thread that wakes would have to wait again at once.
  state->work_ready.NotifyOne();
}

Executor::TimerId ThreadPool::PostAfter(std::chrono::nanoseconds delay, Task task) {
  const auto deadline = std::chrono::steady_clock::now() +
                        std::chrono::duration_cast<std::chrono::steady_clock::duration>(delay);
  MutexLock lock(state_->mutex);
  const TimerId id = state_->next_timer++;
  const auto [position, inserted] =
      state_->timers.emplace(State::TimerKey{deadline, id}, std::move(task));
  state_->deadlines.emplace(id, deadline);
  if (position == state_->timers.begin()) state_->timer_changed.NotifyOne();
  return id;
}

bool ThreadPool::Cancel(TimerId timer) {
  Task dropped;  // destroyed outside the lock
  MutexLock lock(state_->mutex);
  const auto deadline = state_->deadlines.find(timer);
  if (deadline == state_->deadlines.end()) return false;
  const auto position = state_->timers.find({deadline->second, timer});
  dropped = std::move(position->second);
  state_->timers.erase(position);
  state_->deadlines.erase(deadline);
  return true;
}

}  // namespace weir
