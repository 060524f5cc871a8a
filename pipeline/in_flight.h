// Counts what has entered a component and has not left, so that Shutdown can refuse newcomers and
// wait for the rest.
//
//   TryEnter ... Leave          TryEnter ... Leave
//   ─────────────────── StopAndWait ──────────────► returns when all have left
//
// Thread-safe; entering and leaving are one atomic operation each.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/mutex.h"

namespace weir::pipeline {

class InFlight {
 public:
  // False after Stop, and after StopAndWait has begun.
  [[nodiscard]] bool TryEnter() {
    // Relaxed: what the holder reads behind it was published before the component was started.
    uint64_t now = state_.load(std::memory_order_relaxed);
    do {
      if ((now & kRefusing) != 0) return false;
    } while (!state_.compare_exchange_weak(now, now + 1, std::memory_order_relaxed));
    return true;
  }
  // Enters always; the caller knows that someone else is inside or that waiting has not begun.
  void Enter() { state_.fetch_add(1, std::memory_order_relaxed); }
  // The last thing its holder does: the component may be gone when this returns. Release, and
  // acquire for the last one, so that everything done inside happens before StopAndWait returns.
  void Leave() {
    if (state_.fetch_sub(1, std::memory_order_acq_rel) == (kWaiting | kRefusing | 1)) {
      NoteEmpty();
    }
  }
  // Refuses newcomers and blocks until everybody has left. May be called twice, by one thread at a
  // time.
  void StopAndWait() EXCLUDES(mutex_);
  // Refuses newcomers from now on.
  void Stop() { state_.fetch_or(kRefusing, std::memory_order_acq_rel); }

  uint64_t count() const {
    return state_.load(std::memory_order_relaxed) & ~(kRefusing | kWaiting);
  }

 private:
  static constexpr uint64_t kRefusing = uint64_t{1} << 63;  // nobody may enter
  static constexpr uint64_t kWaiting = uint64_t{1} << 62;   // the last to leave says so
  void NoteEmpty() EXCLUDES(mutex_);

  std::atomic<uint64_t> state_{0};  // the two bits, and how many are inside
  Mutex mutex_;
  CondVar emptied_;
  bool waited_ GUARDED_BY(mutex_) = false;
  bool empty_noted_ GUARDED_BY(mutex_) = false;
};

}  // namespace weir::pipeline
