#include "pipeline/batcher.h"

#include "tests/pipeline_exporter/support.h"

namespace weir::pipeline::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Batching : public ExporterTest {
 protected:
  Batching() {
    queue().batch = config::Optional<QueueBatchConfig>::On();
    options_.retry.enabled = false;
  }
  QueueBatchConfig& batch() { return queue().batch.value(); }
  std::vector<std::string> BodiesOf(size_t attempt) {
    return Bodies(sender_->attempts.at(attempt).batch);
  }
  static Context From(const std::string& tenant) {
    auto client = std::make_shared<ClientInfo>();
    client->metadata = {{"tenant", {tenant}}, {"other", {"x"}}};
    Context context;
    context.client = client;
    return context;
  }
};

TEST_F(Batching, MergesUpToMinSize) {
  batch().min_size = 5;
  Start();
  EXPECT_TRUE(Consume(Logs(2, "a"))->status.ok());
  EXPECT_TRUE(Consume(Logs(2, "b"))->status.ok());
  EXPECT_EQ(sender_->sends, 0);
  EXPECT_EQ(QueueSize(), 2) << "what is being merged is in the queue";
  (void)Consume(Logs(3, "c"));
  ASSERT_EQ(sender_->attempts.size(), 1u);
  EXPECT_EQ(BodiesOf(0), (std::vector<std::string>{"a0", "a1", "b0", "b1", "c0", "c1", "c2"}));
  EXPECT_EQ(QueueSize(), 3);
  sender_->Answer(Status());
  EXPECT_EQ(QueueSize(), 0);
  EXPECT_EQ(Metric("sent_log_records"), 7);
}

TEST_F(Batching, CutsAtMaxSizeAndKeepsTheRest) {
  batch().min_size = 3;
  batch().max_size = 4;
  Start();
  (void)Consume(Logs(2, "a"));
  (void)Consume(Logs(9, "b"));  // a0 a1 b0 b1 | b2..b5 | b6 b7 b8
  ASSERT_EQ(sender_->attempts.size(), 3u);
  EXPECT_EQ(BodiesOf(0), (std::vector<std::string>{"a0", "a1", "b0", "b1"}));
  EXPECT_EQ(BodiesOf(1), (std::vector<std::string>{"b2", "b3", "b4", "b5"}));
  EXPECT_EQ(BodiesOf(2), (std::vector<std::string>{"b6", "b7", "b8"}));
  (void)Consume(Logs(6, "c"));  // c0..c3 | c4 c5 waits
  ASSERT_EQ(sender_->attempts.size(), 4u);
  EXPECT_EQ(QueueSize(), 3);
  sender_->Answer(Status());
  EXPECT_EQ(QueueSize(), 2) << "a is done, b is not";
  executor_.Advance(milliseconds(200));
  ASSERT_EQ(sender_->attempts.size(), 4u);
  EXPECT_EQ(BodiesOf(3), (std::vector<std::string>{"c4", "c5"}));
  while (!sender_->attempts.empty()) sender_->Answer(Status());
  EXPECT_EQ(QueueSize(), 0);
  EXPECT_EQ(Metric("sent_log_records"), 17);
}

TEST_F(Batching, CutsByBytes) {
  batch().sizer = Sizer::kBytes;
  batch().min_size = 1;
  batch().max_size = 60;
  Start();
  (void)Consume(Logs(20, "x"));
  size_t items = 0;
  ASSERT_GT(sender_->attempts.size(), 1u);
  for (const auto& attempt : sender_->attempts) {
    EXPECT_LE(attempt.batch.size_bytes(), 60u);
    items += attempt.batch.items();
  }
  EXPECT_EQ(items, 20u);
  const std::string long_body(100, 'y');
  const auto before = sender_->attempts.size();
  (void)Consume(Logs(1, long_body));
  EXPECT_EQ(sender_->attempts.size(), before + 1) << "a record above the limit goes alone";
  while (!sender_->attempts.empty()) sender_->Answer(Status());
  EXPECT_EQ(Metric("sent_log_records"), 21);
}

TEST_F(Batching, WaitsFromTheFirstData) {
  Start();
  (void)Consume(Logs(1));
  executor_.Advance(milliseconds(150));
  (void)Consume(Logs(1));
  executor_.Advance(milliseconds(50));
  ASSERT_EQ(sender_->attempts.size(), 1u);
  EXPECT_EQ(sender_->attempts[0].batch.items(), 2u);
  (void)Consume(Logs(1));
  executor_.Advance(milliseconds(199));
  EXPECT_EQ(sender_->attempts.size(), 1u);
  executor_.Advance(milliseconds(1));
  EXPECT_EQ(sender_->attempts.size(), 2u);
  while (!sender_->attempts.empty()) sender_->Answer(Status());
}

TEST_F(Batching, HidesWhoSentWhatWasMerged) {
  batch().min_size = 2;
  Start();
  (void)Consume(Logs(2), From("a"));
  (void)Consume(Logs(1), From("a"));
  (void)Consume(Logs(1), From("a"));
  ASSERT_EQ(sender_->attempts.size(), 2u);
  ASSERT_NE(sender_->attempts[0].context.client, nullptr);
  EXPECT_EQ(sender_->attempts[1].context.client, nullptr);
  while (!sender_->attempts.empty()) sender_->Answer(Status());
}

