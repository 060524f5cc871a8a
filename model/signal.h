// The kinds of telemetry a pipeline carries. Logic is written once over Signal, or over a trait,
// never copied per kind.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::model {

enum class Signal : uint8_t { kTraces = 0, kMetrics = 1, kLogs = 2 };

inline constexpr std::array<Signal, 3> kSignals = {Signal::kTraces, Signal::kMetrics,
                                                   Signal::kLogs};
inline constexpr size_t kSignalCount = kSignals.size();

// "traces", "metrics", "logs": as pipelines name them.
constexpr std::string_view SignalName(Signal signal) {
  constexpr std::array<std::string_view, 3> kNames = {"traces", "metrics", "logs"};
  return kNames[static_cast<size_t>(signal)];
}

// "spans", "metric_points", "log_records": what one item is, as self-metrics name them.
constexpr std::string_view ItemName(Signal signal) {
  constexpr std::array<std::string_view, 3> kNames = {"spans", "metric_points", "log_records"};
  return kNames[static_cast<size_t>(signal)];
}

constexpr size_t SignalIndex(Signal signal) { return static_cast<size_t>(signal); }

}  // namespace weir::model
