#include "pipeline/persistent_queue.h"

#include "tests/pipeline_exporter/fake_storage.h"
#include "tests/pipeline_exporter/support.h"

namespace weir::pipeline::tests {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class PersistentQueue : public ExporterTest {
 protected:
  PersistentQueue() {
    queue().storage = ExtensionRef{{"file_storage", ""}};
    host_.extensions["file_storage"] = &storage_;
  }
  // The fixture's own destructor would find posted sends that nobody runs.
  ~PersistentQueue() override { Stop(); }
  FakeDisk& disk() { return storage_.disk; }
  void StartAndRun() {
    Start();
    executor_.RunPosted();
  }
  void Stop() {
    if (!exporter_) return;
    executor_.RunPosted();
    if (sender_) {
      // What is still with the backend comes back as it went.
      std::vector<FakeSender::Attempt> left = std::move(sender_->attempts);
      sender_->answer_now = [](const model::Batch&) { return Status::Retryable("down"); };
      sender_->attempts.clear();
      std::thread backend([&] {
        for (auto& attempt : left) attempt.done(Status::Retryable("down"));
      });
      exporter_->Shutdown();
      backend.join();
    }
    exporter_.reset();
    sender_ = nullptr;
  }
  void Restart() {
    Stop();
    StartAndRun();
  }
  // Sends `count` batches of one record each while the backend keeps everything.
  void Fill(int count, size_t items = 1) {
    for (int i = 0; i < count; ++i) {
      EXPECT_TRUE(Consume(Logs(items, "b" + std::to_string(i) + "-"))->status.ok());
    }
    executor_.RunPosted();
  }
  void AnswerAll(Status status = {}) {
    while (!sender_->attempts.empty()) {
      sender_->Answer(status);
      executor_.RunPosted();
    }
  }

  FakeStorage storage_;
};

TEST_F(PersistentQueue, OpensItsStorageByName) {
  StartAndRun();
  EXPECT_EQ(storage_.opened, "exporter otlp/x logs");
  Stop();
  EXPECT_EQ(disk().closes, 1);
}

TEST_F(PersistentQueue, NeedsItsExtension) {
  host_.extensions.clear();
  Make();
  EXPECT_EQ(exporter_->Start(host_).message(), "no storage client extension found");
  EXPECT_EQ(sender_->shutdowns, 1);
  class Other final : public Extension {
    Status Start(Host&) override { return {}; }
    void Shutdown() override {}
  } other;
  host_.extensions["file_storage"] = &other;
  Make();
  EXPECT_EQ(exporter_->Start(host_).message(), "requested extension is not a storage extension");
}

TEST_F(PersistentQueue, AnswersWhenTheRequestIsDurable) {
  disk().hold = true;
  StartAndRun();
  const auto answer = Consume(Logs(2));
  EXPECT_EQ(answer->count, 0);
  EXPECT_EQ(QueueSize(), 1);
  EXPECT_EQ(sender_->sends, 0);
  disk().Flush();
  EXPECT_TRUE(answer->status.ok());
  EXPECT_EQ(answer->count, 1);
  executor_.RunPosted();
  ASSERT_EQ(sender_->attempts.size(), 1u);
  EXPECT_EQ(disk().count(), 1u);
  EXPECT_EQ(disk().reads, 0) << "a short queue is not read back";
  sender_->Answer(Status());
  EXPECT_EQ(disk().count(), 0u);
  EXPECT_EQ(QueueSize(), 0);
}

TEST_F(PersistentQueue, RefusesWhatTheStorageCannotHold) {
  disk().fail_append = Status(StatusCode::kUnavailable, "no space left on device");
  StartAndRun();
  const auto answer = Consume(Logs(2));
  EXPECT_TRUE(answer->status.retryable());
  EXPECT_TRUE(answer->status.retry_after().has_value());
  EXPECT_EQ(answer->status.message(), "no space left on device");
  EXPECT_EQ(Metric("enqueue_failed_log_records"), 2);
  EXPECT_EQ(QueueSize(), 0);
}

TEST_F(PersistentQueue, SendsAfterARestartWhatWasNotDelivered) {
  StartAndRun();
  Context context;
  auto client = std::make_shared<ClientInfo>();
  client->address = "1.2.3.4:5";
  client->metadata = {{"tenant", {"a", "b"}}};
  client->auth = {{"username", "secret"}};
  client->authenticated = true;
  context.client = client;
  EXPECT_TRUE(Consume(Logs(3, "x"), context)->status.ok());
  executor_.RunPosted();
  Restart();
  ASSERT_EQ(sender_->attempts.size(), 1u);
  EXPECT_EQ(Bodies(sender_->attempts[0].batch), (std::vector<std::string>{"x0", "x1", "x2"}));
  const auto& kept = sender_->attempts[0].context.client;
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->address, client->address);
  EXPECT_EQ(kept->metadata, client->metadata);
  EXPECT_TRUE(kept->auth.empty());
  EXPECT_FALSE(kept->authenticated);
  EXPECT_EQ(QueueSize(), 1);
  sender_->Answer(Status());
  EXPECT_EQ(disk().count(), 0u);
  EXPECT_EQ(QueueSize(), 0);
}

