#include "processors/batch/batch.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "base/metric_store.h"
#include "tests/pipeline_exporter/batches.h"
#include "tests/support/captured_log.h"
#include "tests/support/manual_executor.h"

namespace weir::processors::batch {
namespace {

using pipeline::tests::Bodies;
using pipeline::tests::Logs;
using std::chrono::milliseconds;

// Keeps each batch until the test answers it.
class Next final : public pipeline::Consumer {
 public:
  struct Held {
    model::Batch batch;
    pipeline::Context context;
    pipeline::Done done;
  };
  void Consume(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override {
    ++batches;
    items += batch.items();
    if (answer_now) return done(answer_now(batch));
    held.push_back({std::move(batch), context, std::move(done)});
  }
  void Answer(Status status) {
    ASSERT_FALSE(held.empty()) << "nobody waits for an answer";
    Held first = std::move(held.front());
    held.erase(held.begin());
    first.done(std::move(status));
  }
  std::function<Status(const model::Batch&)> answer_now;
  std::vector<Held> held;
  int batches = 0;
  size_t items = 0;
};

class NoHost final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const pipeline::ComponentId&) override { return nullptr; }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}
};

struct Answer {
  int count = 0;
  Status status;
};

class Batch : public testing::Test {
 protected:
  ~Batch() override {
    if (processor_) processor_->Shutdown();
  }
  void Start() {
    const pipeline::Settings settings{{"batch", ""}, Logger(log_), &store_,
                                      executor_,     budget_,      build_};
    processor_ = std::make_unique<BatchProcessor>(settings, model::Signal::kLogs, config_, next_);
    ASSERT_TRUE(processor_->Start(host_).ok());
  }
  std::shared_ptr<Answer> Consume(model::Batch batch, const pipeline::Context& context = {}) {
    auto answer = std::make_shared<Answer>();
    processor_->Consume(std::move(batch), context, [answer](Status status) {
      ++answer->count;
      answer->status = std::move(status);
    });
    return answer;
  }
  static pipeline::Context From(const std::string& tenant) {
    auto client = std::make_shared<pipeline::ClientInfo>();
    client->metadata = {{"tenant", {tenant}}, {"other", {"x"}}};
    pipeline::Context context;
    context.client = client;
    return context;
  }
  double Metric(const std::string& name) { return store_.Sum("otelcol_processor_batch_" + name); }

  std::shared_ptr<tests::CapturedLog> log_ = std::make_shared<tests::CapturedLog>();
  MetricStore store_{MetricLevel::kDetailed};
  tests::ManualExecutor executor_;
  ByteBudget budget_{64 << 20};
  pipeline::BuildInfo build_;
  NoHost host_;
  Next next_;
  BatchConfig config_;
  std::unique_ptr<BatchProcessor> processor_;
};

TEST_F(Batch, SendsALoneRequestAtOnceAndAnswersWithItsResult) {
  Start();
  const auto answer = Consume(Logs(3));
  ASSERT_EQ(next_.held.size(), 1u);
  EXPECT_EQ(answer->count, 0);
  next_.Answer(Status::Retryable("busy", milliseconds(700)));
  EXPECT_EQ(answer->count, 1);
  EXPECT_EQ(answer->status.message(), "busy");
  EXPECT_EQ(answer->status.retry_after(), milliseconds(700));
  EXPECT_EQ(store_.Sum("weir_processor_batch_idle_trigger_send"), 1);
}

TEST_F(Batch, MergesWhatArrivesDuringAnExport) {
  Start();
  (void)Consume(Logs(1));
  const auto a = Consume(Logs(2, "a"));
  const auto b = Consume(Logs(3, "b"));
  EXPECT_EQ(next_.held.size(), 1u);
  next_.Answer(Status());
  ASSERT_EQ(next_.held.size(), 1u);
  EXPECT_EQ(Bodies(next_.held[0].batch), (std::vector<std::string>{"a0", "a1", "b0", "b1", "b2"}));
  EXPECT_EQ(a->count + b->count, 0);
  next_.Answer(Status());
  EXPECT_TRUE(a->status.ok());
  EXPECT_EQ(a->count + b->count, 2);
}

