#include <cmath>
#include <numbers>
#include <vector>

#include "exporters/debug/lines.h"

namespace weir::exporters::debug {
namespace {

using model::MetricKind;
using model::NumberKind;

std::string_view KindName(MetricKind kind) {
  switch (kind) {
    case MetricKind::kGauge:
      return "Gauge";
    case MetricKind::kSum:
      return "Sum";
    case MetricKind::kHistogram:
      return "Histogram";
    case MetricKind::kExponentialHistogram:
      return "ExponentialHistogram";
    case MetricKind::kSummary:
      return "Summary";
    default:
      return "Empty";
  }
}

// The value of a number point or exemplar, under `label`.
template <typename Point>
void AddNumber(std::string_view label, const Point& point, Lines& lines) {
  if (point.kind == NumberKind::kInt) lines.Add(label, point.int_value);
  if (point.kind == NumberKind::kDouble) lines.Add(label, point.double_value);
}

void AddExemplars(const model::Repeated<model::ExemplarView>& exemplars, Lines& lines) {
  if (!exemplars.empty()) lines.Add("Exemplars:");
  size_t index = 0;
  for (const model::ExemplarView exemplar : exemplars) {
    lines.Add("Exemplar #", index++);
    lines.Add("     -> Trace ID: ", Id{exemplar.trace_id});
    lines.Add("     -> Span ID: ", Id{exemplar.span_id});
    lines.Add("     -> Timestamp: ", Time{exemplar.time_unix_nano});
    AddNumber("     -> Value: ", exemplar, lines);
    lines.AddAttributes("-> FilteredAttributes", exemplar.filtered_attributes, "     ");
  }
}

// What every kind of point begins with.
template <typename Point>
void AddPointHead(std::string_view heading, size_t index, const Point& point, Lines& lines) {
  lines.Add(heading, "DataPoints #", index);
  lines.AddAttributes("Data point attributes", point.attributes);
  lines.Add("StartTimestamp: ", Time{point.start_time_unix_nano});
  lines.Add("Timestamp: ", Time{point.time_unix_nano});
}

template <typename Point>
void AddStatistics(const Point& point, Lines& lines) {
  lines.Add("Count: ", point.count);
  if (point.sum) lines.Add("Sum: ", *point.sum);
  if (point.min) lines.Add("Min: ", *point.min);
  if (point.max) lines.Add("Max: ", *point.max);
}

void AddPoint(size_t index, const model::NumberDataPointView& point, Lines& lines) {
  AddPointHead("Number", index, point, lines);
  AddNumber("Value: ", point, lines);
  AddExemplars(point.exemplars, lines);
}

void AddPoint(size_t index, const model::HistogramDataPointView& point, Lines& lines) {
  AddPointHead("Histogram", index, point, lines);
  AddStatistics(point, lines);
  size_t bound_index = 0;
  point.explicit_bounds.ForEach(
      [&](double bound) { lines.Add("ExplicitBounds #", bound_index++, ": ", bound); });
  size_t bucket_index = 0;
  point.bucket_counts.ForEach(
      [&](uint64_t count) { lines.Add("Buckets #", bucket_index++, ", Count: ", count); });
  AddExemplars(point.exemplars, lines);
}

void AddPoint(size_t index, const model::ExponentialHistogramDataPointView& point, Lines& lines) {
  AddPointHead("ExponentialHistogram", index, point, lines);
  AddStatistics(point, lines);
  // Bucket i of scale s reaches from base^i to base^(i+1), base = 2^(2^-s) (OTLP data model).
  const double factor = std::ldexp(std::numbers::ln2, -point.scale);
  const auto bound = [&](double i) { return std::exp(i * factor); };
  const model::BucketsView negative = point.negative();
  std::vector<uint64_t> counts;
  negative.bucket_counts.ForEach([&](uint64_t count) { counts.push_back(count); });
  for (size_t i = counts.size(); i-- > 0;) {
    const double at = static_cast<double>(negative.offset) + static_cast<double>(i);
    lines.Add("Bucket [", -bound(at + 1), ", ", -bound(at), "), Count: ", counts[i]);
  }
  if (point.zero_count != 0) lines.Add("Bucket [0, 0], Count: ", point.zero_count);
  const model::BucketsView positive = point.positive();
  double at = positive.offset;
  positive.bucket_counts.ForEach([&](uint64_t count) {
    lines.Add("Bucket (", bound(at), ", ", bound(at + 1), "], Count: ", count);
    at += 1;
  });
  AddExemplars(point.exemplars, lines);
}

void AddPoint(size_t index, const model::SummaryDataPointView& point, Lines& lines) {
  AddPointHead("Summary", index, point, lines);
  lines.Add("Count: ", point.count);
  lines.Add("Sum: ", point.sum);
  size_t quantile_index = 0;
  for (const model::ValueAtQuantileView quantile : point.quantile_values) {
    lines.Add("QuantileValue #", quantile_index++, ": Quantile ", quantile.quantile, ", Value ",
              quantile.value);
  }
}

template <typename Point>
void AddPoints(const model::MetricView& metric, Lines& lines) {
  size_t index = 0;
  for (const Point point : metric.data_points.As<Point>()) AddPoint(index++, point, lines);
}

}  // namespace

void AddMetric(const model::MetricView& metric, Lines& lines) {
  lines.Add("Descriptor:");
  lines.Add("     -> Name: ", metric.name);
  lines.Add("     -> Description: ", metric.description);
  lines.Add("     -> Unit: ", metric.unit);
  lines.Add("     -> DataType: ", KindName(metric.kind));
  lines.AddAttributes("-> Metadata", metric.metadata, "     ");
  if (metric.kind == MetricKind::kSum) {
    lines.Add("     -> IsMonotonic: ", metric.is_monotonic ? "true" : "false");
  }
  if (metric.kind == MetricKind::kSum || metric.kind == MetricKind::kHistogram ||
      metric.kind == MetricKind::kExponentialHistogram) {
    lines.Add("     -> AggregationTemporality: ", TemporalityName(metric.aggregation_temporality));
  }
  switch (metric.kind) {
    case MetricKind::kGauge:
    case MetricKind::kSum:
      return AddPoints<model::NumberDataPointView>(metric, lines);
    case MetricKind::kHistogram:
      return AddPoints<model::HistogramDataPointView>(metric, lines);
    case MetricKind::kExponentialHistogram:
      return AddPoints<model::ExponentialHistogramDataPointView>(metric, lines);
    case MetricKind::kSummary:
      return AddPoints<model::SummaryDataPointView>(metric, lines);
    case MetricKind::kNone:
      return;
  }
}

}  // namespace weir::exporters::debug
