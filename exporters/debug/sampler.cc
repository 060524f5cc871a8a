#include "exporters/debug/sampler.h"

#include <functional>

namespace weir::exporters::debug {

bool Sampler::Passes(std::string_view text, Clock::Steady now) {
  if (thereafter_ == 1) return true;  // nothing is ever held back
  MutexLock lock(mutex_);
  if (!slots_) slots_ = std::make_unique<std::array<Slot, kSlots>>();
  Slot& slot = (*slots_)[std::hash<std::string_view>()(text) % kSlots];
  if (now >= slot.until) slot = {now + std::chrono::seconds(1), 0};
  const auto count = static_cast<int64_t>(++slot.count);
  if (count <= initial_) return true;
  return thereafter_ > 0 && (count - initial_) % thereafter_ == 0;
}

}  // namespace weir::exporters::debug
