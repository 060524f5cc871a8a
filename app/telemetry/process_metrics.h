// What the process itself costs: otelcol_process_* with the Collector's names, and weir_memory_* of
// the budget that telemetry is charged to. Read when a reader asks.
//
// The heap figures are glibc's; it keeps no total of what was ever allocated, so
// otelcol_process_runtime_total_alloc_bytes is what the heap was seen to grow by between readings:
// a lower bound.
#pragma once

#include <atomic>
#include <memory>

#include "base/byte_budget.h"
#include "base/clock.h"
#include "base/metric_store.h"
#include "base/metrics.h"

namespace weir::app {

class ProcessMetrics {
 public:
  // All outlive this object. The uptime counts from here.
  ProcessMetrics(MetricStore& store, const ByteBudget& memory, const Clock& clock = Clock::Real());

 private:
  void AddProcess(const Clock& clock);
  void AddHeap();
  void AddMemory(const ByteBudget& memory);
  double TotalAllocated();

  std::atomic<uint64_t> heap_seen_{0};
  std::atomic<uint64_t> heap_grown_{0};
  MetricScope scope_;
};

}  // namespace weir::app
