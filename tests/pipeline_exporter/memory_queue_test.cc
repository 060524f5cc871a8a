#include "pipeline/memory_queue.h"

#include "tests/pipeline_exporter/support.h"

namespace weir::pipeline::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class MemoryQueue : public ExporterTest {};

TEST_F(MemoryQueue, AnswersWhenTheBatchIsInAndSendsOnTheSameThread) {
  Start();
  const auto answer = Consume(Logs(3));
  EXPECT_EQ(answer->count, 1);
  EXPECT_TRUE(answer->status.ok());
  ASSERT_EQ(sender_->attempts.size(), 1u);
  EXPECT_EQ(sender_->attempts[0].batch.items(), 3u);
  EXPECT_EQ(QueueSize(), 1);
  EXPECT_EQ(Metric("in_flight_requests"), 1);
  sender_->Answer(Status());
  EXPECT_EQ(QueueSize(), 0);
  EXPECT_EQ(Metric("in_flight_requests"), 0);
  EXPECT_EQ(Metric("sent_log_records"), 3);
}

TEST_F(MemoryQueue, RunsAsManyExportsAsItHasConsumers) {
  queue().num_consumers = 2;
  Start();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Consume(Logs(1))->status.ok());
  EXPECT_EQ(sender_->attempts.size(), 2u);
  EXPECT_EQ(QueueSize(), 5);
  sender_->Answer(Status());
  EXPECT_EQ(sender_->attempts.size(), 2u);
  EXPECT_EQ(QueueSize(), 4);
  for (int i = 0; i < 4; ++i) sender_->Answer(Status());
  EXPECT_EQ(sender_->sends, 5);
  EXPECT_EQ(QueueSize(), 0);
}

TEST_F(MemoryQueue, KeepsTheOrderOfOneThread) {
  queue().num_consumers = 1;
  Start();
  for (size_t i = 1; i <= 5; ++i) (void)Consume(Logs(i));
  for (size_t i = 1; i <= 5; ++i) {
    ASSERT_EQ(sender_->attempts.size(), 1u);
    EXPECT_EQ(sender_->attempts[0].batch.items(), i);
    sender_->Answer(Status());
  }
}

TEST_F(MemoryQueue, GrowsNoStackWhenAnswersComeAtOnce) {
  queue().num_consumers = 1;
  queue().queue_size = 200'000;
  Start();
  const model::Batch batch = Logs(1);
  for (int i = 0; i < 100'000; ++i) (void)Consume(batch);
  ASSERT_EQ(sender_->attempts.size(), 1u);
  sender_->answer_now = [](const model::Batch&) { return Status(); };
  sender_->Answer(Status());
  EXPECT_EQ(sender_->sends, 100'000);
  EXPECT_EQ(QueueSize(), 0);
}

TEST_F(MemoryQueue, RefusesWithADelayWhenFull) {
  queue().queue_size = 2;
  queue().num_consumers = 1;
  Start();
  EXPECT_TRUE(Consume(Logs(1))->status.ok());
  EXPECT_TRUE(Consume(Logs(1))->status.ok());
  const Status status = Consume(Logs(4))->status;
  EXPECT_TRUE(status.retryable());
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), "sending queue is full");
  EXPECT_TRUE(status.retry_after().has_value());
  EXPECT_EQ(Metric("enqueue_failed_log_records"), 4);
  ASSERT_EQ(log_->lines().size(), 1u);
  EXPECT_EQ(log_->lines()[0].message, "Exporting failed. Rejecting data.");
  EXPECT_EQ(Text(log_->lines()[0], "error"), "sending queue is full");
  EXPECT_EQ(Text(log_->lines()[0], "rejected_items"), "4");
  // What is being exported still occupies the queue; what is done does not.
  sender_->Answer(Status());
  EXPECT_TRUE(Consume(Logs(1))->status.ok());
  for (int i = 0; i < 2; ++i) sender_->Answer(Status());
}

TEST_F(MemoryQueue, CountsItems) {
  queue().sizer = Sizer::kItems;
  queue().queue_size = 10;
  Start();
  EXPECT_TRUE(Consume(Logs(7))->status.ok());
  EXPECT_EQ(QueueSize(), 7);
  EXPECT_EQ(Consume(Logs(4))->status.message(), "sending queue is full");
  EXPECT_TRUE(Consume(Logs(3))->status.ok());
  EXPECT_EQ(QueueSize(), 10);
  EXPECT_EQ(Metric("queue_capacity"), 10);
  sender_->Answer(Status());
  sender_->Answer(Status());
}