TEST_F(PersistentQueue, KeepsItsSizeOverARestart) {
  queue().sizer = Sizer::kItems;
  queue().queue_size = 1000;
  queue().num_consumers = 1;
  StartAndRun();
  Fill(4, 5);
  EXPECT_EQ(QueueSize(), 20);
  Restart();
  EXPECT_EQ(QueueSize(), 20);
  AnswerAll();
  EXPECT_EQ(QueueSize(), 0);
  EXPECT_EQ(disk().count(), 0u);
}

TEST_F(PersistentQueue, KeepsTheRestWhenItStops) {
  queue().num_consumers = 2;
  StartAndRun();
  Fill(5);
  EXPECT_EQ(sender_->sends, 2);
  sender_->Answer(Status());
  executor_.RunPosted();
  Stop();
  EXPECT_EQ(disk().count(), 4u);
  EXPECT_EQ(Dropped("shutdown"), 0);
  EXPECT_EQ(log_->Count("Exporting failed. Dropping data."), 0u);
  EXPECT_EQ(log_->Count("Requests stay in the sending queue's storage"), 1u);
}

TEST_F(PersistentQueue, KeepsWhatWaitsForItsNextAttempt) {
  StartAndRun();
  Fill(1);
  sender_->Answer(Status::Retryable("down"));
  executor_.RunPosted();
  Stop();
  EXPECT_EQ(disk().count(), 1u);
}

TEST_F(PersistentQueue, DropsWhatTheBackendRefusesForGood) {
  StartAndRun();
  Fill(1);
  sender_->Answer(Status::Permanent("no"));
  EXPECT_EQ(disk().count(), 0u);
  EXPECT_EQ(QueueSize(), 0);
  EXPECT_EQ(Dropped("permanent_error"), 1);
}

TEST_F(PersistentQueue, RetriesForEverUnlessALimitIsWritten) {
  StartAndRun();
  Fill(1);
  sender_->answer_now = [](const model::Batch&) { return Status::Retryable("down"); };
  sender_->Answer(Status::Retryable("down"));
  executor_.Advance(minutes(60));
  EXPECT_EQ(disk().count(), 1u);
  Stop();
  options_.retry.max_elapsed_time_written = true;
  StartAndRun();
  sender_->answer_now = [](const model::Batch&) { return Status::Retryable("down"); };
  sender_->Answer(Status::Retryable("down"));
  executor_.Advance(minutes(60));
  EXPECT_EQ(disk().count(), 0u);
  EXPECT_EQ(Dropped("retries_exhausted"), 1);
}

