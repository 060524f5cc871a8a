#include "app/telemetry/trace_providers.h"

#include <string>

namespace weir::app {
namespace {

// Of one `batch` or `simple` processor.
Status CheckExporter(const config::Value& processor) {
  const config::Value* exporter = processor.Find("exporter");
  const config::Value* otlp = exporter == nullptr ? nullptr : exporter->Find("otlp");
  const config::Value* console = exporter == nullptr ? nullptr : exporter->Find("console");
  if (otlp == nullptr && console == nullptr)
    return {StatusCode::kInvalidArgument, "no valid span exporter"};
  if (otlp == nullptr) return {};
  const config::Value* protocol = otlp->Find("protocol");
  const std::string name =
      protocol != nullptr && protocol->is_string() ? protocol->as_string() : std::string();
  if (name == "http/protobuf" || name == "grpc/protobuf" || name == "grpc") return {};
  return {StatusCode::kInvalidArgument, "unsupported protocol \"" + name + "\""};
}

}  // namespace

Status CheckTraceProviders(const TracesTelemetry& traces, const Logger& logger) {
  if (traces.level == MetricsLevel::kNone || traces.processors.empty()) {
    logger.Info("Internal trace telemetry disabled");
    return {};
  }
  for (const config::Value& processor : traces.processors) {
    for (const char* kind : {"batch", "simple"}) {
      const config::Value* one = processor.Find(kind);
      if (one != nullptr) WEIR_RETURN_IF_ERROR(CheckExporter(*one));
    }
  }
  logger.Warn("This program makes no spans of its own; the processors have no effect",
              {{"key", "service::telemetry::traces::processors"}});
  return {};
}

}  // namespace weir::app
