// The processor and the extension around one limit; the limit itself: pipeline_memory_limit.
#include "processors/memory_limiter/memory_limiter.h"

#include <gtest/gtest.h>

#include <optional>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "base/metric_store.h"
#include "extensions/memory_limiter/memory_limiter.h"
#include "pipeline/registry.h"
#include "tests/support/manual_executor.h"

void Register_processors_memory_limiter(weir::pipeline::Registry& registry);
void Register_extensions_memory_limiter(weir::pipeline::Registry& registry);

namespace weir::processors::memory_limiter {
namespace {

using model::Signal;
using pipeline::MemoryLimit;

constexpr size_t kMiB = size_t{1} << 20;

class SmallProcess final : public pipeline::ProcessMemory {
 public:
  explicit SmallProcess(const ByteBudget& budget) : budget_(budget) {}
  size_t ResidentBytes() override { return 10 * kMiB + budget_.used_bytes(); }
  size_t AllocatorFreeBytes() override { return 0; }
  void Trim() override {}
  void ReturnLargeBlocks() override {}
  size_t UsableBytes() override { return 1000 * kMiB; }

 private:
  const ByteBudget& budget_;
};

class Target final : public pipeline::Consumer {
 public:
  void Consume(model::Batch batch, const pipeline::Context&, pipeline::Done done) override {
    items += batch.items();
    done(Status());
  }
  Status Reserve(const pipeline::BatchSize& size, pipeline::Reservations&) override {
    reserved += size.items;
    return {};
  }
  size_t items = 0;
  size_t reserved = 0;
};

class NoHost final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const pipeline::ComponentId&) override { return nullptr; }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}
};

struct Rig {
  Rig() {
    config.check_interval = std::chrono::seconds(1);
    config.limit_mib = 64;
    limit = MemoryLimit::Make(config, budget, executor, Logger(), process);
  }
  pipeline::Settings settings() {
    return {{"memory_limiter", ""}, Logger(), &metrics, executor, budget, build};
  }
  Status Send(MemoryLimiter& limiter, size_t items,
              pipeline::Reservations* reservations = nullptr) {
    pipeline::Context context;
    context.reservations = reservations;
    model::Batch batch(Signal::kLogs, model::Run(Slice::Copy(std::string_view("\x0a\x00", 2)),
                                                 static_cast<uint32_t>(items)));
    std::optional<Status> answer;
    limiter.Consume(std::move(batch), context, [&](Status status) { answer = std::move(status); });
    return answer ? *answer : Status(StatusCode::kInternal, "no answer");
  }
  bool Shows(const std::string& name) const {
    for (const auto& family : metrics.Collect()) {
      if (family.definition.name == name) return true;
    }
    return false;
  }

  pipeline::MemoryLimitConfig config;
  ByteBudget budget{1000 * kMiB};
  tests::ManualExecutor executor;
  SmallProcess process{budget};
  MetricStore metrics;
  pipeline::BuildInfo build;
  std::shared_ptr<MemoryLimit> limit;
  Target target;
  NoHost host;
};

constexpr char kAccepted[] = "otelcol_processor_memory_limiter_accepted_log_records";
constexpr char kRefused[] = "otelcol_processor_memory_limiter_refused_log_records";

TEST(MemoryLimiterProcessor, RefusesWhileTooMuchIsHeld) {
  Rig rig;
  MemoryLimiter limiter(rig.settings(), rig.limit, Signal::kLogs, rig.target);
  ASSERT_TRUE(limiter.Start(rig.host).ok());
  EXPECT_TRUE(rig.Send(limiter, 3).ok());
  Charge held = rig.budget.ForceReserve(60 * kMiB);
  const Status refusal = rig.Send(limiter, 5);
  EXPECT_EQ(refusal.message(), "data refused due to high memory usage");
  EXPECT_TRUE(refusal.retryable());
  EXPECT_EQ(rig.target.items, 3u);
  held.Release();
  EXPECT_TRUE(rig.Send(limiter, 2).ok());
  EXPECT_EQ(rig.metrics.Sum(kAccepted, {{"processor", "memory_limiter"}}), 5);
  EXPECT_EQ(rig.metrics.Sum(kRefused, {{"processor", "memory_limiter"}}), 5);
  limiter.Shutdown();
}

