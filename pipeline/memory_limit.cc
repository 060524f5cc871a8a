#include "pipeline/memory_limit.h"

#include <algorithm>
#include <utility>

namespace weir::pipeline {
namespace {

constexpr size_t kMiB = size_t{1} << 20;
constexpr std::chrono::milliseconds kPressedInterval{50};
// Less growth than this is not worth a trimming.
constexpr size_t kWorthTrimmingBytes = kMiB;

size_t Difference(size_t a, size_t b) { return a > b ? a - b : 0; }

size_t LimitOf(const MemoryLimitConfig& config, ProcessMemory& process) {
  if (config.limit_mib != 0) return config.limit_mib * kMiB;
  return process.UsableBytes() / 100 * config.limit_percentage;
}

size_t SpikeOf(const MemoryLimitConfig& config, ProcessMemory& process) {
  const size_t spike = config.limit_mib != 0
                           ? config.spike_limit_mib * kMiB
                           : process.UsableBytes() / 100 * config.spike_limit_percentage;
  return spike != 0 ? spike : LimitOf(config, process) / 5;
}

}  // namespace

void MemoryLimitConfig::Fields(config::Fields& f) {
  f("check_interval", check_interval);
  f("min_gc_interval_when_soft_limited", min_gc_interval_when_soft_limited);
  f("min_gc_interval_when_hard_limited", min_gc_interval_when_hard_limited);
  f("limit_mib", limit_mib);
  f("spike_limit_mib", spike_limit_mib);
  f("limit_percentage", limit_percentage);
  f("spike_limit_percentage", spike_limit_percentage);
}

void MemoryLimitConfig::Validate(const config::Checker& check) const {
  if (check_interval <= config::Duration::zero()) {
    return check.Error("'check_interval' must be greater than zero");
  }
  if (min_gc_interval_when_soft_limited < min_gc_interval_when_hard_limited) {
    return check.Error(
        "'min_gc_interval_when_soft_limited' should be larger than "
        "'min_gc_interval_when_hard_limited'");
  }
  if (limit_mib == 0 && limit_percentage == 0) {
    return check.Error("'limit_mib' or 'limit_percentage' must be greater than zero");
  }
  if (limit_percentage > 100 || spike_limit_percentage > 100) {
    return check.Error(
        "'limit_percentage' and 'spike_limit_percentage' must be greater than zero and less than "
        "or equal to hundred");
  }
  if (limit_mib > 0 && limit_mib <= spike_limit_mib) {
    return check.Error("'spike_limit_mib' must be smaller than 'limit_mib'");
  }
  if (limit_percentage > 0 && limit_percentage <= spike_limit_percentage) {
    return check.Error("'spike_limit_percentage' must be smaller than 'limit_percentage'");
  }
}

std::shared_ptr<MemoryLimit> MemoryLimit::Make(const MemoryLimitConfig& config, ByteBudget& budget,
                                               Executor& executor, Logger logger,
                                               ProcessMemory& process) {
  return std::shared_ptr<MemoryLimit>(
      new MemoryLimit(config, budget, executor, std::move(logger), process));
}

MemoryLimit::MemoryLimit(const MemoryLimitConfig& config, ByteBudget& budget, Executor& executor,
                         Logger logger, ProcessMemory& process)
    : budget_(budget),
      executor_(executor),
      logger_(std::move(logger)),
      process_(process),
      check_interval_(config.check_interval),
      limit_bytes_(LimitOf(config, process)),
      spike_bytes_(SpikeOf(config, process)),
      margin_bytes_(limit_bytes_ / 32) {}

Status MemoryLimit::Refusal() {
  return Status::Retryable("data refused due to high memory usage", kRetryAfter);
}

size_t MemoryLimit::UnchargedBytes() const {
  return Difference(process_.ResidentBytes(), budget_.used_bytes());
}

void MemoryLimit::Start() {
  MutexLock lock(mutex_);
  if (starts_++ > 0) return;
  process_.ReturnLargeBlocks();
  process_.Trim();
  other_at_start_bytes_ = other_bytes_ = UnchargedBytes();
  ceiling_ = budget_.AddCeiling(0);
  ApplyCeiling();
  logger_.Info("Memory limiter configured",
               {{"limit_mib", static_cast<uint64_t>(limit_bytes_ / kMiB)},
                {"spike_limit_mib", static_cast<uint64_t>(spike_bytes_ / kMiB)},
                {"check_interval", std::chrono::duration<double>(check_interval_).count()}});
  if (limit_bytes_ < other_bytes_ + margin_bytes_ + spike_bytes_) {
    logger_.Warn(
        "The limit leaves no room for telemetry: all of it will be refused. Raise limit_mib, or "
        "lower spike_limit_mib.",
        {{"limit_mib", static_cast<uint64_t>(limit_bytes_ / kMiB)},
         {"spike_limit_mib", static_cast<uint64_t>(spike_bytes_ / kMiB)},
         {"process_mib", static_cast<uint64_t>(other_bytes_ / kMiB)}});
  }
  Schedule();
}

void MemoryLimit::Stop() {
  MutexLock lock(mutex_);
  if (starts_ == 0 || --starts_ > 0) return;
  executor_.Cancel(timer_);
  timer_ = 0;
  ceiling_ = BudgetCeiling();
  refuse_from_bytes_ = ~size_t{0};
}

void MemoryLimit::Schedule() {
  const auto pressed = std::min<std::chrono::nanoseconds>(check_interval_, kPressedInterval);
  timer_ = executor_.PostAfter(pressed_ ? pressed : check_interval_, [weak = weak_from_this()] {
    const std::shared_ptr<MemoryLimit> self = weak.lock();
    if (!self) return;
    MutexLock lock(self->mutex_);
    if (self->starts_ == 0) return;
    self->Check();
    self->Schedule();
  });
}

void MemoryLimit::Check() {
  size_t resident = process_.ResidentBytes();
  size_t upper = Difference(resident, budget_.used_bytes());
  size_t lower = Difference(upper, process_.AllocatorFreeBytes());
  pressed_ = resident >= Difference(limit_bytes_, spike_bytes_);
  if (pressed_) {
    if (upper > other_bytes_ + kWorthTrimmingBytes) {
      process_.Trim();
      resident = process_.ResidentBytes();
      upper = Difference(resident, budget_.used_bytes());
    }
    lower = upper;
  }
  Settle(lower, upper);
  ApplyCeiling();
  Report(resident);
}

void MemoryLimit::Settle(size_t lower, size_t upper) {
  if (other_bytes_ < lower) {
    other_bytes_ = lower;
  } else if (other_bytes_ > upper) {
    other_bytes_ -= (other_bytes_ - upper + 3) / 4;
  }
  other_bytes_ = std::max(other_bytes_, other_at_start_bytes_);
}

void MemoryLimit::ApplyCeiling() {
  const size_t ceiling = Difference(limit_bytes_, other_bytes_ + margin_bytes_);
  ceiling_.Set(ceiling);
  refuse_from_bytes_.store(Difference(ceiling, spike_bytes_), std::memory_order_relaxed);
}

void MemoryLimit::Report(size_t resident_bytes) {
  const LogFields fields = {{"cur_mem_mib", static_cast<uint64_t>(resident_bytes / kMiB)}};
  logger_.Debug("Currently used memory.", fields);
  const bool refusing = MustRefuse();
  if (refusing && !refusing_) {
    logger_.Warn("Memory usage is above soft limit. Refusing data.", fields);
  } else if (!refusing && refusing_) {
    logger_.Info("Memory usage back within limits. Resuming normal operation.", fields);
  }
  refusing_ = refusing;
}

}  // namespace weir::pipeline
