#include "app/telemetry/metric_names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::app {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::array<Pair, 8> kUnits = {{{"s", "seconds"},
                                         {"ms", "milliseconds"},
                                         {"us", "microseconds"},
                                         {"µs", "microseconds"},
                                         {"ns", "nanoseconds"},
                                         {"By", "bytes"},
                                         {"MiBy", "mebibytes"},
                                         {"%", "percent"}}};

// By prefix; the first that fits counts.
constexpr std::array<Pair, 14> kScopes = {{
    {"otelcol_exporter_", "go.opentelemetry.io/collector/exporter/exporterhelper"},
    {"otelcol_receiver_", "go.opentelemetry.io/collector/receiver/receiverhelper"},
    {"otelcol_scraper_", "go.opentelemetry.io/collector/scraper/scraperhelper"},
    {"otelcol_process_", "go.opentelemetry.io/collector/service"},
    {"otelcol_processor_batch_", "go.opentelemetry.io/collector/processor/batchprocessor"},
    {"otelcol_processor_memory_limiter_",
     "go.opentelemetry.io/collector/processor/memorylimiterprocessor"},
    {"otelcol_processor_incoming_", "go.opentelemetry.io/collector/processor/processorhelper"},
    {"otelcol_processor_outgoing_", "go.opentelemetry.io/collector/processor/processorhelper"},
    {"otelcol_processor_internal_", "go.opentelemetry.io/collector/processor/processorhelper"},
    {"otelcol_processor_filter_",
     "github.com/open-telemetry/opentelemetry-collector-contrib/processor/filterprocessor"},
    {"otelcol_processor_groupbyattrs_",
     "github.com/open-telemetry/opentelemetry-collector-contrib/processor/groupbyattrsprocessor"},
    {"otelcol_processor_groupbytrace_",
     "github.com/open-telemetry/opentelemetry-collector-contrib/processor/groupbytraceprocessor"},
    {"otelcol_processor_probabilistic_sampler_",
     "github.com/open-telemetry/opentelemetry-collector-contrib/processor/"
     "probabilisticsamplerprocessor"},
    {"otelcol_processor_tail_sampling_",
     "github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"},
}};

constexpr std::array<Pair, 8> kAttributes = {
    {{"server_address", "server.address"},
     {"server_port", "server.port"},
     {"url_path", "url.path"},
     {"error_type", "error.type"},
     {"error_permanent", "error.permanent"},
     {"otel_signal", "otel.signal"},
     {"otelcol_component_id", "otelcol.component.id"},
     {"otelcol_component_kind", "otelcol.component.kind"}}};

constexpr std::array<std::string_view, 4> kUpDown = {
    "otelcol_exporter_in_flight_requests", "otelcol_processor_batch_metadata_cardinality",
    "otelcol_cumulativetodelta_streams_tracked", "otelcol_deltatocumulative_streams_tracked"};

std::string CleanName(std::string_view name, bool colon) {
  std::string clean;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && clean.empty()) clean += '_';
    const bool good = digit || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                      (colon && c == ':');
    clean += good ? c : '_';
  }
  return clean;
}

void AddSuffix(std::string_view suffix, std::string& name) {
  if (!name.ends_with("_" + std::string(suffix))) name.append("_").append(suffix);
}

std::string_view UnitSuffix(std::string_view unit, MetricStore::Type type) {
  if (unit == "1") return type == MetricStore::Type::kGauge ? "ratio" : "";
  const auto found =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Pair& p) { return p.first == unit; });
  return found == kUnits.end() ? std::string_view() : found->second;
}

}  // namespace

std::string PrometheusName(std::string_view name) { return CleanName(name, true); }
std::string PrometheusLabelName(std::string_view name) { return CleanName(name, false); }

std::string PageName(const MetricStore::Family& family, const SuffixRules& rules) {
  std::string name = PrometheusName(family.definition.name);
  if (rules.units) {
    const std::string_view unit = UnitSuffix(family.definition.unit, family.type);
    if (!unit.empty()) AddSuffix(unit, name);
  }
  if (rules.type && family.type == MetricStore::Type::kCounter) AddSuffix("total", name);
  return name;
}

std::string_view ScopeName(std::string_view metric) {
  for (const auto& [prefix, scope] : kScopes) {
    if (metric.starts_with(prefix)) return scope;
  }
  return "weir";
}

std::string_view AttributeName(std::string_view label) {
  for (const auto& [name, dotted] : kAttributes) {
    if (name == label) return dotted;
  }
  return label;
}

bool IsUpDownCounter(std::string_view metric) {
  return std::find(kUpDown.begin(), kUpDown.end(), metric) != kUpDown.end();
}

}  // namespace weir::app
