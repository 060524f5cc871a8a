// The page that Prometheus scrapes: the program's own metrics in its text format 0.0.4. The one
// door to prometheus-cpp, whose serializer writes the text.
//
// Families and series stand in order of their names and labels, the target_info of the resource
// among them. Differences from the Collector's page that are meant: README.md beside this file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/telemetry/metric_names.h"
#include "app/telemetry/resource.h"
#include "base/metric_store.h"
#include "base/status.h"

namespace weir::app {

struct PageOptions {
  SuffixRules suffixes;
  bool scope_info = false;             // otel_scope_name, _version and _schema_url on every series
  ResourceAttributes constant_labels;  // on every series
  ResourceAttributes resource;         // of target_info
};

inline constexpr std::string_view kMetricPageType =
    "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

// What a pull reader asks for. kInvalidArgument: an attribute both included and excluded.
Result<PageOptions> MakePageOptions(const PrometheusReader& reader,
                                    const ResourceAttributes& resource);

std::string RenderMetricPage(const std::vector<MetricStore::Family>& families,
                             const PageOptions& options);

}  // namespace weir::app
