// How the program's own metrics are called by those who read them.
//
// Instruments carry the Collector's names without unit and type (base/metrics.h). A Prometheus page
// may show both as suffixes; OTLP wants instrumentation scopes, dotted attribute names, and to know
// which gauges are sums that go up and down. Rules: the OpenTelemetry specification, "Prometheus
// and OpenMetrics Compatibility"; names of scopes and attributes: the Collector 0.155.
#pragma once

#include <string>
#include <string_view>

#include "base/metric_store.h"

namespace weir::app {

struct SuffixRules {
  bool type = false;   // _total behind counters
  bool units = false;  // _seconds, _bytes, ...
};

// Letters, digits, `_` and, for names of metrics, `:`; anything else becomes `_`, and a digit in
// front gets one before it.
std::string PrometheusName(std::string_view name);
std::string PrometheusLabelName(std::string_view name);

// The family's name on a page.
std::string PageName(const MetricStore::Family& family, const SuffixRules& rules);

// The instrumentation scope: the Go package of the Collector whose metric it is, "weir" for ours.
std::string_view ScopeName(std::string_view metric);

// server_address → server.address, for those attributes that the Collector names with dots.
std::string_view AttributeName(std::string_view label);

// Gauges that are sums: what is in flight, what is known.
bool IsUpDownCounter(std::string_view metric);

}  // namespace weir::app