TEST_F(PersistentQueue, SkipsDamagedRecords) {
  StartAndRun();
  Fill(5);
  Stop();
  disk().Damage(1, 0);
  disk().Damage(3, 10);
  log_ = std::make_shared<weir::tests::CapturedLog>();
  StartAndRun();
  EXPECT_EQ(sender_->attempts.size(), 3u);
  EXPECT_EQ(log_->Count("A record of the sending queue cannot be read and is skipped"), 2u);
  EXPECT_EQ(disk().count(), 3u) << "never looked at again";
  EXPECT_GT(store_.Sum("weir_dropped_bytes", {{"reason", "unreadable_record"}}), 0);
  AnswerAll();
  EXPECT_EQ(disk().count(), 0u);
  EXPECT_EQ(QueueSize(), 0);
}

TEST_F(PersistentQueue, TriesAgainWhenTheStorageCannotBeRead) {
  StartAndRun();
  Fill(3);
  Stop();
  disk().fail_read = Status(StatusCode::kUnavailable, "input/output error");
  StartAndRun();
  EXPECT_EQ(sender_->sends, 0);
  EXPECT_EQ(QueueSize(), 3);
  executor_.Advance(seconds(5));
  EXPECT_LE(disk().reads, 8) << "not in a hot loop";
  disk().fail_read = Status();
  executor_.Advance(seconds(1));
  EXPECT_EQ(sender_->sends, 3);
  AnswerAll();
  EXPECT_EQ(QueueSize(), 0);
}

TEST_F(PersistentQueue, RefusesWhenFull) {
  queue().queue_size = 2;
  StartAndRun();
  Fill(2);
  const auto answer = Consume(Logs(1));
  EXPECT_EQ(answer->status.message(), "sending queue is full");
  EXPECT_EQ(disk().count(), 2u);
  Restart();
  EXPECT_EQ(Consume(Logs(1))->status.message(), "sending queue is full");
  AnswerAll();
  EXPECT_TRUE(Consume(Logs(1))->status.ok());
}

TEST_F(PersistentQueue, MergesWhatItReads) {
  queue().batch = config::Optional<QueueBatchConfig>::On();
  queue().batch.value().min_size = 4;
  StartAndRun();
  Fill(3);
  EXPECT_EQ(sender_->sends, 0);
  Fill(1);
  ASSERT_EQ(sender_->attempts.size(), 1u);
  EXPECT_EQ(sender_->attempts[0].batch.items(), 4u);
  EXPECT_EQ(disk().count(), 4u);
  sender_->Answer(Status());
  EXPECT_EQ(disk().count(), 0u);
}

// A queue with small limits, around its own stage: what it has in memory shows.
class LoadedQueue : public ExporterTest, public ExportStage {
 protected:
  LoadedQueue() {
    config_.queue_size = 10'000;
    limits_.requests = 3;
    limits_.read_bytes = 200;
  }
  void Take(Export one) override {
    bodies_.push_back(Bodies(one.batch).front());
    held_.push_back(std::move(one.done));
    most_held_ = std::max(most_held_, held_.size());
  }
  void Open() {
    const Settings settings{{"otlp", "x"}, Logger(log_), &store_, executor_, budget_, build_};
    report_ = std::make_unique<ExporterReport>(settings, model::Signal::kLogs, MetricLabels{},
                                               Queueing::kStorage, true);
    room_ = std::make_unique<QueueRoom>(RoomLimit(config_));
    in_flight_ = std::make_shared<InFlight>();
    stopping_ = false;
    queue_ = std::make_unique<pipeline::PersistentQueue>(
        config_, model::Signal::kLogs, *room_, *this, executor_, *report_, in_flight_,
        [this] { return stopping_; }, limits_);
    queue_->Open(std::make_unique<FakeStorageClient>(disk_));
    executor_.RunPosted();
  }
  void Close() {
    stopping_ = true;
    in_flight_->Stop();
    queue_->Stop();
    executor_.RunPosted();
    for (Done& done : held_) done(Status::Retryable("stopped"));
    held_.clear();
    in_flight_->StopAndWait();
    queue_->Close();
    queue_.reset();
  }
  void Put(int number) {
    in_flight_->Enter();
    queue_->Consume(Logs(1, std::to_string(number) + "-"), {},
                    [this](const Status& status) { acknowledged_ += status.ok(); });
  }
  void AnswerOne() {
    Done done = std::move(held_.front());
    held_.erase(held_.begin());
    done(Status());
    executor_.RunPosted();
  }

