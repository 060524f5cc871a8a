#include "pipeline/retry.h"

#include "tests/pipeline_exporter/support.h"

namespace weir::pipeline::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Status Rpc(StatusCode code, std::string message) {
  return Status(code, std::move(message)).WithWireStatus("wire");
}

class Retry : public ExporterTest {
 protected:
  Retry() {
    NoQueue();
    options_.retry.initial_interval = milliseconds(200);
    options_.retry.multiplier = 2;
    options_.retry.max_interval = milliseconds(400);
    options_.retry.max_elapsed_time = seconds(3);
  }
  std::string LastLine() { return log_->lines().back().message; }
  std::string LastError() { return Text(log_->lines().back(), "error"); }
};

TEST(Backoff, GrowsToItsMaximum) {
  RetryConfig config;
  config.initial_interval = milliseconds(200);
  config.multiplier = 2;
  config.max_interval = milliseconds(1000);
  config.randomization_factor = 0;
  Backoff backoff(config);
  for (const int expected : {200, 400, 800, 1000, 1000}) {
    EXPECT_EQ(backoff.Next(0.9), milliseconds(expected));
  }
}

TEST(Backoff, DrawsFromBothSidesOfTheInterval) {
  RetryConfig config;
  config.initial_interval = milliseconds(1000);
  config.multiplier = 1;
  config.randomization_factor = 0.5;
  Backoff backoff(config);
  EXPECT_EQ(backoff.Next(0), milliseconds(500));
  EXPECT_EQ(backoff.Next(0.5), milliseconds(1000));
  EXPECT_NEAR(static_cast<double>(backoff.Next(0.999999999).count()), 1.5e9, 10);
}

TEST_F(Retry, WaitsLongerEachTimeAndSaysSo) {
  Start();
  const auto answer = Consume(Logs(2));
  sender_->Answer(Rpc(StatusCode::kUnavailable, "sink says no"));
  EXPECT_EQ(LastLine(), "Exporting failed. Will retry the request after interval.");
  EXPECT_EQ(LastError(), "rpc error: code = Unavailable desc = sink says no");
  EXPECT_EQ(Text(log_->lines().back(), "interval"), "200ms");
  executor_.Advance(milliseconds(199));
  EXPECT_EQ(sender_->sends, 1);
  executor_.Advance(milliseconds(1));
  ASSERT_EQ(sender_->sends, 2);
  EXPECT_EQ(sender_->attempts[0].batch.items(), 2u);
  sender_->Answer(Rpc(StatusCode::kUnavailable, "sink says no"));
  executor_.Advance(milliseconds(400));
  EXPECT_EQ(Metric("in_flight_requests"), 1) << "backoff included";
  EXPECT_EQ(answer->count, 0);
  sender_->Answer(Status());
  EXPECT_TRUE(answer->status.ok());
  EXPECT_EQ(Metric("sent_log_records"), 2);
  EXPECT_EQ(Metric("send_failed_log_records"), 0);
}

TEST_F(Retry, WaitsAsLongAsTheBackendAsks) {
  Start();
  (void)Consume(Logs(1));
  sender_->Answer(Rpc(StatusCode::kUnavailable, "busy").WithRetryAfter(seconds(1)));
  EXPECT_EQ(LastError(), "Throttle (1s), error: rpc error: code = Unavailable desc = busy");
  EXPECT_EQ(Text(log_->lines().back(), "interval"), "1s");
  executor_.Advance(milliseconds(999));
  EXPECT_EQ(sender_->sends, 1);
  executor_.Advance(milliseconds(1));
  ASSERT_EQ(sender_->sends, 2);
  sender_->Answer(Rpc(StatusCode::kUnavailable, "busy").WithRetryAfter(milliseconds(1)));
  EXPECT_EQ(Text(log_->lines().back(), "interval"), "400ms") << "the longer of the two";
  executor_.Advance(seconds(1));
  sender_->Answer(Status());
}