TEST_F(Batch, SendsAtSizeWhileSomethingIsInFlight) {
  config_.send_batch_size = 4;
  Start();
  (void)Consume(Logs(1));
  (void)Consume(Logs(3));
  EXPECT_EQ(next_.held.size(), 1u);
  (void)Consume(Logs(1));
  ASSERT_EQ(next_.held.size(), 2u);
  EXPECT_EQ(next_.held[1].batch.items(), 4u);
  EXPECT_EQ(Metric("batch_size_trigger_send"), 1);
  next_.Answer(Status());
  next_.Answer(Status());
}

TEST_F(Batch, SendsAtTheTimeoutWhileSomethingIsInFlight) {
  Start();
  (void)Consume(Logs(1));
  (void)Consume(Logs(2));
  executor_.Advance(milliseconds(199));
  EXPECT_EQ(next_.held.size(), 1u);
  executor_.Advance(milliseconds(1));
  ASSERT_EQ(next_.held.size(), 2u);
  EXPECT_EQ(Metric("timeout_trigger_send"), 1);
  next_.Answer(Status());
  next_.Answer(Status());
}

TEST_F(Batch, WithoutTimeoutSendsEachRequestCutByTheMaximum) {
  config_.timeout = config::Duration::zero();
  config_.send_batch_size = 2;
  config_.send_batch_max_size = 2;
  Start();
  const auto answer = Consume(Logs(5));
  ASSERT_EQ(next_.held.size(), 3u);
  EXPECT_EQ(next_.held[0].batch.items(), 2u);
  EXPECT_EQ(next_.held[2].batch.items(), 1u);
  next_.Answer(Status());
  next_.Answer(Status::Retryable("busy"));
  EXPECT_EQ(answer->count, 0);
  next_.Answer(Status());
  EXPECT_EQ(answer->status.message(), "busy") << "the worst of its parts";
}

