// The program's own metrics, exposed on :8888 with the Collector's names (reference:
// docs/reference/metrics.md).
//
// A component asks a MetricScope for its instruments when it is created and keeps the references;
// the scope removes them when it goes, so a reload leaves no dead series. Adding to an instrument
// is one atomic operation. The one door to prometheus-cpp is app/telemetry/metric_page.cc.
//
//   Names are the Collector's without unit or type suffix ("otelcol_exporter_sent_spans"); whether
//   suffixes are shown is the reader's choice. An instrument of a level above the configured one is
//   a working, invisible one.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

enum class MetricLevel : uint8_t { kNone, kBasic, kNormal, kDetailed };

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

struct MetricDefinition {
  std::string name;         // "otelcol_receiver_accepted_spans"
  std::string description;  // the HELP text
  std::string unit;         // UCUM: "{span}", "By", "s"; "" for none
  MetricLevel level = MetricLevel::kBasic;
};

class Counter {
 public:
  void Add(uint64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class Gauge {
 public:
  void Set(int64_t v) { value_.store(v, std::memory_order_relaxed); }
  void Add(int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// Fixed upper bounds; counts per bucket, sum and count.
class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);
  void Observe(double value);
  const std::vector<double>& bounds() const { return bounds_; }
  uint64_t bucket(size_t index) const { return buckets_[index].load(std::memory_order_relaxed); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<uint64_t>[]> buckets_;  // bounds_.size() + 1, the last is +Inf
  std::atomic<double> sum_{0};
};

class MetricStore;

// The instruments of one owner. Asking twice for the same name and labels gives the same
// instrument. Not thread-safe itself (created and used at component creation); the instruments are.
// Move-only; the instruments die with it.
class MetricScope {
 public:
  MetricScope();  // of no store: instruments work and are shown nowhere (tests)
  explicit MetricScope(MetricStore& store);
  MetricScope(MetricScope&&) noexcept;
  MetricScope& operator=(MetricScope&&) noexcept;
  ~MetricScope();

  Counter& AddCounter(const MetricDefinition& definition, MetricLabels labels);
  Gauge& AddGauge(const MetricDefinition& definition, MetricLabels labels);
  Histogram& AddHistogram(const MetricDefinition& definition, std::vector<double> bounds,
                          MetricLabels labels);
  // A gauge or counter read when scraped. `read` may be called from any thread until the scope is
  // destroyed.
  void AddObservedGauge(const MetricDefinition& definition, MetricLabels labels,
                        std::function<double()> read);
  void AddObservedCounter(const MetricDefinition& definition, MetricLabels labels,
                          std::function<double()> read);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace weir