TEST(MemoryLimiterProcessor, ShowsCountersOnceTheyCount) {
  Rig rig;
  MemoryLimiter limiter(rig.settings(), rig.limit, Signal::kLogs, rig.target);
  ASSERT_TRUE(limiter.Start(rig.host).ok());
  EXPECT_FALSE(rig.Shows(kAccepted));
  EXPECT_TRUE(rig.Send(limiter, 1).ok());
  EXPECT_TRUE(rig.Shows(kAccepted));
  EXPECT_FALSE(rig.Shows(kRefused));
  limiter.Shutdown();
}

TEST(MemoryLimiterProcessor, KeepsToWhatItReserved) {
  Rig rig;
  MemoryLimiter limiter(rig.settings(), rig.limit, Signal::kLogs, rig.target);
  ASSERT_TRUE(limiter.Start(rig.host).ok());
  pipeline::Reservations reservations;
  EXPECT_TRUE(limiter.Reserve({.items = 7, .bytes = 70}, reservations).ok());
  EXPECT_EQ(rig.target.reserved, 7u);
  const Charge held = rig.budget.ForceReserve(60 * kMiB);
  EXPECT_TRUE(rig.Send(limiter, 7, &reservations).ok());
  EXPECT_FALSE(limiter.Reserve({.items = 9, .bytes = 90}, reservations).ok());
  EXPECT_EQ(rig.metrics.Sum(kRefused), 9);
  limiter.Shutdown();
}

TEST(MemoryLimiterProcessor, EndsItsPartOfTheLimitOnce) {
  Rig rig;
  MemoryLimiter first(rig.settings(), rig.limit, Signal::kLogs, rig.target);
  MemoryLimiter second(rig.settings(), rig.limit, Signal::kTraces, rig.target);
  ASSERT_TRUE(first.Start(rig.host).ok());
  ASSERT_TRUE(second.Start(rig.host).ok());
  first.Shutdown();
  first.Shutdown();
  EXPECT_NE(rig.budget.limit_bytes(), 1000 * kMiB);
  second.Shutdown();
  EXPECT_EQ(rig.budget.limit_bytes(), 1000 * kMiB);
}

TEST(MemoryLimiterProcessor, SharesOneLimitBetweenThePipelinesOfAnId) {
  Rig rig;
  pipeline::Registry registry;
  Register_processors_memory_limiter(registry);
  const auto* factory = registry.FindProcessor("memory_limiter");
  auto config = factory->new_config();
  config::Problems problems;
  config::Decode(
      *config::ParseYaml("{check_interval: 1s, limit_mib: 64}", nullptr).value, "x",
      [&](config::Fields& f) { config->Visit(f); }, problems);
  ASSERT_TRUE(problems.ok());
  std::vector<std::unique_ptr<pipeline::Processor>> processors;
  for (const Signal signal : model::kSignals) {
    processors.push_back(*factory->create(rig.settings(), *config, signal, rig.target));
    ASSERT_TRUE(processors.back()->Start(rig.host).ok());
  }
  EXPECT_EQ(rig.executor.pending_timers(), 1u);
  for (auto& processor : processors) processor->Shutdown();
  EXPECT_EQ(rig.executor.pending_timers(), 0u);
}

TEST(MemoryLimiterExtension, RefusesRequestsWithADelay) {
  Rig rig;
  extensions::memory_limiter::MemoryLimiter extension(rig.limit);
  EXPECT_TRUE(extension.Admit().ok());
  ASSERT_TRUE(extension.Start(rig.host).ok());
  EXPECT_TRUE(extension.Admit().ok());
  const Charge held = rig.budget.ForceReserve(60 * kMiB);
  const Status refusal = extension.Admit();
  EXPECT_EQ(refusal.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(refusal.message(), "RESOURCE_EXHAUSTED");
  EXPECT_TRUE(refusal.retryable());
  EXPECT_EQ(refusal.retry_after(), std::chrono::seconds(1));
  extension.Shutdown();
  EXPECT_TRUE(extension.Admit().ok());
}

TEST(MemoryLimiterExtension, IsRegistered) {
  pipeline::Registry registry;
  Register_extensions_memory_limiter(registry);
  EXPECT_NE(registry.FindExtension("memory_limiter"), nullptr);
}

}  // namespace
}  // namespace weir::processors::memory_limiter