TEST_F(Batching, KeepsPartitionsApart) {
  batch().min_size = 2;
  batch().partition.metadata_keys = {"Tenant"};
  Start();
  (void)Consume(Logs(1, "a"), From("a"));
  (void)Consume(Logs(1, "b"), From("b"));
  EXPECT_EQ(sender_->sends, 0);
  (void)Consume(Logs(1, "A"), From("a"));
  ASSERT_EQ(sender_->attempts.size(), 1u);
  EXPECT_EQ(BodiesOf(0), (std::vector<std::string>{"a0", "A0"}));
  ASSERT_NE(sender_->attempts[0].context.client, nullptr);
  EXPECT_EQ(sender_->attempts[0].context.client->metadata,
            (std::vector<std::pair<std::string, std::vector<std::string>>>{{"tenant", {"a"}}}));
  executor_.Advance(milliseconds(200));
  EXPECT_EQ(sender_->attempts.size(), 2u);
  while (!sender_->attempts.empty()) sender_->Answer(Status());
}

TEST_F(Batching, SendsTheRequestsOfARefusedBatchOnceMore) {
  batch().min_size = 3;
  queue().wait_for_result = true;
  Start();
  const auto first = Consume(Logs(1));  // in flight, so that the next ones wait
  const auto good = Consume(Logs(1, "good"));
  const auto bad = Consume(Logs(1, "bad"));
  sender_->answer_now = [](const model::Batch& batch) {
    for (const std::string& body : Bodies(batch)) {
      if (body[0] == 'b') return Status(StatusCode::kInvalidArgument, "bad body");
    }
    return Status();
  };
  sender_->Answer(Status());
  EXPECT_TRUE(good->status.ok());
  EXPECT_EQ(bad->status.message(), "Permanent error: bad body");
  EXPECT_EQ(sender_->sends, 4);
  EXPECT_EQ(Metric("sent_log_records"), 2);
  EXPECT_EQ(Metric("send_failed_log_records"), 1) << "the merged attempt is not an end";
  EXPECT_TRUE(first->status.ok());
}

TEST_F(Batching, DoesNotRepeatWhatNobodyMaySend) {
  batch().min_size = 2;
  Start();
  (void)Consume(Logs(1));
  (void)Consume(Logs(1));
  sender_->Answer(Status(StatusCode::kUnauthenticated, "who are you"));
  EXPECT_EQ(sender_->sends, 1);
  EXPECT_EQ(Dropped("permanent_error"), 2);
}

TEST_F(Batching, GivesEveryCallerTheAnswerOfItsBatch) {
  batch().min_size = 2;
  queue().wait_for_result = true;
  Start();
  const auto a = Consume(Logs(1));
  const auto b = Consume(Logs(1), Until(seconds(1)));
  const auto c = Consume(Logs(1), Until(seconds(1)));
  ASSERT_EQ(sender_->attempts.size(), 2u);
  EXPECT_EQ(sender_->attempts[1].context.deadline, Context::kNoDeadline);
  sender_->Answer(Status());
  sender_->Answer(Status::Retryable("down"));
  EXPECT_TRUE(a->status.ok());
  EXPECT_EQ(b->status.message(), "down");
  EXPECT_EQ(c->status.message(), "down");
}

TEST_F(Batching, FlushesAtShutdown) {
  Start();
  (void)Consume(Logs(1));
  (void)Consume(Logs(1));
  sender_->answer_now = [](const model::Batch&) { return Status(); };
  exporter_->Shutdown();
  EXPECT_EQ(sender_->sends, 1);
  EXPECT_EQ(Metric("sent_log_records"), 2);
}

TEST(Batcher, SendsTheLeastRecentlyUsedPartitionWhenThereAreTooMany) {
  class Collect final : public ExportStage {
   public:
    void Take(Export one) override {
      tenants.push_back(one.context.client->FindMetadata("tenant")->front());
      one.done(Status());
    }
    std::vector<std::string> tenants;
  } collect;
  weir::tests::ManualExecutor executor;
  BatcherOptions options;
  options.min_size = 100;
  options.flush_timeout = seconds(1);
  options.metadata_keys = {"tenant"};
  options.partitions_max = 2;
  Batcher batcher(options, collect, executor);
  int answers = 0;
  for (const std::string tenant : {"a", "b", "a", "c"}) {
    auto client = std::make_shared<ClientInfo>();
    client->metadata = {{"tenant", {tenant}}};
    Context context;
    context.client = client;
    batcher.Take({Logs(1), context, [&](const Status&) { ++answers; }, false});
  }
  EXPECT_EQ(collect.tenants, std::vector<std::string>{"b"});
  EXPECT_EQ(batcher.partition_count(), 2u);
  batcher.Flush();
  EXPECT_EQ(collect.tenants.size(), 3u);
  EXPECT_EQ(answers, 4);
}

}  // namespace
}  // namespace weir::pipeline::tests
