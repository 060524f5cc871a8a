// Where work that must not run in a transport callback runs, and where waiting becomes a timer
// (DESIGN §2).
//
// Tasks may block on a disk or compute; they must not wait for another task. Timers fire on the
// same threads. A test uses ManualExecutor (tests/support/manual_executor.h), whose clock it moves
// by hand.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/unique_function.h"

namespace weir {

class Executor {
 public:
  using Task = UniqueFunction<void()>;
  // Names a pending timer; 0 is none.
  using TimerId = uint64_t;

  virtual ~Executor() = default;

  // Runs `task` soon on some thread of the pool. Never blocks and never runs it inside the call.
  virtual void Post(Task task) = 0;
  // Runs `task` not before `delay` has passed.
  virtual TimerId PostAfter(std::chrono::nanoseconds delay, Task task) = 0;
  // True when the timer had not fired and its task will never run (it is destroyed); false when it
  // runs or ran.
  virtual bool Cancel(TimerId timer) = 0;
  virtual const Clock& clock() const = 0;
};

// A fixed number of threads over one queue, and one thread for timers. The destructor runs every
// posted task, drops pending timers and joins.
class ThreadPool final : public Executor {
 public:
  // `threads` at least 1; `name` shows in thread lists (15 characters at most count).
  ThreadPool(std::string name, int threads);
  ~ThreadPool() override;

  void Post(Task task) override;
  TimerId PostAfter(std::chrono::nanoseconds delay, Task task) override;
  bool Cancel(TimerId timer) override;
  const Clock& clock() const override { return Clock::Real(); }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace weir
