// Time, injected so that tests can move it. Deadlines and timers use the steady clock, telemetry
// the wall clock.
#pragma once

#include <chrono>

namespace weir {

class Clock {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  using Wall = std::chrono::system_clock::time_point;

  virtual ~Clock() = default;
  virtual Steady Now() const = 0;
  virtual Wall WallNow() const = 0;

  // The machine's clocks.
  static const Clock& Real();
};

}  // namespace weir