  QueueConfig config_;
  LoadLimits limits_;
  FakeDisk disk_;
  bool stopping_ = false;
  std::unique_ptr<ExporterReport> report_;
  std::unique_ptr<QueueRoom> room_;
  std::shared_ptr<InFlight> in_flight_;
  std::unique_ptr<pipeline::PersistentQueue> queue_;
  std::vector<std::string> bodies_;
  std::vector<Done> held_;
  size_t most_held_ = 0;
  int acknowledged_ = 0;
};

TEST_F(LoadedQueue, HoldsABoundedPartInMemoryAndReadsTheRestInOrder) {
  Open();
  for (int i = 0; i < 40; ++i) Put(i);
  executor_.RunPosted();
  EXPECT_EQ(acknowledged_, 40);
  EXPECT_EQ(room_->used().items, 40u);
  while (!held_.empty()) AnswerOne();
  ASSERT_EQ(bodies_.size(), 40u);
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(bodies_[static_cast<size_t>(i)], std::to_string(i) + "-0");
  }
  EXPECT_LE(most_held_, 3u + disk_.largest_read);
  EXPECT_LE(disk_.largest_read, 8u);
  EXPECT_EQ(disk_.count(), 0u);
  EXPECT_EQ(room_->used().items, 0u);
  EXPECT_EQ(room_->used().bytes, 0u);
  Close();
}

TEST_F(LoadedQueue, ReadsALargeQueuePieceByPieceAfterARestart) {
  Open();
  for (int i = 0; i < 40; ++i) Put(i);
  executor_.RunPosted();
  Close();
  EXPECT_EQ(disk_.count(), 40u);
  bodies_.clear();
  most_held_ = 0;
  Open();
  EXPECT_EQ(room_->used().items, 40u);
  EXPECT_LE(held_.size(), 3u + disk_.largest_read);
  while (!held_.empty()) AnswerOne();
  EXPECT_EQ(bodies_.size(), 40u);
  EXPECT_LE(most_held_, 3u + disk_.largest_read);
  EXPECT_EQ(room_->used().items, 0u);
  EXPECT_EQ(room_->used().bytes, 0u);
  Close();
}

TEST_F(LoadedQueue, LoadsNothingTwice) {
  // Scenario: requests become durable in any order, some only after a Read has seen them.
  disk_.hold = true;
  Open();
  for (int i = 0; i < 6; ++i) Put(i);
  // The last ones are durable first and fill the memory; the next is left to be read, which sees
  // all the others, too.
  for (int i = 0; i < 4; ++i) {
    FakeDisk::Pending one = std::move(disk_.pending.back());
    disk_.pending.pop_back();
    one.durable(one.sequence);
  }
  executor_.RunPosted();
  while (!held_.empty()) AnswerOne();
  disk_.Flush();
  executor_.RunPosted();
  while (!held_.empty()) AnswerOne();
  std::sort(bodies_.begin(), bodies_.end());
  EXPECT_EQ(bodies_, (std::vector<std::string>{"0-0", "1-0", "2-0", "3-0", "4-0", "5-0"}));
  EXPECT_EQ(room_->used().items, 0u);
  EXPECT_EQ(disk_.count(), 0u);
  Close();
}

}  // namespace
}  // namespace weir::pipeline::tests
