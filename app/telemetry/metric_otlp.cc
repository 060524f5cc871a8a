#include "app/telemetry/metric_otlp.h"

#include <map>
#include <numeric>
#include <string>
#include <string_view>

#include "app/telemetry/metric_names.h"
#include "model/fields.h"
#include "model/message_editor.h"
#include "model/writer.h"

namespace weir::app {
namespace {

namespace fields = model::fields;
using model::MessageWriter;

constexpr uint64_t kCumulative = 2;  // AggregationTemporality

uint64_t Nanos(std::chrono::system_clock::time_point time) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

void WriteLabels(MessageWriter& point, uint32_t number, const MetricLabels& labels) {
  for (const auto& [name, value] : labels)
    point.Attribute(number, AttributeName(name), model::StringValue(value));
}

struct FamilyWriter {
  const MetricStore::Family& family;
  uint64_t start;
  uint64_t now;

  bool is_gauge() const {
    return family.type == MetricStore::Type::kGauge && !IsUpDownCounter(family.definition.name);
  }

  void NumberPoint(MessageWriter& data, const MetricStore::Sample& sample) const {
    using Point = fields::NumberDataPoint;
    MessageWriter point = data.Message(fields::MetricData::kDataPoints);
    if (!is_gauge()) point.Fixed64(Point::kStartTime, start);
    point.Fixed64(Point::kTime, now);
    if (family.definition.unit == "s") {
      point.DoublePresent(Point::kAsDouble, sample.value);
    } else {
      point.Fixed64Present(Point::kAsInt,
                           static_cast<uint64_t>(static_cast<int64_t>(sample.value)));
    }
    WriteLabels(point, Point::kAttributes, sample.labels);
  }

  void HistogramPoint(MessageWriter& data, const MetricStore::Sample& sample) const {
    using Point = fields::HistogramDataPoint;
    const MetricStore::HistogramSample& histogram = sample.histogram;
    MessageWriter point = data.Message(fields::MetricData::kDataPoints);
    point.Fixed64(Point::kStartTime, start);
    point.Fixed64(Point::kTime, now);
    point.Fixed64(Point::kCount,
                  std::accumulate(histogram.buckets.begin(), histogram.buckets.end(), uint64_t{0}));
    point.DoublePresent(Point::kSum, histogram.sum);
    point.PackedFixed64(Point::kBucketCounts, histogram.buckets);
    point.PackedDoubles(Point::kExplicitBounds, histogram.bounds);
    WriteLabels(point, Point::kAttributes, sample.labels);
  }

  void Write(MessageWriter& metric) const {
    metric.Bytes(fields::Metric::kName, family.definition.name);
    metric.Bytes(fields::Metric::kDescription, family.definition.description);
    metric.Bytes(fields::Metric::kUnit, family.definition.unit);
    const bool histogram = family.type == MetricStore::Type::kHistogram;
    MessageWriter data = metric.Message(histogram    ? fields::Metric::kHistogram
                                        : is_gauge() ? fields::Metric::kGauge
                                                     : fields::Metric::kSum);
    for (const MetricStore::Sample& sample : family.samples)
      histogram ? HistogramPoint(data, sample) : NumberPoint(data, sample);
    if (is_gauge()) return;
    data.Varint(fields::MetricData::kAggregationTemporality, kCumulative);
    data.Bool(fields::MetricData::kIsMonotonic, family.type == MetricStore::Type::kCounter);
  }
};

std::string ResourceMessage(const ResourceAttributes& resource) {
  std::string message;
  MessageWriter writer(message);
  for (const auto& [name, value] : resource)
    writer.Attribute(fields::Resource::kAttributes, name, model::StringValue(value));
  writer.Close();
  return message;
}

std::string ScopeMessage(std::string_view name) {
  std::string message;
  MessageWriter writer(message);
  writer.Bytes(fields::Scope::kName, name);
  writer.Close();
  return message;
}

}  // namespace

model::Batch MakeMetricBatch(const std::vector<MetricStore::Family>& families,
                             const ResourceAttributes& resource, const OtlpTimes& times) {
  std::map<std::string_view, std::vector<const MetricStore::Family*>> scopes;
  for (const MetricStore::Family& family : families)
    scopes[ScopeName(family.definition.name)].push_back(&family);
  model::BatchBuilder batch(model::Signal::kMetrics);
  batch.BeginResource(ResourceMessage(resource));
  for (const auto& [name, members] : scopes) {
    batch.BeginScope(ScopeMessage(name));
    for (const MetricStore::Family* family : members) {
      MessageWriter metric = batch.AddMetric(family->samples.size());
      FamilyWriter{*family, Nanos(times.start), Nanos(times.now)}.Write(metric);
    }
  }
  return batch.Finish();
}

}  // namespace weir::app
