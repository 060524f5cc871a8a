// One periodic reader: collects own metrics every `interval` and pushes them by OTLP, or prints
// them to standard output as one line of OTLP/JSON.
//
// A push that fails is logged and not repeated: the next one says more. While one is under way the
// next is left out. Shutdown pushes a last time.
#pragma once

#include <functional>
#include <memory>

#include "app/config/telemetry_config.h"
#include "base/executor.h"
#include "base/log.h"
#include "base/status.h"
#include "model/batch.h"

namespace weir::app {

class PushReader {
 public:
  virtual ~PushReader() = default;
  // Begins; the first push is one interval away.
  virtual Status Start() = 0;
  // Pushes a last time, waiting for its end no longer than the reader's timeout. Twice is once.
  virtual void Shutdown() = 0;
};

// `collect` is called on the executor and outlives the reader. A timer may still fire, and do
// nothing, after Shutdown: end the executor before the reader is destroyed. Failures are the
// Collector's words: `unsupported protocol "smtp"`, `no valid metric exporter`, ...
Result<std::unique_ptr<PushReader>> MakePushReader(const PeriodicReader& config,
                                                   std::function<model::Batch()> collect,
                                                   Executor& executor, const Logger& logger);

}  // namespace weir::app
