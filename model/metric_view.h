// Read views over metrics and their data points; see model/view.h for how views behave.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/view.h"

namespace weir::model {

enum class MetricKind : uint8_t {
  kNone,
  kGauge,
  kSum,
  kHistogram,
  kExponentialHistogram,
  kSummary,
};

enum class NumberKind : uint8_t { kNone, kDouble, kInt };

struct ExemplarView {
  explicit ExemplarView(std::string_view message);
  Attributes filtered_attributes;
  uint64_t time_unix_nano = 0;
  NumberKind kind = NumberKind::kNone;
  double double_value = 0;
  int64_t int_value = 0;
  std::string_view span_id;
  std::string_view trace_id;
};

struct NumberDataPointView {
  explicit NumberDataPointView(std::string_view message);
  // Of either kind, as a double; 0 when there is none.
  double AsDouble() const {
    return kind == NumberKind::kInt ? static_cast<double>(int_value) : double_value;
  }

  Attributes attributes;
  uint64_t start_time_unix_nano = 0;
  uint64_t time_unix_nano = 0;
  NumberKind kind = NumberKind::kNone;
  double double_value = 0;
  int64_t int_value = 0;
  Repeated<ExemplarView> exemplars;
  uint32_t flags = 0;
};

struct HistogramDataPointView {
  explicit HistogramDataPointView(std::string_view message);
  Attributes attributes;
  uint64_t start_time_unix_nano = 0;
  uint64_t time_unix_nano = 0;
  uint64_t count = 0;
  std::optional<double> sum, min, max;
  Numbers<uint64_t> bucket_counts;
  Numbers<double> explicit_bounds;
  Repeated<ExemplarView> exemplars;
  uint32_t flags = 0;
};

struct BucketsView {
  BucketsView() = default;
  explicit BucketsView(std::string_view message);
  int32_t offset = 0;
  Numbers<uint64_t, Packing::kVarint> bucket_counts;
};

struct ExponentialHistogramDataPointView {
  explicit ExponentialHistogramDataPointView(std::string_view message);
  BucketsView positive() const { return BucketsView(positive_message); }
  BucketsView negative() const { return BucketsView(negative_message); }

  Attributes attributes;
  uint64_t start_time_unix_nano = 0;
  uint64_t time_unix_nano = 0;
  uint64_t count = 0;
  std::optional<double> sum, min, max;
  int32_t scale = 0;
  uint64_t zero_count = 0;
  double zero_threshold = 0;
  std::string_view positive_message;
  std::string_view negative_message;
  bool has_positive = false;
  bool has_negative = false;
  Repeated<ExemplarView> exemplars;
  uint32_t flags = 0;
};

struct ValueAtQuantileView {
  explicit ValueAtQuantileView(std::string_view message);
  double quantile = 0;
  double value = 0;
};

struct SummaryDataPointView {
  explicit SummaryDataPointView(std::string_view message);
  Attributes attributes;
  uint64_t start_time_unix_nano = 0;
  uint64_t time_unix_nano = 0;
  uint64_t count = 0;
  double sum = 0;
  Repeated<ValueAtQuantileView> quantile_values;
  uint32_t flags = 0;
};

// What all kinds of data points have. Reads the attributes, times and flags alone, so that code
// which is after those is written once.
struct DataPointView {
  DataPointView(MetricKind kind, std::string_view message);
  Attributes attributes;
  uint64_t start_time_unix_nano = 0;
  uint64_t time_unix_nano = 0;
  uint32_t flags = 0;
};

// The field number of the attributes in a data point of a metric of this kind.
uint32_t AttributesField(MetricKind kind);

struct MetricView {
  explicit MetricView(std::string_view message);

  std::string_view name;
  std::string_view description;
  std::string_view unit;
  Attributes metadata;

  MetricKind kind = MetricKind::kNone;
  std::string_view data_message;        // a Gauge, Sum, ... by kind
  Repeated<BytesView> data_points;      // As<NumberDataPointView>() and so on, by kind
  int32_t aggregation_temporality = 0;  // 0 unspecified or none, 1 delta, 2 cumulative
  bool is_monotonic = false;            // of kSum

  // Of kGauge and kSum.
  Repeated<NumberDataPointView> number_points() const {
    return data_points.As<NumberDataPointView>();
  }
};

}  // namespace weir::model
