// Decides when the next request is due: at a fixed rate, or at once (saturation).
//
// At a rate, requests that could not be sent because all slots were busy stay due for a while, so
// that a short pause of the server shows as latency; what is later than `kLateNanosMax` is given up
// and counted as unsent, so that a long one does not turn into a burst. After `requests_max`
// nothing is due any more.
#pragma once

#include <cstdint>

namespace weir::bench {

class Pacer {
 public:
  static constexpr int64_t kLateNanosMax = 200'000'000;

  // `requests_per_second` 0: no limit.
  Pacer(double requests_per_second, uint64_t requests_max, int64_t start_nanos)
      : interval_nanos_(requests_per_second > 0 ? 1e9 / requests_per_second : 0),
        next_nanos_(static_cast<double>(start_nanos)),
        requests_left_(requests_max) {}

  bool is_saturating() const { return interval_nanos_ == 0; }
  bool is_done() const { return requests_left_ == 0; }
  // When the next request is due; INT64_MAX when there is none.
  int64_t due_nanos(int64_t now_nanos) const {
    if (is_done()) return INT64_MAX;
    return is_saturating() ? now_nanos : static_cast<int64_t>(next_nanos_);
  }
  void Sent() {
    next_nanos_ += interval_nanos_;
    --requests_left_;
  }
  // Gives up what is too late; returns how many requests that were.
  uint64_t GiveUpLate(int64_t now_nanos) {
    uint64_t count = 0;
    while (!is_saturating() && next_nanos_ + double(kLateNanosMax) < double(now_nanos)) {
      next_nanos_ += interval_nanos_;
      ++count;
    }
    return count;
  }

 private:
  double interval_nanos_;
  double next_nanos_;
  uint64_t requests_left_;
};

}  // namespace weir::bench
