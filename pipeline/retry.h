// The retry loop around a sender: one attempt, and while it fails with something that may pass,
// another one after a growing, randomised delay.
//
//   attempt ─ retryable ─► wait max(backoff, what the backend asked for) ─► attempt ...
//      │          │ next attempt would pass max_elapsed_time: "no more retries left: "
//      │          │ ... or the caller's deadline: "request will be cancelled before next retry: "
//      │          └ the exporter stops: "interrupted due to shutdown: "
//      └ permanent: "not retryable error: "
//
// Texts, arithmetic and log lines are those of the Collector's retry sender and of the backoff
// library under it. Waiting is a timer on the executor, never a thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/executor.h"
#include "pipeline/export.h"
#include "pipeline/exporter_config.h"
#include "pipeline/exporter_helper.h"
#include "pipeline/exporter_report.h"

namespace weir::pipeline {

// The delays between attempts: initial_interval, times multiplier each time up to max_interval,
// each drawn from ±randomization_factor around it.
class Backoff {
 public:
  explicit Backoff(const RetryConfig& config)
      : config_(config), current_(config.initial_interval) {}
  // `random` is drawn from [0, 1).
  config::Duration Next(double random);

 private:
  const RetryConfig& config_;
  config::Duration current_;
};

class RetryStage final : public ExportStage {
 public:
  struct Options {
    TimeoutConfig timeout;  // of one attempt
    RetryConfig retry;
    uint64_t seed = 0;  // of the random delays
  };
  // All references outlive this.
  RetryStage(const Options& options, Sender& sender, Executor& executor, ExporterReport& report);
  ~RetryStage() override;

  void Take(Export one) override;

  // From now on nothing waits for another attempt: what does is answered at once, and what fails
  // later too ("interrupted due to shutdown: ...", retryable). Attempts that run are not touched.
  // The timers it leaves do nothing.
  void StopRetrying();
  bool stopped() const { return stopped_.load(std::memory_order_acquire); }

 private:
  struct Loop;  // one export on its way
  class WaitingRoom;

  void Attempt(Loop* loop);
  void Answered(Loop* loop, Status answer);
  // Answers, or waits for the next attempt.
  void DecideRetry(Loop* loop, const Status& answer);
  void Wait(Loop* loop, const Status& answer, config::Duration delay);
  void Succeed(Loop* loop);
  // `frame` stands in front of the sender's error, in what is logged and answered.
  void Fail(Loop* loop, const Status& answer, std::string_view frame, FailureReason reason);
  double Random();

  const Options options_;
  Sender& sender_;
  Executor& executor_;
  ExporterReport& report_;
  std::atomic<bool> stopped_{false};
  std::atomic<uint64_t> draws_{0};
  const std::shared_ptr<WaitingRoom> waiting_;
};

}  // namespace weir::pipeline
