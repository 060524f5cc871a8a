#include "pipeline/memory_limit.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/captured_log.h"
#include "tests/support/manual_executor.h"

namespace weir::pipeline {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kMiB = size_t{1} << 20;

// A process whose resident memory is code, charged telemetry and free pages of the allocator.
class FakeProcess final : public ProcessMemory {
 public:
  explicit FakeProcess(const ByteBudget& budget) : budget_(budget) {}
  size_t ResidentBytes() override {
    return other + free_resident + budget_.used_bytes() - std::min(untouched, budget_.used_bytes());
  }
  size_t AllocatorFreeBytes() override { return free_resident + free_gone; }
  void Trim() override {
    ++trims;
    const size_t given_back = free_resident > stuck ? free_resident - stuck : 0;
    free_resident -= given_back;
    free_gone += given_back;
  }
  void ReturnLargeBlocks() override { keeps_large = false; }
  size_t UsableBytes() override { return 1000 * kMiB; }

  size_t other = 20 * kMiB;
  size_t free_resident = 0;
  size_t free_gone = 0;  // known to the allocator, not resident
  size_t stuck = 0;      // of the free pages, what no trimming gives back
  size_t untouched = 0;  // charged, not written yet
  int trims = 0;
  bool keeps_large = true;

 private:
  const ByteBudget& budget_;
};

struct Rig {
  explicit Rig(MemoryLimitConfig c = Default()) : config(c) {
    limit = MemoryLimit::Make(config, budget, executor, Logger(log), process);
  }
  static MemoryLimitConfig Default() {
    MemoryLimitConfig config;
    config.check_interval = seconds(1);
    config.limit_mib = 128;
    return config;
  }
  static constexpr size_t kOwnLimit = 1000 * kMiB;
  static constexpr size_t kMargin = 4 * kMiB;
  static constexpr size_t kSpike = 128 * kMiB / 5;

