// Where a periodic reader's requests go, and those that go by OTLP.
#pragma once

#include <chrono>
#include <memory>

#include "app/config/telemetry_config.h"
#include "base/log.h"
#include "base/status.h"
#include "base/unique_function.h"
#include "model/batch.h"

namespace weir::app {

class MetricPush {
 public:
  virtual ~MetricPush() = default;
  virtual Status Start() = 0;
  // Calls `done` exactly once, perhaps on another thread. One at a time.
  virtual void Push(model::Batch batch, UniqueFunction<void(Status)> done) = 0;
  // What is under way fails. Twice is once.
  virtual void Shutdown() = 0;
};

// An exporter of protocol http/protobuf (POST to the endpoint's path, /v1/metrics when it has none)
// or grpc/protobuf. The target's own timeout (ms) wins over `timeout`. Failures: `unsupported
// protocol "smtp"`, `unsupported compression "x"`. Metrics are pushed cumulative with explicit
// bounds; asking for anything else warns.
Result<std::unique_ptr<MetricPush>> MakeOtlpPush(const OtlpTarget& target,
                                                 std::chrono::milliseconds timeout,
                                                 const Logger& logger);

}  // namespace weir::app