TEST_F(MemoryQueue, CountsBytes) {
  queue().sizer = Sizer::kBytes;
  const auto one = static_cast<int64_t>(Logs(1).size_bytes());
  queue().queue_size = 2 * one;
  Start();
  EXPECT_TRUE(Consume(Logs(1))->status.ok());
  EXPECT_TRUE(Consume(Logs(1))->status.ok());
  EXPECT_EQ(QueueSize(), static_cast<double>(2 * one));
  EXPECT_EQ(Consume(Logs(1))->status.message(), "sending queue is full");
  sender_->Answer(Status());
  sender_->Answer(Status());
  EXPECT_EQ(QueueSize(), 0);
}

TEST_F(MemoryQueue, RefusesForGoodWhatIsLargerThanTheQueue) {
  queue().sizer = Sizer::kItems;
  queue().queue_size = 10;
  Start();
  const Status status = Consume(Logs(11))->status;
  EXPECT_TRUE(status.permanent());
  EXPECT_EQ(status.message(), "element size too large");
  EXPECT_EQ(Metric("enqueue_failed_log_records"), 11);
}

TEST_F(MemoryQueue, TakesNothingForSuccess) {
  Start();
  EXPECT_TRUE(Consume(Logs(0))->status.ok());
  EXPECT_TRUE(Consume(model::Batch(model::Signal::kLogs))->status.ok());
  EXPECT_EQ(sender_->sends, 0);
}

TEST_F(MemoryQueue, DetachesTheExportFromItsCaller) {
  Start();
  Context context = Until(seconds(1));
  auto client = std::make_shared<ClientInfo>();
  client->address = "1.2.3.4:5";
  context.client = client;
  (void)Consume(Logs(1), context);
  ASSERT_EQ(sender_->attempts.size(), 1u);
  EXPECT_EQ(sender_->attempts[0].context.deadline, Context::kNoDeadline);
  EXPECT_EQ(sender_->attempts[0].context.client, client);
  sender_->Answer(Status());
}

TEST_F(MemoryQueue, DropsWhatFailsWithALine) {
  options_.retry.enabled = false;
  Start();
  EXPECT_TRUE(Consume(Logs(3))->status.ok());
  sender_->Answer(Status::Permanent("no"));
  EXPECT_TRUE(Consume(Logs(2))->status.ok());
  sender_->Answer(Status::Retryable("later"));
  ASSERT_EQ(log_->lines().size(), 2u);
  EXPECT_EQ(log_->lines()[0].message,
            "Exporting failed. Dropping data. Try enabling retry_on_failure config option to retry "
            "on retryable errors.");
  EXPECT_EQ(Text(log_->lines()[0], "error"), "Permanent error: no");
  EXPECT_EQ(Text(log_->lines()[0], "dropped_items"), "3");
  EXPECT_EQ(Text(log_->lines()[1], "error"), "later");
  EXPECT_EQ(Metric("send_failed_log_records"), 5);
  EXPECT_EQ(Dropped("permanent_error"), 3);
  EXPECT_EQ(Dropped("retries_exhausted"), 2);
  EXPECT_EQ(QueueSize(), 0);
}

TEST_F(MemoryQueue, WaitingForTheResultGivesTheBackendsAnswer) {
  queue().wait_for_result = true;
  options_.retry.enabled = false;
  Start();
  const auto good = Consume(Logs(1));
  const auto bad = Consume(Logs(2));
  EXPECT_EQ(good->count + bad->count, 0);
  sender_->Answer(Status());
  EXPECT_TRUE(good->status.ok());
  sender_->Answer(Status::Permanent("no"));
  EXPECT_TRUE(bad->status.permanent());
  EXPECT_EQ(bad->status.message(), "Permanent error: no");
  // As recorded from the Collector: both lines.
  const std::string hint =
      " Try enabling retry_on_failure config option to retry on retryable errors.";
  EXPECT_EQ(log_->Count("Exporting failed. Dropping data." + hint), 1u);
  EXPECT_EQ(log_->Count("Exporting failed. Rejecting data." + hint), 1u);
  EXPECT_EQ(Dropped("permanent_error"), 0);
}

