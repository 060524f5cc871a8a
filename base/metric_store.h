// Every instrument of the program, for whoever shows them: the Prometheus page on :8888
// (app/telemetry renders it) and the ledger. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "base/mutex.h"

namespace weir {

class MetricStore {
 public:
  explicit MetricStore(MetricLevel level = MetricLevel::kNormal) : level_(level) {}

  enum class Type : uint8_t { kCounter, kGauge, kHistogram };
  struct HistogramSample {
    std::vector<double> bounds;
    std::vector<uint64_t> buckets;  // not cumulative; one more than bounds
    double sum = 0;
  };
  struct Sample {
    MetricLabels labels;
    double value = 0;
    HistogramSample histogram;
  };
  struct Family {
    MetricDefinition definition;
    Type type = Type::kCounter;
    std::vector<Sample> samples;
  };

  // A snapshot of all instruments at or below the level, families by name. Instruments with the
  // same name and labels in several scopes (a component kept over a reload and its successor) are
  // added up.
  std::vector<Family> Collect() const;
  // The sum over all series `name` whose labels contain `labels`; 0 when there is none. For tests
  // and the ledger.
  double Sum(const std::string& name, const MetricLabels& labels = {}) const;

  // The counters `name` whatever their level, one sample per set of labels, each with what scopes
  // that are gone had counted: a reload loses nothing here, as the ledger needs it. Counters that
  // are read when asked (AddObservedCounter) are left out.
  std::vector<Sample> LifetimeCounters(const std::string& name) const;

  MetricLevel level() const { return level_; }

 private:
  friend class MetricScope;
  struct Series {
    MetricDefinition definition;
    Type type;
    MetricLabels labels;
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<Histogram> histogram;
    std::function<double()> read;
  };
  void Attach(Series* series);
  void Detach(const std::vector<std::unique_ptr<Series>>& series);

  const MetricLevel level_;
  mutable Mutex mutex_;
  std::vector<Series*> series_ GUARDED_BY(mutex_);
  std::map<std::pair<std::string, MetricLabels>, uint64_t> removed_counts_ GUARDED_BY(mutex_);
};

}  // namespace weir
