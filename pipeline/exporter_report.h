// What one exporter tells its operators: counters, log lines, and the ledger of what it gave up.
//
// The words and fields of the lines are the Collector's:
//
//   info   Exporting failed. Will retry the request after interval.      {error, interval}
//   error  Exporting failed. Dropping data. <hint>                       {error, dropped_items}
//   error  Exporting failed. Rejecting data. <hint> <hint>               {error, rejected_items}
//
// Dropping: behind a queue nobody hears of the failure but this line. Rejecting: the caller gets
// it. With wait_for_result upstream writes both, and so do we, but only a caller who has been told
// OK makes a loss: that alone is counted as dropped (pipeline/drops.h). Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/status.h"
#include "pipeline/component.h"
#include "pipeline/drops.h"
#include "pipeline/exporter_metrics.h"

namespace weir::pipeline {

// Who hears of the end of an export.
enum class Queueing : uint8_t {
  kNone,     // the caller: there is no queue
  kMemory,   // nobody: the caller was told OK when the batch was queued
  kWaiting,  // the caller: wait_for_result
  kStorage,  // nobody, but what is interrupted stays on disk
};

// Why an export failed in the end. Also the reason in the ledger of drops.
enum class FailureReason : uint8_t {
  kPermanent,  // "permanent_error": the backend refuses it for good
  kExhausted,  // "retries_exhausted": no more attempts are allowed
  kShutdown,   // "shutdown": the exporter stops while it waits for the next attempt
};

class ExporterReport {
 public:
  ExporterReport(const Settings& settings, model::Signal signal, MetricLabels sent_labels,
                 Queueing queueing, bool retry_enabled);

  ExporterMetrics& metrics() { return metrics_; }
  Queueing queueing() const { return queueing_; }
  const Logger& logger() const { return logger_; }

  void WillRetry(std::string_view error, std::chrono::nanoseconds interval) const;
  // An export of `items` and `bytes` ended with `answer` (a failure, as its sender gave it), shown
  // to operators as `error`.
  void Failed(size_t items, size_t bytes, const Status& answer, std::string_view error,
              FailureReason reason);
  // The queue did not take `items`.
  void Refused(size_t items, const Status& why);
  // A record of `bytes` in storage could not be read; nobody knows how many items that were.
  void Unreadable(size_t bytes, const Status& why);

 private:
  std::string Line(std::string_view what, bool with_queue_hint) const;

  const Queueing queueing_;
  const bool retry_enabled_;
  const Logger logger_;
  ExporterMetrics metrics_;
  Drops drops_;
};

}  // namespace weir::pipeline