TEST_F(MemoryQueue, WaitingForTheResultEndsAtTheCallersDeadline) {
  queue().wait_for_result = true;
  queue().num_consumers = 1;
  Start();
  const auto first = Consume(Logs(1), Until(seconds(1)));
  const auto second = Consume(Logs(1), Until(seconds(2)));
  EXPECT_EQ(sender_->attempts[0].context.deadline, executor_.clock().Now() + seconds(1));
  executor_.Advance(seconds(3));
  EXPECT_EQ(first->status.code(), StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(first->status.retryable());
  EXPECT_EQ(second->status.code(), StatusCode::kDeadlineExceeded);
  sender_->Answer(Status());
  sender_->Answer(Status());
  EXPECT_EQ(first->count, 1);
  EXPECT_EQ(second->count, 1);
  EXPECT_EQ(executor_.pending_timers(), 0u);
}

TEST_F(MemoryQueue, BlocksOnOverflowInOrder) {
  queue().block_on_overflow = true;
  queue().queue_size = 1;
  Start();
  (void)Consume(Logs(1));
  const auto second = Consume(Logs(2));
  const auto third = Consume(Logs(3));
  EXPECT_EQ(second->count + third->count, 0);
  sender_->Answer(Status());
  EXPECT_EQ(second->count, 1);
  EXPECT_EQ(third->count, 0);
  EXPECT_EQ(sender_->attempts[0].batch.items(), 2u);
  sender_->Answer(Status());
  EXPECT_TRUE(third->status.ok());
  sender_->Answer(Status());
  EXPECT_EQ(QueueSize(), 0);
}

TEST_F(MemoryQueue, BlocksOnOverflowUntilTheCallersDeadline) {
  queue().block_on_overflow = true;
  queue().queue_size = 1;
  Start();
  (void)Consume(Logs(1));
  const auto late = Consume(Logs(2), Until(milliseconds(100)));
  executor_.Advance(milliseconds(99));
  EXPECT_EQ(late->count, 0);
  executor_.Advance(milliseconds(1));
  EXPECT_EQ(late->count, 1);
  EXPECT_EQ(late->status.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Metric("enqueue_failed_log_records"), 2);
  sender_->Answer(Status());
  EXPECT_EQ(sender_->sends, 1);
}

TEST_F(MemoryQueue, KeepsItsPromises) {
  queue().queue_size = 2;
  Start();
  {
    Reservations reservations;
    EXPECT_TRUE(exporter_->Reserve({1, 10}, reservations).ok());
    EXPECT_TRUE(exporter_->Reserve({1, 10}, reservations).ok());
    EXPECT_EQ(exporter_->Reserve({1, 10}, reservations).message(), "sending queue is full");
    EXPECT_EQ(Consume(Logs(1))->status.message(), "sending queue is full");
    Context context;
    context.reservations = &reservations;
    EXPECT_TRUE(Consume(Logs(1), context)->status.ok());
    EXPECT_EQ(QueueSize(), 2);
  }
  EXPECT_EQ(QueueSize(), 1) << "what was not used is given back";
  sender_->Answer(Status());
  EXPECT_EQ(QueueSize(), 0);
}

TEST_F(MemoryQueue, KeepsAPromiseToABatchThatGrew) {
  queue().sizer = Sizer::kItems;
  queue().queue_size = 5;
  Start();
  Reservations reservations;
  EXPECT_TRUE(exporter_->Reserve({5, 50}, reservations).ok());
  Context context;
  context.reservations = &reservations;
  EXPECT_TRUE(Consume(Logs(8), context)->status.ok());
  EXPECT_EQ(QueueSize(), 8);
  sender_->Answer(Status());
  EXPECT_EQ(QueueSize(), 0);
}

TEST_F(MemoryQueue, DrainsAtShutdownWithOneAttemptEach) {
  queue().num_consumers = 1;
  Start();
  for (int i = 0; i < 3; ++i) (void)Consume(Logs(1));
  sender_->answer_now = [n = 0](const model::Batch&) mutable {
    return n++ == 0 ? Status() : Status::Retryable("down");
  };
  sender_->Answer(Status::Retryable("down"));  // now waits for its second attempt
  EXPECT_EQ(sender_->sends, 1);
  exporter_->Shutdown();
  EXPECT_EQ(sender_->sends, 3);
  EXPECT_EQ(sender_->shutdowns, 1);
  EXPECT_EQ(Metric("sent_log_records"), 1);
  EXPECT_EQ(Dropped("shutdown"), 2);
  EXPECT_EQ(Metric("send_failed_log_records", {{"error_type", "Shutdown"}}), 2);
  exporter_->Shutdown();
  EXPECT_EQ(sender_->shutdowns, 1);
  const auto late = Consume(Logs(1));
  EXPECT_TRUE(late->status.retryable());
}

TEST_F(MemoryQueue, RefusesWhoWaitsForRoomAtShutdown) {
  queue().block_on_overflow = true;
  queue().queue_size = 1;
  Start();
  sender_->answer_now = nullptr;
  (void)Consume(Logs(1));
  const auto waiting = Consume(Logs(2));
  sender_->answer_now = [](const model::Batch&) { return Status(); };
  // Answered from another thread while Shutdown waits.
  std::thread backend([&] {
    while (waiting->count == 0) std::this_thread::yield();
    sender_->Answer(Status());
  });
  exporter_->Shutdown();
  backend.join();
  EXPECT_TRUE(waiting->status.retryable());
}

TEST_F(MemoryQueue, StartFailsAsItsSender) {
  Make();
  sender_->start_answer = Status(StatusCode::kInvalidArgument, "no certificate");
  EXPECT_EQ(exporter_->Start(host_).message(), "no certificate");
}

}  // namespace
}  // namespace weir::pipeline::tests
