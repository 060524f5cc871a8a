// service.telemetry.traces. This program makes no spans of its own; what the file says is checked
// as the Collector checks it at start, and told to have no effect.
#pragma once

#include "app/config/telemetry_config.h"
#include "base/log.h"
#include "base/status.h"

namespace weir::app {

// Logs `Internal trace telemetry disabled`, or a warning when processors are configured. Failure:
// `unsupported protocol "carrier"`, `no valid span exporter`.
Status CheckTraceProviders(const TracesTelemetry& traces, const Logger& logger);

}  // namespace weir::app
