// The program's own logs and metrics, as `service.telemetry` asks for them.
//
//   Result<std::unique_ptr<Telemetry>> telemetry = Telemetry::Make(service.telemetry, build);
//   telemetry->logger().Info("Starting weir...", ...);
//   telemetry->AddPage("/debug/ledger", [&] { return view.LedgerJson(); });
//   telemetry->Listen();      // opens the readers of service.telemetry.metrics
//   ...
//   telemetry->Shutdown();    // after everything else; flushes
//
// Logs: the Collector's console and JSON lines (base/log.h is the interface; spdlog's one door is
// app/telemetry/log_sink.cc). Metrics: a page per pull reader with the Collector's names
// (app/telemetry/metric_page.cc is prometheus-cpp's one door), a push or a printed line per
// interval of each periodic reader. Process metrics are added here. Own traces are not made.
//
// Listen comes before the pipelines start, so that a reader has its port first, as upstream. Not
// thread-safe itself; what logger() and metrics() give is. Own threads: two when there is a
// periodic reader, none otherwise (pages are served on the shared IoPool).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/config/telemetry_config.h"
#include "base/byte_budget.h"
#include "base/log.h"
#include "base/metric_store.h"
#include "base/status.h"
#include "pipeline/component.h"

namespace weir::app {

class Telemetry {
 public:
  // Opens the log's outputs. Failure: the Collector's words, without "Error: ":
  // `failed to create logger: open sink "/no/x.log": ...`.
  static Result<std::unique_ptr<Telemetry>> Make(const TelemetryConfig& config,
                                                 const pipeline::BuildInfo& build);
  virtual ~Telemetry() = default;

  // Lines carry the resource of service.telemetry.resource and nothing else; With() adds.
  virtual const Logger& logger() const = 0;
  // Its level is service.telemetry.metrics.level.
  virtual MetricStore& metrics() = 0;

  // A JSON page served beside /metrics on every pull reader. Before Listen. `render` may be called
  // from any thread until Shutdown.
  virtual void AddPage(std::string path, std::function<std::string()> render) = 0;
  // Checks service.telemetry.traces and opens the readers; at level none there are none, but the
  // store still counts. `memory` is shown in the process metrics, is charged for requests, and
  // outlives the telemetry. Failure, with nothing left open: `failed to create tracer provider:
  // ...`, `failed to create meter provider: binding address localhost:8888 for Prometheus exporter:
  // listen tcp ...`, or a key this program cannot follow. Once.
  virtual Status Listen(ByteBudget& memory) = 0;
  // Closes readers (periodic ones push a last time) and flushes logs. Twice is once.
  virtual void Shutdown() = 0;
};

}  // namespace weir::app
