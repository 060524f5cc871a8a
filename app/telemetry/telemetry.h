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
// app/telemetry's sink). Metrics: a page per pull reader with the Collector's names (prometheus-cpp
// renders it), OTLP pushes per periodic reader. Process metrics are added here.
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
  // Opens the log's outputs. Failure: the Collector's words, without "Error: ".
  static Result<std::unique_ptr<Telemetry>> Make(const TelemetryConfig& config,
                                                 const pipeline::BuildInfo& build);
  virtual ~Telemetry() = default;

  virtual const Logger& logger() const = 0;
  virtual MetricStore& metrics() = 0;

  // A JSON page served beside /metrics on every pull reader. Before Listen. `render` may be called
  // from any thread until Shutdown.
  virtual void AddPage(std::string path, std::function<std::string()> render) = 0;
  // Opens the readers. Level none: nothing. `memory` is shown in the process metrics and charged
  // for requests.
  virtual Status Listen(ByteBudget& memory) = 0;
  // Closes readers and flushes logs. Twice is once.
  virtual void Shutdown() = 0;
};

}  // namespace weir::app
