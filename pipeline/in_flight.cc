#include "pipeline/in_flight.h"

namespace weir::pipeline {

// The lock is held over the notification: the waiter returns, and may destroy this, only after it
// has been given up.
void InFlight::NoteEmpty() {
  MutexLock lock(mutex_);
  empty_noted_ = true;
  emptied_.NotifyAll();
}

void InFlight::StopAndWait() {
  MutexLock lock(mutex_);
  if (waited_) return;
  waited_ = true;
  // Inside itself while it sets the bit, so that there is exactly one last to leave after it.
  Enter();
  state_.fetch_or(kRefusing | kWaiting, std::memory_order_acq_rel);
  if (state_.fetch_sub(1, std::memory_order_acq_rel) == (kRefusing | kWaiting | 1)) return;
  while (!empty_noted_) emptied_.Wait(mutex_);
}

}  // namespace weir::pipeline
