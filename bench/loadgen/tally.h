// What became of the requests of a run: counts by answer, latencies, and a timeline in steps of 100
// ms. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weir::bench {

// Nanoseconds of the monotonic clock.
int64_t NowNanos();

struct Answer {
  enum class Kind { kOk, kRefused, kError };
  Kind kind = Kind::kOk;
  std::string label;         // "14 with delay", "503", "timeout"; unused for kOk
  std::string message;       // the server's text, may be empty
  int64_t delay_nanos = -1;  // what the refusal asked for; -1: nothing
};

class Tally {
 public:
  // Times are counted from `start_nanos`.
  explicit Tally(int64_t start_nanos) : start_nanos_(start_nanos) {}

  // One request of `items` items was answered `latency_nanos` after it was due.
  void Count(int64_t now_nanos, uint64_t items, uint64_t bytes, int64_t latency_nanos,
             const Answer& answer);
  // A request that the rate asked for and the limit of requests in flight did not allow.
  void CountUnsent(uint64_t items) { unsent_items_ += items; }

  uint64_t ok_items() const { return ok_items_; }

  // The body of a JSON object (without braces): counts, answers, percentiles in ms, timeline.
  std::string Json(double seconds) const;

 private:
  // Sixteen buckets per power of two, from 1 µs: 6 % wide.
  static constexpr size_t kBuckets = 16 * 30;
  static size_t BucketOf(int64_t nanos);
  double PercentileMs(double fraction) const;

  struct Step {
    uint64_t ok = 0;
    uint64_t refused = 0;
  };

  int64_t start_nanos_;
  uint64_t ok_requests_ = 0;
  uint64_t ok_items_ = 0;
  uint64_t ok_bytes_ = 0;
  uint64_t refused_items_ = 0;
  uint64_t error_items_ = 0;
  uint64_t unsent_items_ = 0;
  std::map<std::string, uint64_t> answers_;
  std::map<std::string, uint64_t> messages_;
  std::array<uint64_t, kBuckets> latencies_{};
  std::vector<Step> timeline_;
};

// `text` with what JSON cannot hold as it is escaped, in quotes.
std::string JsonString(const std::string& text);

}  // namespace weir::bench