  MemoryLimitConfig config;
  ByteBudget budget{kOwnLimit};
  tests::ManualExecutor executor;
  std::shared_ptr<tests::CapturedLog> log = std::make_shared<tests::CapturedLog>();
  FakeProcess process{budget};
  std::shared_ptr<MemoryLimit> limit;
};

TEST(MemoryLimit, LeavesToTelemetryWhatTheProcessDoesNotNeed) {
  Rig rig;
  EXPECT_EQ(rig.budget.limit_bytes(), Rig::kOwnLimit);
  rig.limit->Start();
  EXPECT_EQ(rig.budget.limit_bytes(), (128 - 20) * kMiB - Rig::kMargin);
  EXPECT_EQ(rig.log->Count("Memory limiter configured"), 1u);
  rig.limit->Stop();
  EXPECT_EQ(rig.budget.limit_bytes(), Rig::kOwnLimit);
  EXPECT_EQ(rig.executor.pending_timers(), 0u);
}

TEST(MemoryLimit, FollowsTheProcessAtEachCheck) {
  Rig rig;
  rig.limit->Start();
  rig.process.other = 30 * kMiB;
  rig.executor.Advance(milliseconds(999));
  EXPECT_EQ(rig.budget.limit_bytes(), (128 - 20) * kMiB - Rig::kMargin);
  rig.executor.Advance(milliseconds(1));
  EXPECT_EQ(rig.budget.limit_bytes(), (128 - 30) * kMiB - Rig::kMargin);
  // It falls slowly, and not below what it was at first.
  rig.process.other = 10 * kMiB;
  rig.executor.Advance(seconds(1));
  EXPECT_EQ(rig.budget.limit_bytes(), (128 - 25) * kMiB - Rig::kMargin);
  rig.executor.Advance(seconds(60));
  EXPECT_EQ(rig.budget.limit_bytes(), (128 - 20) * kMiB - Rig::kMargin);
  rig.limit->Stop();
}

TEST(MemoryLimit, DoesNotShrinkForFreeMemoryOfTheAllocator) {
  Rig rig;
  rig.limit->Start();
  const size_t ceiling = rig.budget.limit_bytes();
  rig.process.free_resident = 60 * kMiB;
  const int trims = rig.process.trims;
  rig.executor.Advance(seconds(1));
  EXPECT_EQ(rig.budget.limit_bytes(), ceiling);
  EXPECT_EQ(rig.process.trims, trims);  // 80 MiB are far from the limit
  rig.process.free_resident = 90 * kMiB;
  rig.executor.Advance(seconds(1));
  EXPECT_EQ(rig.budget.limit_bytes(), ceiling);
  EXPECT_EQ(rig.process.trims, trims + 1);
  EXPECT_EQ(rig.process.ResidentBytes(), 20 * kMiB);
  rig.limit->Stop();
}

TEST(MemoryLimit, CountsFreeMemoryThatCannotBeGivenBackWhenItIsNear) {
  Rig rig;
  rig.limit->Start();
  rig.process.free_resident = rig.process.stuck = 90 * kMiB;
  rig.executor.Advance(seconds(1));
  EXPECT_EQ(rig.budget.limit_bytes(), (128 - 110) * kMiB - Rig::kMargin);
  // A trimming that gave nothing back is not repeated before there is more to give.
  const int trims = rig.process.trims;
  rig.executor.Advance(seconds(1));
  EXPECT_EQ(rig.process.trims, trims);
  rig.process.free_resident += 2 * kMiB;
  rig.executor.Advance(milliseconds(50));
  EXPECT_EQ(rig.process.trims, trims + 1);
  rig.limit->Stop();
}

TEST(MemoryLimit, HasLargeBlocksReturnedFromItsStart) {
  Rig rig;
  EXPECT_TRUE(rig.process.keeps_large);
  rig.limit->Start();
  EXPECT_FALSE(rig.process.keeps_large);
  rig.limit->Stop();
}

TEST(MemoryLimit, ChecksMoreOftenNearTheLimit) {
  Rig rig;
  rig.limit->Start();
  rig.process.other = 105 * kMiB;
  rig.executor.Advance(seconds(1));
  rig.process.other = 110 * kMiB;
  rig.executor.Advance(milliseconds(50));
  EXPECT_EQ(rig.budget.limit_bytes(), (128 - 110) * kMiB - Rig::kMargin);
  rig.limit->Stop();
}

TEST(MemoryLimit, DoesNotMistakeUntouchedRoomForSpareMemory) {
  Rig rig;
  rig.limit->Start();
  const size_t ceiling = rig.budget.limit_bytes();
  const Charge charge = rig.budget.ForceReserve(15 * kMiB);
  rig.process.untouched = 15 * kMiB;
  rig.executor.Advance(seconds(10));
  EXPECT_EQ(rig.budget.limit_bytes(), ceiling);
  rig.limit->Stop();
}

TEST(MemoryLimit, RefusesAboveTheSoftLimitAndStopsAtOnce) {
  Rig rig;
  EXPECT_FALSE(rig.limit->MustRefuse());
  rig.limit->Start();
  const size_t soft = rig.budget.limit_bytes() - Rig::kSpike;
  Charge charge = rig.budget.ForceReserve(soft - 1);
  EXPECT_FALSE(rig.limit->MustRefuse());
  charge.ForceResize(soft);
  EXPECT_TRUE(rig.limit->MustRefuse());
  charge.ForceResize(soft - 1);
  EXPECT_FALSE(rig.limit->MustRefuse());
  rig.limit->Stop();
  charge.ForceResize(soft);
  EXPECT_FALSE(rig.limit->MustRefuse());
}

TEST(MemoryLimit, TellsWhenItBeginsAndEndsToRefuse) {
  Rig rig;
  rig.limit->Start();
  Charge charge = rig.budget.ForceReserve(rig.budget.limit_bytes());
  rig.executor.Advance(seconds(3));
  EXPECT_EQ(rig.log->Count("Memory usage is above soft limit. Refusing data."), 1u);
  charge.Release();
  rig.executor.Advance(seconds(3));
  EXPECT_EQ(rig.log->Count("Memory usage back within limits. Resuming normal operation."), 1u);
  rig.limit->Stop();
}

TEST(MemoryLimit, RefusesEverythingBelowTheProcessesOwnNeed) {
  MemoryLimitConfig config = Rig::Default();
  config.limit_mib = 1;
  Rig rig(config);
  rig.limit->Start();
  EXPECT_EQ(rig.budget.limit_bytes(), 0u);
  EXPECT_TRUE(rig.limit->MustRefuse());
  EXPECT_EQ(rig.log->lines().back().level, LogLevel::kWarn);
  rig.limit->Stop();
}

TEST(MemoryLimit, IsSharedUntilTheLastStop) {
  Rig rig;
  rig.limit->Start();
  rig.limit->Start();
  rig.limit->Stop();
  EXPECT_NE(rig.budget.limit_bytes(), Rig::kOwnLimit);
  EXPECT_EQ(rig.executor.pending_timers(), 1u);
  rig.limit->Stop();
  rig.limit->Stop();
  EXPECT_EQ(rig.budget.limit_bytes(), Rig::kOwnLimit);
}

TEST(MemoryLimit, TakesPercentagesOfTheUsableMemory) {
  MemoryLimitConfig config = Rig::Default();
  config.limit_mib = 0;
  config.limit_percentage = 50;
  Rig fifth(config);
  EXPECT_EQ(fifth.limit->limit_bytes() / kMiB, 500u);
  EXPECT_EQ(fifth.limit->spike_bytes() / kMiB, 100u);
  config.spike_limit_percentage = 30;
  Rig written(config);
  EXPECT_EQ(written.limit->spike_bytes() / kMiB, 300u);
}

TEST(MemoryLimit, AnswersWithADelay) {
  const Status refusal = MemoryLimit::Refusal();
  EXPECT_EQ(refusal.code(), StatusCode::kUnavailable);
  EXPECT_EQ(refusal.message(), "data refused due to high memory usage");
  EXPECT_TRUE(refusal.retryable());
  EXPECT_EQ(refusal.retry_after(), seconds(1));
}

}  // namespace
}  // namespace weir::pipeline
