#include "app/telemetry/metric_page.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <sstream>

namespace weir::app {
namespace {

using Label = prometheus::ClientMetric::Label;

prometheus::MetricType TypeOf(MetricStore::Type type) {
  switch (type) {
    case MetricStore::Type::kCounter:
      return prometheus::MetricType::Counter;
    case MetricStore::Type::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricStore::Type::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

// In the order of their names as OpenTelemetry has them (`otel.signal` before `otel_scope_name`),
// as upstream; of two labels with one name the first stays, as text with both would not parse.
void Normalise(std::vector<Label>& labels) {
  std::stable_sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) {
    return AttributeName(a.name) < AttributeName(b.name);
  });
  std::vector<Label> kept;
  for (Label& label : labels) {
    label.name = PrometheusLabelName(label.name);
    const bool known = std::any_of(kept.begin(), kept.end(),
                                   [&](const Label& other) { return other.name == label.name; });
    if (!known) kept.push_back(std::move(label));
  }
  labels = std::move(kept);
}

std::vector<Label> LabelsOf(const MetricStore::Family& family, const MetricLabels& own,
                            const PageOptions& options) {
  std::vector<Label> labels;
  for (const auto& [name, value] : own) labels.push_back({name, value});
  if (options.scope_info) {
    labels.push_back({"otel_scope_name", std::string(ScopeName(family.definition.name))});
    labels.push_back({"otel_scope_version", ""});
    labels.push_back({"otel_scope_schema_url", ""});
  }
  for (const auto& [name, value] : options.constant_labels) labels.push_back({name, value});
  Normalise(labels);
  return labels;
}

prometheus::ClientMetric::Histogram HistogramOf(const MetricStore::HistogramSample& sample) {
  prometheus::ClientMetric::Histogram histogram;
  for (size_t i = 0; i < sample.buckets.size(); ++i) {
    histogram.sample_count += sample.buckets[i];
    const double bound =
        i < sample.bounds.size() ? sample.bounds[i] : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
  histogram.sample_sum = sample.sum;
  return histogram;
}

prometheus::MetricFamily FamilyOf(const MetricStore::Family& family, const PageOptions& options) {
  prometheus::MetricFamily shown;
  shown.name = PageName(family, options.suffixes);
  shown.help = family.definition.description;
  shown.type = TypeOf(family.type);
  for (const MetricStore::Sample& sample : family.samples) {
    prometheus::ClientMetric metric;
    metric.label = LabelsOf(family, sample.labels, options);
    metric.counter.value = sample.value;
    metric.gauge.value = sample.value;
    if (family.type == MetricStore::Type::kHistogram)
      metric.histogram = HistogramOf(sample.histogram);
    shown.metric.push_back(std::move(metric));
  }
  std::sort(shown.metric.begin(), shown.metric.end(),
            [](const auto& a, const auto& b) { return a.label < b.label; });
  return shown;
}

prometheus::MetricFamily TargetInfo(const ResourceAttributes& resource) {
  prometheus::MetricFamily info;
  info.name = "target_info";
  info.help = "Target metadata";
  info.type = prometheus::MetricType::Gauge;
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : resource) metric.label.push_back({name, value});
  Normalise(metric.label);
  metric.gauge.value = 1;
  info.metric.push_back(std::move(metric));
  return info;
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Result<PageOptions> MakePageOptions(const PrometheusReader& reader,
                                    const ResourceAttributes& resource) {
  PageOptions options;
  options.resource = resource;
  options.suffixes.type = !reader.without_type_suffix.value_or(true);
  options.suffixes.units = !reader.without_units.value_or(true);
  options.scope_info = !reader.without_scope_info.value_or(true);
  if (!reader.with_resource_constant_labels) return options;
  const IncludeExclude& chosen = *reader.with_resource_constant_labels;
  for (const std::string& name : chosen.included) {
    if (!Contains(chosen.excluded, name)) continue;
    return Fail(Status(StatusCode::kInvalidArgument,
                       "attribute cannot be in both include and exclude list: " + name));
  }
  for (const auto& attribute : resource) {
    if (Contains(chosen.excluded, attribute.first)) continue;
    if (chosen.included.empty() || Contains(chosen.included, attribute.first))
      options.constant_labels.push_back(attribute);
  }
  return options;
}

std::string RenderMetricPage(const std::vector<MetricStore::Family>& families,
                             const PageOptions& options) {
  std::vector<prometheus::MetricFamily> shown;
  shown.reserve(families.size() + 1);
  for (const MetricStore::Family& family : families) shown.push_back(FamilyOf(family, options));
  shown.push_back(TargetInfo(options.resource));
  std::sort(shown.begin(), shown.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, shown);
  return std::move(text).str();
}

}  // namespace weir::app
