// The program's own metrics as an OTLP request, for readers that push.
//
// One resource, a scope per package of the Collector (metric_names.h). Counters are cumulative
// monotonic sums since `start`, integers unless their unit is seconds; histograms have explicit
// bounds.
#pragma once

#include <chrono>
#include <vector>

#include "app/telemetry/resource.h"
#include "base/metric_store.h"
#include "model/batch.h"

namespace weir::app {

struct OtlpTimes {
  std::chrono::system_clock::time_point start;  // of the process
  std::chrono::system_clock::time_point now;
};

model::Batch MakeMetricBatch(const std::vector<MetricStore::Family>& families,
                             const ResourceAttributes& resource, const OtlpTimes& times);

}  // namespace weir::app
