#include "app/telemetry/process_metrics.h"

#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <fstream>

namespace weir::app {
namespace {

double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// 0 when the kernel does not tell.
double ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t size_pages = 0;
  uint64_t resident_pages = 0;
  statm >> size_pages >> resident_pages;
  return static_cast<double>(resident_pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

uint64_t HeapBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

uint64_t HeapSystemBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.arena + info.hblkhd;
}

MetricDefinition Definition(const char* name, const char* description, const char* unit) {
  return {name, description, unit, MetricLevel::kBasic};
}

}  // namespace

ProcessMetrics::ProcessMetrics(MetricStore& store, const ByteBudget& memory, const Clock& clock)
    : scope_(store) {
  AddProcess(clock);
  AddHeap();
  AddMemory(memory);
}

void ProcessMetrics::AddProcess(const Clock& clock) {
  const Clock::Steady start = clock.Now();
  scope_.AddObservedCounter(
      Definition("otelcol_process_uptime", "Uptime of the process [Alpha]", "s"), {},
      [&clock, start] { return std::chrono::duration<double>(clock.Now() - start).count(); });
  scope_.AddObservedCounter(Definition("otelcol_process_cpu_seconds",
                                       "Total CPU user and system time in seconds [Alpha]", "s"),
                            {}, &CpuSeconds);
  scope_.AddObservedGauge(Definition("otelcol_process_memory_rss",
                                     "Total physical memory (resident set size) [Alpha]", "By"),
                          {}, &ResidentBytes);
}

void ProcessMetrics::AddHeap() {
  scope_.AddObservedGauge(Definition("otelcol_process_runtime_heap_alloc_bytes",
                                     "Bytes of allocated heap objects [Alpha]", "By"),
                          {}, [] { return static_cast<double>(HeapBytes()); });
  scope_.AddObservedCounter(
      Definition("otelcol_process_runtime_total_alloc_bytes",
                 "Cumulative bytes allocated for heap objects, as seen between readings [Alpha]",
                 "By"),
      {}, [this] { return TotalAllocated(); });
  scope_.AddObservedGauge(Definition("otelcol_process_runtime_total_sys_memory_bytes",
                                     "Total bytes of memory obtained from the OS [Alpha]", "By"),
                          {}, [] { return static_cast<double>(HeapSystemBytes()); });
}

double ProcessMetrics::TotalAllocated() {
  const uint64_t now = HeapBytes();
  const uint64_t seen = heap_seen_.exchange(now, std::memory_order_relaxed);
  const uint64_t grown = now > seen ? now - seen : 0;
  return static_cast<double>(heap_grown_.fetch_add(grown, std::memory_order_relaxed) + grown);
}

void ProcessMetrics::AddMemory(const ByteBudget& memory) {
  scope_.AddObservedGauge(
      Definition("weir_memory_limit_bytes", "Memory that telemetry may occupy", "By"), {},
      [&memory] { return static_cast<double>(memory.limit_bytes()); });
  scope_.AddObservedGauge(
      Definition("weir_memory_used_bytes", "Memory that telemetry occupies", "By"), {},
      [&memory] { return static_cast<double>(memory.used_bytes()); });
  scope_.AddObservedGauge(
      Definition("weir_memory_peak_bytes", "Most memory that telemetry has occupied", "By"), {},
      [&memory] { return static_cast<double>(memory.peak_bytes()); });
  scope_.AddObservedCounter(Definition("weir_memory_refusals",
                                       "Times that memory for telemetry was refused", "{refusal}"),
                            {}, [&memory] { return static_cast<double>(memory.refusals()); });
}

}  // namespace weir::app
