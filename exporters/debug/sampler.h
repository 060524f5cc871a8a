// Decides which of many lines with the same text are printed.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/mutex.h"

namespace weir::exporters::debug {

// Within a second that begins with the first line of a text, the first `initial` lines of that text
// pass, and of the others every `thereafter`-th (none when it is 0). Texts are told apart by a hash
// of 12 bits, as the Collector's logger does. Thread-safe.
class Sampler {
 public:
  Sampler(int initial, int thereafter) : initial_(initial), thereafter_(thereafter) {}

  bool Passes(std::string_view text, Clock::Steady now);

 private:
  static constexpr size_t kSlots = 4096;
  struct Slot {
    Clock::Steady until{};  // when the second is over
    uint64_t count = 0;
  };

  const int64_t initial_;
  const int64_t thereafter_;
  Mutex mutex_;
  std::unique_ptr<std::array<Slot, kSlots>> slots_ GUARDED_BY(mutex_);  // null until needed
};

}  // namespace weir::exporters::debug