TEST_F(Batch, GrowsNoStackWhenAnswersComeAtOnce) {
  config_.send_batch_size = 1'000'000;
  config_.send_batch_max_size = 0;
  Start();
  (void)Consume(Logs(1));
  for (int i = 0; i < 50'000; ++i) (void)Consume(Logs(1));
  next_.answer_now = [](const model::Batch&) { return Status::Permanent("bad"); };
  next_.Answer(Status());  // the merged batch, then each of its requests
  EXPECT_EQ(next_.batches, 50'002);
}

TEST_F(Batch, SendsTheRequestsOfARefusedBatchAgain) {
  Start();
  (void)Consume(Logs(1));
  const auto good = Consume(Logs(2, "good"));
  const auto bad = Consume(Logs(1, "bad"));
  next_.answer_now = [](const model::Batch& batch) {
    for (const std::string& body : Bodies(batch)) {
      if (body[0] == 'b') return Status(StatusCode::kInvalidArgument, "bad body");
    }
    return Status();
  };
  next_.Answer(Status());
  EXPECT_TRUE(good->status.ok());
  EXPECT_EQ(good->count, 1);
  EXPECT_EQ(bad->status.message(), "bad body");
  EXPECT_EQ(next_.batches, 4);
}

TEST_F(Batch, KeepsMetadataApart) {
  config_.metadata_keys = {"Tenant"};
  config_.send_batch_size = 10;
  Start();
  for (const std::string tenant : {"a", "b", "a", "b"}) (void)Consume(Logs(1), From(tenant));
  ASSERT_EQ(next_.held.size(), 2u) << "one of each is in flight";
  EXPECT_EQ(Metric("metadata_cardinality"), 2);
  for (const auto& held : next_.held) {
    ASSERT_NE(held.context.client, nullptr);
    EXPECT_EQ(held.context.client->metadata.size(), 1u) << "nothing but the keys";
  }
  EXPECT_EQ(next_.held[1].context.client->FindMetadata("tenant")->front(), "b");
  while (!next_.held.empty()) next_.Answer(Status());
  EXPECT_EQ(next_.items, 4u);
}

TEST_F(Batch, RefusesTooManyCombinations) {
  config_.metadata_keys = {"tenant"};
  config_.metadata_cardinality_limit = 2;
  Start();
  next_.answer_now = [](const model::Batch&) { return Status(); };
  EXPECT_TRUE(Consume(Logs(1), From("a"))->status.ok());
  EXPECT_TRUE(Consume(Logs(1))->status.ok());
  const Status status = Consume(Logs(1), From("c"))->status;
  EXPECT_TRUE(status.permanent());
  EXPECT_EQ(status.message(), "too many batcher metadata-value combinations");
  EXPECT_TRUE(Consume(Logs(1), From("a"))->status.ok());
}

TEST_F(Batch, HidesTheClientWithoutKeys) {
  Start();
  (void)Consume(Logs(1), From("a"));
  EXPECT_EQ(next_.held[0].context.client, nullptr);
  next_.Answer(Status());
}

TEST_F(Batch, EarlyReturnAnswersAtOnceAndDropsWhatFails) {
  config_.early_return = true;
  config_.send_batch_size = 3;
  Start();
  const auto first = Consume(Logs(2));
  EXPECT_EQ(first->count, 1);
  EXPECT_EQ(next_.batches, 0) << "nothing goes before size or timeout";
  (void)Consume(Logs(1));
  ASSERT_EQ(next_.held.size(), 1u);
  next_.Answer(Status::Retryable("down"));
  EXPECT_EQ(log_->Count("Sender failed"), 2u);
  EXPECT_EQ(store_.Sum("weir_dropped_items", {{"reason", "sender_failed"}}), 3);
}

TEST_F(Batch, EarlyReturnIsBounded) {
  config_.early_return = true;
  Start();
  for (uint64_t i = 0; i < BatchProcessor::kEarlyMax; ++i) {
    ASSERT_EQ(Consume(Logs(1))->count, 1);
  }
  const auto more = Consume(Logs(1));
  EXPECT_EQ(more->count, 0);
  executor_.Advance(milliseconds(200));
  next_.Answer(Status());
  EXPECT_EQ(more->count, 1);
}

TEST_F(Batch, ShutdownSendsWhatIsPending) {
  config_.early_return = true;
  Start();
  (void)Consume(Logs(2));
  next_.answer_now = [](const model::Batch&) { return Status(); };
  processor_->Shutdown();
  EXPECT_EQ(next_.items, 2u);
  processor_->Shutdown();
  EXPECT_TRUE(Consume(Logs(1))->status.retryable());
}

TEST_F(Batch, CountsSizes) {
  Start();
  next_.answer_now = [](const model::Batch&) { return Status(); };
  (void)Consume(Logs(30));
  for (const MetricStore::Family& family : store_.Collect()) {
    if (family.definition.name != "otelcol_processor_batch_batch_send_size") continue;
    ASSERT_EQ(family.samples.size(), 1u);
    EXPECT_EQ(family.samples[0].labels, (MetricLabels{{"processor", "batch"}}));
    EXPECT_EQ(family.samples[0].histogram.sum, 30);
    EXPECT_EQ(family.samples[0].histogram.buckets[2], 1u);
    return;
  }
  FAIL() << "no batch_send_size";
}

std::string FirstError(std::string_view yaml) {
  const auto parsed = config::ParseYaml(yaml, std::make_shared<std::string>("test"));
  if (!parsed.value) return parsed.error.text;
  BatchConfig target;
  config::Problems problems;
  config::Decode(*parsed.value, "processors::batch", target, problems);
  if (problems.ok()) config::Validate(*parsed.value, "processors::batch", target, problems);
  return problems.ok() ? "" : problems.errors().front().text;
}

TEST(BatchConfigText, SaysWhatIsWrong) {
  EXPECT_EQ(FirstError("{timeout: 1s, send_batch_size: 1, send_batch_max_size: 1, metadata_keys: "
                       "[a, b], metadata_cardinality_limit: 3, early_return: true}"),
            "");
  EXPECT_EQ(FirstError("send_batch_max_size: 100"),
            "send_batch_max_size must be greater or equal to send_batch_size");
  EXPECT_EQ(FirstError("timeout: -1s"), "timeout must be greater or equal to 0");
  EXPECT_EQ(FirstError("metadata_keys: [Tenant, tenant]"),
            "duplicate entry in metadata_keys: \"tenant\" (case-insensitive)");
}

}  // namespace
}  // namespace weir::processors::batch
