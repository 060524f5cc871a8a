// Thins out a log that repeats itself: service.telemetry.logs.sampling.
//
// Of each message and level, the first `initial` in a tick pass, then every `thereafter`-th (none
// when that is 0). Counted as zap does: per hash of the message in a table of fixed size, so memory
// is bounded and two messages that share a slot share a count. Thread-safe and lock-free; a line
// more or less may pass when two threads begin a tick together.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/log.h"

namespace weir::app {

class LogSampler {
 public:
  using Time = std::chrono::system_clock::time_point;

  // `initial` and `thereafter` below 0 count as 0.
  LogSampler(std::chrono::nanoseconds tick, int initial, int thereafter);

  // Whether this line is to be written; counts it.
  bool Admit(weir::LogLevel level, std::string_view message, Time now);

 private:
  struct Slot {
    std::atomic<int64_t> reset_at{0};  // ns since 1970: the end of the tick that is counted
    std::atomic<uint64_t> count{0};
  };
  uint64_t Count(Slot& slot, Time now) const;

  const int64_t tick_ns_;
  const uint64_t initial_;
  const uint64_t thereafter_;
  const std::unique_ptr<Slot[]> slots_;
};

}  // namespace weir::app
