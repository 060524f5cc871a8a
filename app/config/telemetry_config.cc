#include "app/config/telemetry_config.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/config/decode.h"

namespace weir::app {
namespace {

constexpr std::string_view kPath = "service::telemetry";
constexpr std::string_view kSchemaUrl = "https://opentelemetry.io/schemas/1.40.0";
constexpr std::array<std::string_view, 4> kMetricsLevels = {"None", "Basic", "Normal", "Detailed"};
constexpr std::array<std::string_view, 7> kLogLevels = {"debug",  "info",  "warn", "error",
                                                        "dpanic", "panic", "fatal"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// Keys of `resource` that are not legacy attributes.
bool IsResourceKey(std::string_view key) {
  return key == "attributes" || key == "attributes_list" || key == "schema_url" ||
         key == "detectors";
}

// The four sections as they stand; each is decoded on its own, since errors inside name its type.
struct Sections {
  config::Value logs;
  config::Value metrics;
  config::Value traces;
  config::Value resource;
  void Fields(config::Fields& f) {
    f("logs", logs);
    f("metrics", metrics);
    f("traces", traces);
    f("resource", resource);
  }
};
struct Service {
  Sections telemetry;
  void Fields(config::Fields& f) { f("telemetry", telemetry); }
};
struct Root {
  Service service;
  void Fields(config::Fields& f) { f("service", service); }
};

// Of one of `attributes`: its name, value and type.
void CheckResourceItemKeys(const config::Value& item, const std::string& number,
                           config::Problems& problems) {
  std::string unknown;
  for (const auto& [key, value] : item.map()) {
    if (key == "name" || key == "value" || key == "type") continue;
    if (!unknown.empty()) unknown += ", ";
    unknown += key;
  }
  if (unknown.empty()) return;
  const std::string where = "'service.telemetry.resource.attributes[" + number + "]'";
  problems.AddError({config::Phase::kDecode,
                     item.position(),
                     "service::telemetry::resource::attributes::" + number,
                     where + " has invalid keys: " + unknown,
                     {}});
}

// `attributes` is a list of maps.
void CheckResourceItems(const config::Value& section, config::Problems& problems) {
  const config::Value* list = section.Find("attributes");
  if (list == nullptr || !list->is_list()) return;
  size_t index = 0;
  for (const config::Value& item : list->list()) {
    const std::string number = std::to_string(index++);
    if (item.is_map()) CheckResourceItemKeys(item, number, problems);
    if (item.is_map() || item.is_null()) continue;
    problems.AddError({config::Phase::kDecode,
                       item.position(),
                       "service::telemetry::resource::attributes::" + number,
                       "'service.telemetry.resource.attributes[" + number +
                           "]' expected a map or struct, got \"" +
                           std::string(item.is_list() ? "slice" : item.GoTypeName()) + "\"",
                       {}});
  }
}

}  // namespace

bool MetricsLevel::FromText(std::string_view text, std::string* error) {
  const std::string lower = Lower(text);
  for (size_t i = 0; i < kMetricsLevels.size(); ++i) {
    if (lower == Lower(kMetricsLevels[i])) {
      kind_ = static_cast<Kind>(i);
      return true;
    }
  }
  *error = "unknown metrics level \"" + std::string(text) + "\"";
  return false;
}

std::string MetricsLevel::ToText() const {
  return std::string(kMetricsLevels[static_cast<size_t>(kind_)]);
}

bool LogLevel::FromText(std::string_view text, std::string* error) {
  const std::string lower = text.empty() ? "info" : Lower(text);
  for (size_t i = 0; i < kLogLevels.size(); ++i) {
    if (lower == kLogLevels[i]) {
      kind_ = static_cast<Kind>(i);
      return true;
    }
  }
  *error = "unrecognized level: \"" + std::string(text) + "\"";
  return false;
}

std::string LogLevel::ToText() const { return std::string(kLogLevels[static_cast<size_t>(kind_)]); }

void LogsSampling::Fields(config::Fields& f) {
  f("enabled", enabled);
  f("tick", tick);
  f("initial", initial);
  f("thereafter", thereafter);
}

void LogsTelemetry::Fields(config::Fields& f) {
  f("level", level);
  f("encoding", encoding);
  f("development", development, config::kOmitEmpty);
  f("disable_caller", disable_caller, config::kOmitEmpty);
  f("disable_stacktrace", disable_stacktrace, config::kOmitEmpty);
  f("disable_zap_resource", disable_zap_resource, config::kOmitEmpty);
  f("sampling", sampling);
  f("output_paths", output_paths);
  f("error_output_paths", error_output_paths);
  f("initial_fields", initial_fields, config::kOmitEmpty);
  f("processors", processors, config::kOmitEmpty);
}

void IncludeExclude::Fields(config::Fields& f) {
  f("included", included);
  f("excluded", excluded);
}

void PrometheusReader::Fields(config::Fields& f) {
  f("host", host, config::kOmitEmpty);
  f("port", port, config::kOmitEmpty);
  f("without_scope_info", without_scope_info, config::kOmitEmpty);
  f("without_type_suffix", without_type_suffix, config::kOmitEmpty);
  f("without_units", without_units, config::kOmitEmpty);
  f("with_resource_constant_labels", with_resource_constant_labels, config::kOmitEmpty);
}

void OtlpTarget::Fields(config::Fields& f) {
  f("protocol", protocol, config::kOmitEmpty);
  f("endpoint", endpoint, config::kOmitEmpty);
  f("insecure", insecure, config::kOmitEmpty);
  f("certificate", certificate, config::kOmitEmpty);
  f("client_certificate", client_certificate, config::kOmitEmpty);
  f("client_key", client_key, config::kOmitEmpty);
  f("compression", compression, config::kOmitEmpty);
  f("timeout", timeout, config::kOmitEmpty);
  f("headers", headers, config::kOmitEmpty);
  f("headers_list", headers_list, config::kOmitEmpty);
  f("temporality_preference", temporality_preference, config::kOmitEmpty);
  f("default_histogram_aggregation", default_histogram_aggregation, config::kOmitEmpty);
}

void PullExporter::Fields(config::Fields& f) { f("prometheus", prometheus, config::kOmitEmpty); }
void PullReader::Fields(config::Fields& f) { f("exporter", exporter); }

void PeriodicExporter::Fields(config::Fields& f) {
  f("otlp", otlp, config::kOmitEmpty);
  f("console", console, config::kOmitEmpty);
}

void PeriodicReader::Fields(config::Fields& f) {
  f("interval", interval, config::kOmitEmpty);
  f("timeout", timeout, config::kOmitEmpty);
  f("exporter", exporter);
}

void MetricReader::Fields(config::Fields& f) {
  f("pull", pull, config::kOmitEmpty);
  f("periodic", periodic, config::kOmitEmpty);
}

void ViewSelector::Fields(config::Fields& f) {
  f("instrument_name", instrument_name, config::kOmitEmpty);
  f("instrument_type", instrument_type, config::kOmitEmpty);
  f("unit", unit, config::kOmitEmpty);
  f("meter_name", meter_name, config::kOmitEmpty);
  f("meter_version", meter_version, config::kOmitEmpty);
  f("meter_schema_url", meter_schema_url, config::kOmitEmpty);
}

void ViewAggregation::Fields(config::Fields& f) {
  f("default", default_aggregation, config::kOmitEmpty);
  f("drop", drop, config::kOmitEmpty);
  f("last_value", last_value, config::kOmitEmpty);
  f("sum", sum, config::kOmitEmpty);
  f("explicit_bucket_histogram", explicit_bucket_histogram, config::kOmitEmpty);
  f("base2_exponential_bucket_histogram", base2_exponential_bucket_histogram, config::kOmitEmpty);
}

void ViewStream::Fields(config::Fields& f) {
  f("name", name, config::kOmitEmpty);
  f("description", description, config::kOmitEmpty);
  f("aggregation_cardinality_limit", aggregation_cardinality_limit, config::kOmitEmpty);
  f("aggregation", aggregation, config::kOmitEmpty);
  f("attribute_keys", attribute_keys, config::kOmitEmpty);
}

void MetricView::Fields(config::Fields& f) {
  f("selector", selector, config::kOmitEmpty);
  f("stream", stream, config::kOmitEmpty);
}

MetricsTelemetry::MetricsTelemetry() {
  MetricReader reader;
  reader.pull.emplace();
  reader.pull->exporter.prometheus.emplace();
  reader.pull->exporter.prometheus->host = "localhost";
  reader.pull->exporter.prometheus->port = 8888;
  readers.push_back(std::move(reader));
  FillReaderDefaults();
}

void MetricsTelemetry::FillReaderDefaults() {
  for (MetricReader& reader : readers) {
    if (!reader.pull || !reader.pull->exporter.prometheus) continue;
    PrometheusReader& page = *reader.pull->exporter.prometheus;
    for (std::optional<bool>* without :
         {&page.without_scope_info, &page.without_type_suffix, &page.without_units}) {
      if (!*without) *without = true;
    }
  }
}

void MetricsTelemetry::Fields(config::Fields& f) {
  f("level", level);
  f("readers", readers);
  f("views", views, config::kOmitEmpty);
}

void TracesTelemetry::Fields(config::Fields& f) {
  f("level", level);
  f("propagators", propagators, config::kOmitEmpty);
  f("processors", processors, config::kOmitEmpty);
  f("sampler", sampler, config::kOmitEmpty);
  f("limits", limits, config::kOmitEmpty);
}

void TelemetryConfig::DecodeFrom(const config::Value& section, config::Problems& problems) {
  Root root;
  config::Value file = config::Value::OfMap({{"telemetry", section}});
  file = config::Value::OfMap({{"service", std::move(file)}});
  // Paths come out as service::telemetry, with nothing in front.
  struct Wrapper {
    Root& root;
    void Fields(config::Fields& f) { root.Fields(f); }
  } wrapper{root};
  config::Problems found;
  config::Decode(file, {}, wrapper, found);
  for (config::Problem& problem : found.mutable_errors()) {
    if (problem.path.substr(0, 2) == "::") problem.path.erase(0, 2);
    problems.AddError(std::move(problem));
  }
  Sections& sections = root.service.telemetry;
  const std::string path(kPath);
  config::Decode(sections.logs, path + "::logs", logs, problems);
  config::Decode(sections.metrics, path + "::metrics", metrics, problems);
  // One propagator may stand alone.
  if (config::Value* propagators = sections.traces.Find("propagators");
      propagators != nullptr && propagators->is_string()) {
    *propagators = config::Value::OfList({*propagators});
  }
  config::Decode(sections.traces, path + "::traces", traces, problems);
  traces_written = !sections.traces.is_null();
  metrics.FillReaderDefaults();
  if (sections.resource.is_null() || sections.resource.is_map()) {
    resource_section = std::move(sections.resource);
    CheckResourceItems(resource_section, problems);
    return;
  }
  problems.AddError({config::Phase::kDecode,
                     sections.resource.position(),
                     path + "::resource",
                     "'service.telemetry.resource' expected a map or struct, got \"" +
                         std::string(sections.resource.is_list() ? "slice" : "string") + "\"",
                     {}});
}

void TelemetryConfig::Fields(config::Fields& f) {
  f("logs", logs);
  f("metrics", metrics);
  if (traces_written) f("traces", traces);
  config::Value resource = resource_section.is_map() ? resource_section : config::Value::OfMap({});
  if (resource.Find("schema_url") == nullptr)
    resource.map().emplace_back("schema_url", config::Value::OfString(std::string(kSchemaUrl)));
  f("resource", resource);
}

namespace {

// The Collector's words for what is wrong with a resource section; empty when nothing is.
std::string ResourceProblem(const config::Value& section) {
  if (section.Find("attributes_list") != nullptr) {
    return "resource::attributes_list is not currently supported, please use "
           "resource::attributes";
  }
  const config::Value* attributes = section.Find("attributes");
  const bool has_list = attributes != nullptr && attributes->is_list();
  for (const auto& [key, value] : section.map()) {
    if (IsResourceKey(key) && (key != "attributes" || has_list)) continue;
    if (has_list)
      return "resource::attributes cannot be used together with legacy inline resource attributes";
    if (!value.is_null() && !value.is_string())
      return "legacy resource attribute \"" + key + "\" must be string or null";
  }
  return {};
}

}  // namespace

void TelemetryConfig::Validate(const config::Checker& check) const {
  if (metrics.level != MetricsLevel::kNone && metrics.readers.empty())
    check.Error("collector telemetry metrics reader should exist when metric level is not none");
  if (metrics.level != MetricsLevel::kDetailed && !metrics.views.empty()) {
    check.Error(
        "service::telemetry::metrics::views can only be set when "
        "service::telemetry::metrics::level is detailed");
  }
  if (!resource_section.is_map()) return;
  if (const std::string problem = ResourceProblem(resource_section); !problem.empty())
    check.Error("service::telemetry::resource: " + problem);
}

ResourceTelemetry TelemetryConfig::Resource() const {
  ResourceTelemetry resource;
  const auto text = [](const config::Value& value) -> std::optional<std::string> {
    if (value.is_null()) return std::nullopt;
    return value.is_string() ? value.as_string() : value.text();
  };
  for (const auto& [key, value] : resource_section.map()) {
    if (!IsResourceKey(key)) resource.attributes.emplace_back(key, text(value));
  }
  const config::Value* list = resource_section.Find("attributes");
  if (list == nullptr) return resource;
  for (const config::Value& item : list->list()) {
    const config::Value* name = item.Find("name");
    const config::Value* value = item.Find("value");
    if (name == nullptr || !name->is_string()) continue;
    resource.attributes.emplace_back(name->as_string(),
                                     value != nullptr ? text(*value) : std::nullopt);
  }
  return resource;
}

}  // namespace weir::app
