// `service.telemetry`: the program's own logs, metrics, traces and resource, in the Collector's
// schema (declarative configuration 0.3.0, and what of 0.2.0 it still reads).
//
// Decoding, printing and validating follow base/config/fields.h. The readers, log processors, trace
// processors and views are declarative sections whose meaning is checked when they are started, as
// upstream does: a reader without an exporter decodes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config/fields.h"

namespace weir::app {

// How much the program tells of itself: none, basic, normal, detailed, in any case.
class MetricsLevel {
 public:
  enum Kind : uint8_t { kNone, kBasic, kNormal, kDetailed };
  MetricsLevel(Kind kind = kNormal) : kind_(kind) {}  // NOLINT: implicit, as the enumeration is
  operator Kind() const { return kind_; }             // NOLINT
  static std::string_view GoType() { return "configtelemetry.Level"; }
  bool FromText(std::string_view text, std::string* error);
  std::string ToText() const;  // "Normal"

 private:
  Kind kind_;
};

// zap's levels: debug, info, warn, error, dpanic, panic, fatal.
class LogLevel {
 public:
  enum Kind : uint8_t { kDebug, kInfo, kWarn, kError, kDPanic, kPanic, kFatal };
  LogLevel(Kind kind = kInfo) : kind_(kind) {}  // NOLINT
  operator Kind() const { return kind_; }       // NOLINT
  static std::string_view GoType() { return "zapcore.Level"; }
  bool FromText(std::string_view text, std::string* error);
  std::string ToText() const;  // "info"

 private:
  Kind kind_;
};

struct LogsSampling {
  bool enabled = true;
  config::Duration tick = std::chrono::seconds(10);
  int initial = 10;      // of each message in a tick, all
  int thereafter = 100;  // then every n-th
  void Fields(config::Fields& f);
};

struct LogsTelemetry {
  static constexpr std::string_view kTypeName = "migration.LogsConfigV030";
  LogLevel level;
  std::string encoding = "console";  // or "json"; others fail at start
  bool development = false;
  bool disable_caller = false;
  bool disable_stacktrace = false;
  bool disable_zap_resource = false;
  std::optional<LogsSampling> sampling = LogsSampling();
  std::vector<std::string> output_paths = {"stderr"};
  std::vector<std::string> error_output_paths = {"stderr"};
  std::map<std::string, config::Value> initial_fields;
  std::vector<config::Value> processors;
  void Fields(config::Fields& f);
};

// Which resource attributes become labels of every series.
struct IncludeExclude {
  std::vector<std::string> included;
  std::vector<std::string> excluded;
  void Fields(config::Fields& f);
};

// A page for Prometheus to scrape. The three `without_*` mean shorter names unless written false.
struct PrometheusReader {
  std::optional<std::string> host;  // both are required at start
  std::optional<int> port;
  std::optional<bool> without_scope_info;
  std::optional<bool> without_type_suffix;
  std::optional<bool> without_units;
  std::optional<IncludeExclude> with_resource_constant_labels;
  void Fields(config::Fields& f);
};

// Where own metrics or spans are pushed by OTLP.
struct OtlpTarget {
  std::optional<std::string> protocol;  // grpc/protobuf or http/protobuf
  std::optional<std::string> endpoint;
  std::optional<bool> insecure;
  std::optional<std::string> certificate;
  std::optional<std::string> client_certificate;
  std::optional<std::string> client_key;
  std::optional<std::string> compression;
  std::optional<int> timeout;  // ms
  config::HeaderList headers;
  std::optional<std::string> headers_list;
  std::optional<std::string> temporality_preference;
  std::optional<std::string> default_histogram_aggregation;
  void Fields(config::Fields& f);
};

struct PullExporter {
  std::optional<PrometheusReader> prometheus;
  void Fields(config::Fields& f);
};
struct PullReader {
  PullExporter exporter;
  void Fields(config::Fields& f);
};
struct PeriodicExporter {
  std::optional<OtlpTarget> otlp;
  config::Value console;  // present as a map: write to standard output
  void Fields(config::Fields& f);
};
struct PeriodicReader {
  std::optional<int> interval;  // ms; 60000
  std::optional<int> timeout;   // ms; 30000
  PeriodicExporter exporter;
  void Fields(config::Fields& f);
};
struct MetricReader {
  std::optional<PullReader> pull;
  std::optional<PeriodicReader> periodic;
  void Fields(config::Fields& f);
};

// A change to how some own metrics are made; declarative schema 0.3.0.
struct ViewSelector {
  std::optional<std::string> instrument_name;  // may hold `*`
  std::optional<std::string> instrument_type;
  std::optional<std::string> unit;
  std::optional<std::string> meter_name;
  std::optional<std::string> meter_version;
  std::optional<std::string> meter_schema_url;
  void Fields(config::Fields& f);
};
struct ViewAggregation {
  // Which is present decides; sections without keys of interest here are kept as written.
  config::Value default_aggregation;
  config::Value drop;
  config::Value last_value;
  config::Value sum;
  config::Value explicit_bucket_histogram;
  config::Value base2_exponential_bucket_histogram;
  void Fields(config::Fields& f);
};
struct ViewStream {
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<int> aggregation_cardinality_limit;
  std::optional<ViewAggregation> aggregation;
  std::optional<IncludeExclude> attribute_keys;
  void Fields(config::Fields& f);
};
struct MetricView {
  std::optional<ViewSelector> selector;
  std::optional<ViewStream> stream;
  void Fields(config::Fields& f);
};

struct MetricsTelemetry {
  static constexpr std::string_view kTypeName = "migration.MetricsConfigV030";
  MetricsLevel level;
  std::vector<MetricReader> readers;  // one pull reader on localhost:8888 when none is written
  std::vector<MetricView> views;      // only with level detailed
  MetricsTelemetry();
  // Shorter names unless the file says otherwise.
  void FillReaderDefaults();
  void Fields(config::Fields& f);
};

struct TracesTelemetry {
  static constexpr std::string_view kTypeName = "migration.TracesConfigV030";
  MetricsLevel level = MetricsLevel::kBasic;
  std::vector<std::string> propagators;  // empty: none written
  std::vector<config::Value> processors;
  config::Value sampler;
  config::Value limits;
  void Fields(config::Fields& f);
};

// What the program says it is. An attribute without a value removes a default one.
struct ResourceTelemetry {
  std::vector<std::pair<std::string, std::optional<std::string>>> attributes;  // in file order
};

struct TelemetryConfig {
  LogsTelemetry logs;
  MetricsTelemetry metrics;
  TracesTelemetry traces;
  bool traces_written = false;
  config::Value resource_section;  // as written; null when absent

  // The attributes of `resource`, legacy map or list; requires a valid section.
  ResourceTelemetry Resource() const;
  // Reads the section `service::telemetry`, null for defaults.
  void DecodeFrom(const config::Value& section, config::Problems& problems);
  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

}  // namespace weir::app
