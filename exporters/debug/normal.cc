#include <cmath>
#include <numbers>
#include <vector>

#include "exporters/debug/text.h"
#include "exporters/debug/value_text.h"
#include "model/json/text.h"
#include "model/json/value_text.h"
#include "model/metric_view.h"
#include "model/view.h"

namespace weir::exporters::debug {
namespace {

using model::MetricKind;
using model::NumberKind;
using model::Signal;
using model::json::AppendInt;
using model::json::AppendUint;

// A double as Go's %v.
void AppendNumber(double value, std::string& out) {
  model::json::AppendDouble(value, model::json::DoubleStyle::kGoDefault, out);
}

// "a=1 b=2", with `lead` in front when there are any.
void AppendAttributes(const model::Attributes& attributes, char separator, std::string_view lead,
                      std::string& out) {
  bool first = true;
  for (const model::KeyValueView attribute : attributes) {
    if (first) {
      out += lead;
    } else {
      out += separator;
    }
    first = false;
    out += attribute.key;
    out += '=';
    model::json::AppendValueText(attribute.value(), out);
  }
}

void AppendSpan(const model::SpanView& span, std::string& out) {
  out += span.name;
  out += ' ';
  AppendId(span.trace_id, out);
  out += ' ';
  AppendId(span.span_id, out);
  AppendAttributes(span.attributes, ' ', " ", out);
  out += '\n';
}

void AppendLogRecord(const model::LogRecordView& record, std::string& out) {
  model::json::AppendValueText(record.body(), out);
  out += ' ';
  AppendAttributes(record.attributes, ' ', "", out);
  out += '\n';
}

void AppendPoint(const model::NumberDataPointView& point, std::string& out) {
  if (point.kind == NumberKind::kInt) AppendInt(point.int_value, out);
  if (point.kind == NumberKind::kDouble) AppendNumber(point.double_value, out);
}

void AppendLabelled(std::string_view label, double value, std::string& out) {
  out += label;
  AppendNumber(value, out);
}

template <typename Point>
void AppendStatistics(const Point& point, std::string& out) {
  out += "count=";
  AppendUint(point.count, out);
  if (point.sum) AppendLabelled(" sum=", *point.sum, out);
  if (point.min) AppendLabelled(" min=", *point.min, out);
  if (point.max) AppendLabelled(" max=", *point.max, out);
}

void AppendBucket(double bound, uint64_t count, std::string& out) {
  AppendLabelled(" le", bound, out);
  out += '=';
  AppendUint(count, out);
}

void AppendPoint(const model::HistogramDataPointView& point, std::string& out) {
  AppendStatistics(point, out);
  std::vector<double> bounds;
  point.explicit_bounds.ForEach([&](double bound) { bounds.push_back(bound); });
  size_t index = 0;
  point.bucket_counts.ForEach([&](uint64_t count) {
    if (index < bounds.size()) {
      AppendBucket(bounds[index], count, out);
    } else {
      out += ' ';
      AppendUint(count, out);
    }
    ++index;
  });
}

void AppendPoint(const model::ExponentialHistogramDataPointView& point, std::string& out) {
  AppendStatistics(point, out);
  const double factor = std::ldexp(std::numbers::ln2, -point.scale);
  const model::BucketsView negative = point.negative();
  std::vector<uint64_t> counts;
  negative.bucket_counts.ForEach([&](uint64_t count) { counts.push_back(count); });
  for (size_t i = counts.size(); i-- > 0;) {
    const double at = static_cast<double>(negative.offset) + static_cast<double>(i);
    AppendBucket(-std::exp(at * factor), counts[i], out);
  }
  if (point.zero_count != 0) {
    out += " zero=";
    AppendUint(point.zero_count, out);
  }
  const model::BucketsView positive = point.positive();
  double at = positive.offset;
  positive.bucket_counts.ForEach([&](uint64_t count) {
    at += 1;
    AppendBucket(std::exp(at * factor), count, out);
  });
}

void AppendPoint(const model::SummaryDataPointView& point, std::string& out) {
  out += "count=";
  AppendUint(point.count, out);
  out += " sum=";
  AppendFixed(point.sum, out);
  for (const model::ValueAtQuantileView quantile : point.quantile_values) {
    AppendLabelled(" q", quantile.quantile, out);
    AppendLabelled("=", quantile.value, out);
  }
}

template <typename Point>
void AppendPoints(const model::MetricView& metric, std::string& out) {
  for (const Point point : metric.data_points.As<Point>()) {
    out += metric.name;
    out += '{';
    AppendAttributes(point.attributes, ',', "", out);
    out += "} ";
    AppendPoint(point, out);
    out += '\n';
  }
}

void AppendMetric(const model::MetricView& metric, std::string& out) {
  switch (metric.kind) {
    case MetricKind::kGauge:
    case MetricKind::kSum:
      return AppendPoints<model::NumberDataPointView>(metric, out);
    case MetricKind::kHistogram:
      return AppendPoints<model::HistogramDataPointView>(metric, out);
    case MetricKind::kExponentialHistogram:
      return AppendPoints<model::ExponentialHistogramDataPointView>(metric, out);
    case MetricKind::kSummary:
      return AppendPoints<model::SummaryDataPointView>(metric, out);
    case MetricKind::kNone:
      return;
  }
}

void AppendItem(Signal signal, std::string_view message, std::string& out) {
  switch (signal) {
    case Signal::kTraces:
      return AppendSpan(model::SpanView(message), out);
    case Signal::kMetrics:
      return AppendMetric(model::MetricView(message), out);
    case Signal::kLogs:
      return AppendLogRecord(model::LogRecordView(message), out);
  }
}

// "ResourceTraces", "ScopeLog", ...
std::string_view HeadingSuffix(Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return "Traces";
    case Signal::kMetrics:
      return "Metrics";
    default:
      return "Log";
  }
}

void AppendHeading(std::string_view what, Signal signal, size_t index, std::string& out) {
  out += what;
  out += HeadingSuffix(signal);
  out += " #";
  AppendUint(index, out);
}

// " name@version [schema url]", each part if it is there.
void AppendScopeName(const model::ScopeItemsView& items, std::string& out) {
  const model::ScopeView scope = items.scope();
  if (!scope.name.empty() || !scope.version.empty()) out += ' ';
  out += scope.name;
  if (!scope.version.empty()) out += '@';
  out += scope.version;
}

void AppendSchema(std::string_view url, std::string& out) {
  if (url.empty()) return;
  out += " [";
  out += url;
  out += ']';
}

void AppendResource(Signal signal, size_t index, const model::ResourceItemsView& items,
                    std::string& out) {
  AppendHeading("Resource", signal, index, out);
  AppendSchema(items.schema_url, out);
  AppendAttributes(items.resource().attributes, ' ', " ", out);
  out += '\n';
  for (const model::ScopeItemsView scope : items.scopes) {
    // The number is the resource's, as in the Collector.
    AppendHeading("Scope", signal, index, out);
    AppendScopeName(scope, out);
    AppendSchema(scope.schema_url, out);
    AppendAttributes(scope.scope().attributes, ' ', " ", out);
    out += '\n';
    for (const model::BytesView item : scope.items) AppendItem(signal, item.bytes, out);
  }
}

}  // namespace

std::string NormalText(const model::Batch& batch) {
  std::string out;
  size_t index = 0;
  batch.ForEachResource([&](std::string_view message, uint32_t, const Slice&) {
    AppendResource(batch.signal(), index++, model::ResourceItemsView(message), out);
  });
  return out;
}

}  // namespace weir::exporters::debug