TEST_F(Retry, EndsAtAPermanentError) {
  Start();
  const auto answer = Consume(Logs(1));
  sender_->Answer(Rpc(StatusCode::kInvalidArgument, "sink says no"));
  const std::string text =
      "not retryable error: Permanent error: rpc error: code = InvalidArgument desc = sink says no";
  EXPECT_EQ(answer->status.message(), text);
  EXPECT_EQ(answer->status.code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(answer->status.permanent());
  EXPECT_EQ(answer->status.wire_status(), "wire");
  EXPECT_EQ(LastLine(),
            "Exporting failed. Rejecting data. Try enabling sending_queue to survive temporary "
            "failures.");
  EXPECT_EQ(LastError(), text);
  EXPECT_EQ(Text(log_->lines().back(), "rejected_items"), "1");
  EXPECT_EQ(Metric("send_failed_log_records",
                   {{"error_type", "InvalidArgument"}, {"error_permanent", "true"}}),
            1);
  EXPECT_EQ(Dropped("permanent_error"), 0) << "the caller has it";
}

TEST_F(Retry, EndsBeforeItsTimeIsOver) {
  Start();
  const auto answer = Consume(Logs(1));
  // Attempts at 0, 0.2, 0.6, 1.0, ... 3.0; the next would be at 3.4.
  sender_->answer_now = [](const model::Batch&) { return Rpc(StatusCode::kUnavailable, "down"); };
  sender_->Answer(Rpc(StatusCode::kUnavailable, "down"));
  executor_.Advance(minutes(1));
  EXPECT_EQ(sender_->sends, 9);
  EXPECT_EQ(answer->status.message(),
            "no more retries left: rpc error: code = Unavailable desc = down");
  EXPECT_TRUE(answer->status.retryable());
}

TEST_F(Retry, EndsAtOnceWhenTheDelayIsBeyondItsTime) {
  Start();
  const auto answer = Consume(Logs(1));
  sender_->Answer(Rpc(StatusCode::kUnavailable, "busy").WithRetryAfter(minutes(1)));
  EXPECT_EQ(answer->status.message(),
            "no more retries left: Throttle (1m0s), error: rpc error: code = Unavailable desc = "
            "busy");
  EXPECT_EQ(answer->status.retry_after(), minutes(1));
}

TEST_F(Retry, GoesOnForEverWithoutALimit) {
  options_.retry.max_elapsed_time = config::Duration::zero();
  Start();
  (void)Consume(Logs(1));
  sender_->answer_now = [](const model::Batch&) { return Status::Retryable("down"); };
  sender_->Answer(Status::Retryable("down"));
  executor_.Advance(minutes(60));
  EXPECT_GT(sender_->sends, 8000);
  sender_->answer_now = [](const model::Batch&) { return Status(); };
  executor_.Advance(seconds(1));
  EXPECT_EQ(Metric("in_flight_requests"), 0);
}

TEST_F(Retry, EndsBeforeTheCallersDeadline) {
  Start();
  const auto answer = Consume(Logs(1), Until(milliseconds(300)));
  EXPECT_EQ(sender_->attempts[0].context.deadline, executor_.clock().Now() + milliseconds(300));
  sender_->Answer(Status::Retryable("down"));
  executor_.Advance(milliseconds(200));
  sender_->Answer(Status::Retryable("down"));
  EXPECT_EQ(answer->status.message(), "request will be cancelled before next retry: down");
}

TEST_F(Retry, GivesEachAttemptItsTimeout) {
  options_.timeout.timeout = seconds(5);
  Start();
  (void)Consume(Logs(1));
  EXPECT_EQ(sender_->attempts[0].context.deadline, executor_.clock().Now() + seconds(5));
  sender_->Answer(Status(StatusCode::kDeadlineExceeded, "context deadline exceeded"));
  executor_.Advance(milliseconds(200));
  EXPECT_EQ(sender_->attempts[0].context.deadline, executor_.clock().Now() + seconds(5));
  sender_->Answer(Status());
}

TEST_F(Retry, OffGivesTheFirstAnswer) {
  options_.retry.enabled = false;
  Start();
  const auto plain = Consume(Logs(1));
  sender_->Answer(Rpc(StatusCode::kUnavailable, "sink says no"));
  // The status goes through as it is; operators see it as gRPC's Go implementation prints it.
  EXPECT_EQ(plain->status.message(), "sink says no");
  EXPECT_EQ(LastError(), "rpc error: code = Unavailable desc = sink says no");
  EXPECT_EQ(LastLine(),
            "Exporting failed. Rejecting data. Try enabling retry_on_failure config option to "
            "retry on retryable errors. Try enabling sending_queue to survive temporary failures.");
  const auto bad = Consume(Logs(1));
  sender_->Answer(Rpc(StatusCode::kUnknown, "sink says no"));
  EXPECT_EQ(bad->status.message(),
            "Permanent error: rpc error: code = Unknown desc = sink says no");
  const auto busy = Consume(Logs(1));
  sender_->Answer(Rpc(StatusCode::kResourceExhausted, "no").WithRetryAfter(milliseconds(700)));
  EXPECT_EQ(busy->status.message(),
            "Throttle (700ms), error: rpc error: code = ResourceExhausted desc = no");
  EXPECT_TRUE(busy->status.retryable());
}

TEST_F(Retry, IsInterruptedByShutdown) {
  Start();
  const auto answer = Consume(Logs(1));
  sender_->Answer(Status::Retryable("down"));
  EXPECT_EQ(executor_.pending_timers(), 1u);
  exporter_->Shutdown();
  EXPECT_EQ(answer->status.message(), "interrupted due to shutdown: down");
  EXPECT_TRUE(answer->status.retryable());
  EXPECT_EQ(executor_.pending_timers(), 0u);
  EXPECT_EQ(sender_->sends, 1);
}

}  // namespace
}  // namespace weir::pipeline::tests
