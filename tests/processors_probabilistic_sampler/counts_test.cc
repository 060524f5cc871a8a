// What the processor counts, and that it answers for what it drops.
#include <gtest/gtest.h>

#include <optional>

#include "base/metric_store.h"
#include "model/check.h"
#include "model/json/read.h"
#include "processors/probabilistic_sampler/probabilistic_sampler.h"
#include "tests/support/manual_executor.h"

namespace weir::processors::probabilistic_sampler {
namespace {

using model::Signal;

class Target final : public pipeline::Consumer {
 public:
  void Consume(model::Batch batch, const pipeline::Context&, pipeline::Done done) override {
    ++calls;
    items += batch.items();
    done(Status::Retryable("busy"));
  }
  int calls = 0;
  size_t items = 0;
};

struct Rig {
  explicit Rig(float percentage) { config.sampling_percentage = percentage; }
  Status Send(Signal signal, const std::string& json) {
    pipeline::Settings settings{
        {"probabilistic_sampler", "x"}, Logger(), &metrics, executor, memory, build};
    processor = std::make_unique<ProbabilisticSampler>(settings, config, signal, target);
    auto bytes = model::json::ReadJsonRequest(signal, json, nullptr);
    std::optional<Status> answer;
    processor->Consume(*model::CheckRequest(signal, *bytes), {},
                       [&](Status status) { answer = std::move(status); });
    return answer ? *answer : Status(StatusCode::kInternal, "no answer");
  }

  SamplerConfig config;
  MetricStore metrics;
  tests::ManualExecutor executor;
  ByteBudget memory{size_t{1} << 30};
  pipeline::BuildInfo build;
  Target target;
  std::unique_ptr<ProbabilisticSampler> processor;
};

constexpr char kSpans[] =
    R"({"resourceSpans":[{"scopeSpans":[{"spans":[
         {"traceId":"0102030405060708090a0b0c0d0e0f10","name":"kept"},
         {"traceId":"0102030405060708090a0b0c0d0e0f10","name":"dropped","attributes":[
           {"key":"sampling.priority","value":{"stringValue":"0"}}]}]}]}]})";
constexpr char kTraces[] = "otelcol_processor_probabilistic_sampler_count_traces_sampled";

TEST(ProbabilisticSampler, CountsDecisionsByPolicyAndDrops) {
  Rig rig(100);
  EXPECT_EQ(rig.Send(Signal::kTraces, kSpans).message(), "busy");
  EXPECT_EQ(rig.target.items, 1u);
  EXPECT_EQ(rig.metrics.Sum(kTraces, {{"policy", "trace_id_hash"}, {"sampled", "true"}}), 1);
  EXPECT_EQ(rig.metrics.Sum(kTraces, {{"policy", "sampling_priority"}, {"sampled", "false"}}), 1);
  EXPECT_EQ(rig.metrics.Sum("weir_dropped_items",
                            {{"id", "probabilistic_sampler/x"}, {"reason", "sampled_out"}}),
            1);
  EXPECT_GT(rig.metrics.Sum("weir_dropped_bytes"), 16);
}

TEST(ProbabilisticSampler, AnswersForABatchOfWhichNothingIsLeft) {
  Rig rig(0);
  EXPECT_TRUE(
      rig.Send(Signal::kLogs,
               R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityText":"a"}]}]}]})")
          .ok());
  EXPECT_EQ(rig.target.calls, 0);
  EXPECT_EQ(rig.metrics.Sum("otelcol_processor_probabilistic_sampler_count_logs_sampled",
                            {{"sampled", "false"}}),
            1);
}

}  // namespace
}  // namespace weir::processors::probabilistic_sampler
