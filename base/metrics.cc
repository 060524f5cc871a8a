#include "base/metrics.h"

#include <algorithm>

#include "base/check.h"
#include "base/metric_store.h"

namespace weir {

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)),
      buckets_(std::make_unique<std::atomic<uint64_t>[]>(bounds_.size() + 1)) {
  CHECK(std::is_sorted(bounds_.begin(), bounds_.end())) << "histogram bounds must grow";
}

void Histogram::Observe(double value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  buckets_[static_cast<size_t>(bound - bounds_.begin())].fetch_add(1, std::memory_order_relaxed);
  double sum = sum_.load(std::memory_order_relaxed);
  while (!sum_.compare_exchange_weak(sum, sum + value, std::memory_order_relaxed)) {
  }
}

struct MetricScope::Rep {
  MetricStore* store = nullptr;
  std::vector<std::unique_ptr<MetricStore::Series>> series;

  ~Rep() {
    if (store) store->Detach(series);
  }
  MetricStore::Series* Find(const std::string& name, const MetricLabels& labels) {
    for (const auto& one : series) {
      if (one->definition.name == name && one->labels == labels) return one.get();
    }
    return nullptr;
  }
  // The series of that name and labels; `fill` makes the instrument of a new one.
  template <typename Fill>
  MetricStore::Series& FindOrAdd(const MetricDefinition& definition, MetricStore::Type type,
                                 MetricLabels labels, Fill fill) {
    if (MetricStore::Series* found = Find(definition.name, labels)) return *found;
    auto one = std::make_unique<MetricStore::Series>();
    one->definition = definition;
    one->type = type;
    one->labels = std::move(labels);
    fill(*one);
    series.push_back(std::move(one));
    if (store) store->Attach(series.back().get());
    return *series.back();
  }
};

MetricScope::MetricScope() : rep_(std::make_unique<Rep>()) {}
MetricScope::MetricScope(MetricStore& store) : rep_(std::make_unique<Rep>()) {
  rep_->store = &store;
}
MetricScope::MetricScope(MetricScope&&) noexcept = default;
MetricScope& MetricScope::operator=(MetricScope&&) noexcept = default;
MetricScope::~MetricScope() = default;

Counter& MetricScope::AddCounter(const MetricDefinition& definition, MetricLabels labels) {
  auto fill = [](MetricStore::Series& series) { series.counter = std::make_unique<Counter>(); };
  return *rep_->FindOrAdd(definition, MetricStore::Type::kCounter, std::move(labels), fill).counter;
}

Gauge& MetricScope::AddGauge(const MetricDefinition& definition, MetricLabels labels) {
  auto fill = [](MetricStore::Series& series) { series.gauge = std::make_unique<Gauge>(); };
  return *rep_->FindOrAdd(definition, MetricStore::Type::kGauge, std::move(labels), fill).gauge;
}

Histogram& MetricScope::AddHistogram(const MetricDefinition& definition, std::vector<double> bounds,
                                     MetricLabels labels) {
  auto fill = [&](MetricStore::Series& series) {
    series.histogram = std::make_unique<Histogram>(std::move(bounds));
  };
  return *rep_->FindOrAdd(definition, MetricStore::Type::kHistogram, std::move(labels), fill)
              .histogram;
}

void MetricScope::AddObservedGauge(const MetricDefinition& definition, MetricLabels labels,
                                   std::function<double()> read) {
  auto fill = [&](MetricStore::Series& series) { series.read = std::move(read); };
  rep_->FindOrAdd(definition, MetricStore::Type::kGauge, std::move(labels), fill);
}

void MetricScope::AddObservedCounter(const MetricDefinition& definition, MetricLabels labels,
                                     std::function<double()> read) {
  auto fill = [&](MetricStore::Series& series) { series.read = std::move(read); };
  rep_->FindOrAdd(definition, MetricStore::Type::kCounter, std::move(labels), fill);
}

void MetricStore::Attach(Series* series) {
  MutexLock lock(mutex_);
  series_.push_back(series);
}

void MetricStore::Detach(const std::vector<std::unique_ptr<Series>>& series) {
  MutexLock lock(mutex_);
  for (const auto& one : series) {
    std::erase(series_, one.get());
    if (one->counter && one->counter->value() > 0)
      removed_counts_[{one->definition.name, one->labels}] += one->counter->value();
  }
}

std::vector<MetricStore::Sample> MetricStore::LifetimeCounters(const std::string& name) const {
  std::map<MetricLabels, uint64_t> counts;
  MutexLock lock(mutex_);
  for (const auto& [key, count] : removed_counts_) {
    if (key.first == name) counts[key.second] += count;
  }
  for (const Series* series : series_) {
    if (series->definition.name == name && series->counter)
      counts[series->labels] += series->counter->value();
  }
  std::vector<Sample> samples;
  samples.reserve(counts.size());
  for (const auto& [labels, count] : counts)
    samples.push_back({labels, static_cast<double>(count), {}});
  return samples;
}

namespace {

void AddHistogramSample(const Histogram& histogram, MetricStore::HistogramSample& sample) {
  if (sample.bounds.empty()) {
    sample.bounds = histogram.bounds();
    sample.buckets.assign(sample.bounds.size() + 1, 0);
  }
  for (size_t i = 0; i < sample.buckets.size(); ++i) sample.buckets[i] += histogram.bucket(i);
  sample.sum += histogram.sum();
}

}  // namespace

std::vector<MetricStore::Family> MetricStore::Collect() const {
  std::map<std::string, Family> families;
  MutexLock lock(mutex_);
  for (const Series* series : series_) {
    if (series->definition.level > level_) continue;
    Family& family = families[series->definition.name];
    family.definition = series->definition;
    family.type = series->type;
    auto same = std::find_if(family.samples.begin(), family.samples.end(),
                             [&](const Sample& sample) { return sample.labels == series->labels; });
    if (same == family.samples.end()) {
      family.samples.push_back({series->labels, 0, {}});
      same = family.samples.end() - 1;
    }
    if (series->histogram) {
      AddHistogramSample(*series->histogram, same->histogram);
    } else if (series->counter) {
      same->value += static_cast<double>(series->counter->value());
    } else if (series->gauge) {
      same->value += static_cast<double>(series->gauge->value());
    } else {
      same->value += series->read();
    }
  }
  std::vector<Family> collected;
  collected.reserve(families.size());
  for (auto& [name, family] : families) collected.push_back(std::move(family));
  return collected;
}

double MetricStore::Sum(const std::string& name, const MetricLabels& labels) const {
  double sum = 0;
  for (const Family& family : Collect()) {
    if (family.definition.name != name) continue;
    for (const Sample& sample : family.samples) {
      const bool matches = std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
        return std::find(sample.labels.begin(), sample.labels.end(), label) != sample.labels.end();
      });
      if (matches) sum += sample.value;
    }
  }
  return sum;
}

}  // namespace weir
