#include "app/config/command_line.h"

namespace weir::app {

std::string_view DefaultConfigText() {
  return R"(receivers:
  otlp:
    protocols:
      grpc:
        endpoint: localhost:4317
      http:
        endpoint: localhost:4318

exporters:
  debug:

service:
  pipelines:
    traces:
      receivers: [otlp]
      exporters: [debug]
    metrics:
      receivers: [otlp]
      exporters: [debug]
    logs:
      receivers: [otlp]
      exporters: [debug]
)";
}

std::string_view DefaultConfigNotice() {
  return R"(No --config given: running the built-in configuration.
  Send OTLP/gRPC to localhost:4317 and OTLP/HTTP to http://localhost:4318
  What arrives is printed here; own metrics are on http://localhost:8888/metrics
  See the configuration with `print-config`, start from it with `print-config > weir.yaml`
)";
}

}  // namespace weir::app
