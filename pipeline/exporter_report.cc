#include "pipeline/exporter_report.h"

#include <utility>

#include "base/config/fields.h"

namespace weir::pipeline {
namespace {

std::string_view DropReason(FailureReason reason) {
  switch (reason) {
    case FailureReason::kPermanent:
      return "permanent_error";
    case FailureReason::kExhausted:
      return "retries_exhausted";
    case FailureReason::kShutdown:
      return "shutdown";
  }
  return {};
}

// The error.type of upstream's metrics: the gRPC code when the failure is a gRPC status.
std::string_view ErrorType(const Status& answer, FailureReason reason) {
  if (reason == FailureReason::kShutdown) return "Shutdown";
  if (!answer.wire_status().empty()) return StatusCodeName(answer.code());
  if (answer.code() == StatusCode::kCancelled) return "Canceled";
  if (answer.code() == StatusCode::kDeadlineExceeded) return "Deadline_Exceeded";
  return "_OTHER";
}

}  // namespace

ExporterReport::ExporterReport(const Settings& settings, model::Signal signal,
                               MetricLabels sent_labels, Queueing queueing, bool retry_enabled)
    : queueing_(queueing),
      retry_enabled_(retry_enabled),
      logger_(settings.logger),
      metrics_(settings.metrics, settings.id, signal, std::move(sent_labels)),
      drops_(settings.metrics, ComponentKind::kExporter, settings.id, signal) {}

std::string ExporterReport::Line(std::string_view what, bool with_queue_hint) const {
  std::string line = "Exporting failed. " + std::string(what) + " data.";
  if (!retry_enabled_) {
    line += " Try enabling retry_on_failure config option to retry on retryable errors.";
  }
  if (with_queue_hint && queueing_ == Queueing::kNone) {
    line += " Try enabling sending_queue to survive temporary failures.";
  }
  return line;
}

void ExporterReport::WillRetry(std::string_view error, std::chrono::nanoseconds interval) const {
  logger_.Info("Exporting failed. Will retry the request after interval.",
               {{"error", error}, {"interval", config::FormatDuration(interval)}});
}

void ExporterReport::Failed(size_t items, size_t bytes, const Status& answer,
                            std::string_view error, FailureReason reason) {
  metrics_.SendFailed(items, ErrorType(answer, reason), answer.permanent());
  if (queueing_ == Queueing::kStorage && reason == FailureReason::kShutdown) return;
  if (queueing_ != Queueing::kNone) {
    logger_.Error(Line("Dropping", false), {{"error", error}, {"dropped_items", uint64_t{items}}});
  }
  if (queueing_ == Queueing::kNone || queueing_ == Queueing::kWaiting) {
    logger_.Error(Line("Rejecting", true), {{"error", error}, {"rejected_items", uint64_t{items}}});
    return;
  }
  drops_.Add(DropReason(reason), items, bytes);
}

void ExporterReport::Refused(size_t items, const Status& why) {
  metrics_.EnqueueFailed(items);
  logger_.Error(Line("Rejecting", true), {{"error", why}, {"rejected_items", uint64_t{items}}});
}

void ExporterReport::Unreadable(size_t bytes, const Status& why) {
  logger_.Error("A record of the sending queue cannot be read and is skipped",
                {{"error", why}, {"bytes", uint64_t{bytes}}});
  drops_.Add("unreadable_record", 0, bytes);
}

}  // namespace weir::pipeline
