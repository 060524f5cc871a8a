#include "app/telemetry/log_sampler.h"

#include <algorithm>

namespace weir::app {
namespace {

constexpr size_t kSlotsPerLevel = 4096;
constexpr size_t kLevels = 4;

// FNV-1a.
uint32_t Hash(std::string_view text) {
  uint32_t hash = 2166136261u;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
  return hash;
}

}  // namespace

LogSampler::LogSampler(std::chrono::nanoseconds tick, int initial, int thereafter)
    : tick_ns_(tick.count()),
      initial_(static_cast<uint64_t>(std::max(initial, 0))),
      thereafter_(static_cast<uint64_t>(std::max(thereafter, 0))),
      slots_(std::make_unique<Slot[]>(kSlotsPerLevel * kLevels)) {}

uint64_t LogSampler::Count(Slot& slot, Time now) const {
  const int64_t now_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
  int64_t reset_at = slot.reset_at.load(std::memory_order_relaxed);
  if (reset_at > now_ns) return slot.count.fetch_add(1, std::memory_order_relaxed) + 1;
  // Only the thread that moves the tick's end starts the count again.
  if (!slot.reset_at.compare_exchange_strong(reset_at, now_ns + tick_ns_,
                                             std::memory_order_relaxed)) {
    return slot.count.fetch_add(1, std::memory_order_relaxed) + 1;
  }
  slot.count.store(1, std::memory_order_relaxed);
  return 1;
}

bool LogSampler::Admit(weir::LogLevel level, std::string_view message, Time now) {
  const size_t index = static_cast<size_t>(level) * kSlotsPerLevel + Hash(message) % kSlotsPerLevel;
  const uint64_t count = Count(slots_[index], now);
  if (count <= initial_) return true;
  return thereafter_ != 0 && (count - initial_) % thereafter_ == 0;
}

}  // namespace weir::app
