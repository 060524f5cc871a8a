// Keeps the whole process within a limit by limiting the telemetry in it: the core of the processor
// and of the extension `memory_limiter`, with the Collector's keys.
//
//   limit ──┬── margin                    for what grows between two checks
//           ├── ceiling ───────────────── the budget's limit: nothing above it is read
//           ├── ceiling − spike ───────── refusal: above it data is given back
//           ├── charged                   telemetry, exact at every moment (base/byte_budget.h)
//           └── other                     code, stacks, connections: RSS − charged
//
// The rule. Telemetry is charged before it is read, so it needs no watching; what else the process
// occupies is measured at Start and at each check, and
//
//   ceiling = limit − other − margin,     margin = 1/32 of the limit
//
// Memory that the allocator keeps free takes room only while nobody could use it, and it must not
// shrink the ceiling. So `other` is known only to lie between RSS − charged − free and RSS −
// charged:
// - while RSS is below limit − spike, `other` is moved into that range and no further;
// - from there on, when RSS grew beyond what is charged, the allocator's free pages are given back
// to
//   the kernel first; what then is resident and not charged is other, free or not. Checks come at
//   least twenty times a second then.
// From the first limit on, blocks of 128 KiB and more go back to the kernel as soon as they are
// freed, so that little is kept free: at 128 MiB and 500 MiB/s of messages the peak is 115 MiB so,
// 145 MiB otherwise (bench/memory_limit).
// `other` rises at once and falls by a quarter of the difference at each check, because charged
// room may not be touched yet. It never falls below what it was at Start.
//
// Refusing compares the charged bytes of this moment: it ends in the moment in which enough of them
// are gone, without waiting for a check. Of several limits on one budget the smallest ceiling
// holds; with the last one the budget's own limit comes back.
//
// Upstream's GC keys are read and have no effect.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/byte_budget.h"
#include "base/config/fields.h"
#include "base/executor.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status.h"
#include "pipeline/process_memory.h"

namespace weir::pipeline {

struct MemoryLimitConfig {
  static constexpr std::string_view kTypeName = "memorylimiter.Config";

  config::Duration check_interval{};  // required
  config::Duration min_gc_interval_when_soft_limited = std::chrono::seconds(10);
  config::Duration min_gc_interval_when_hard_limited{};
  uint32_t limit_mib = 0;               // wins over the percentage
  uint32_t spike_limit_mib = 0;         // 0: a fifth of the limit
  uint32_t limit_percentage = 0;        // of the process's usable memory
  uint32_t spike_limit_percentage = 0;  // likewise

  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

// Thread-safe.
class MemoryLimit : public std::enable_shared_from_this<MemoryLimit> {
 public:
  // `budget`, `executor` and `process` outlive it. Limits nothing before Start.
  static std::shared_ptr<MemoryLimit> Make(const MemoryLimitConfig& config, ByteBudget& budget,
                                           Executor& executor, Logger logger,
                                           ProcessMemory& process = ProcessMemory::Real());

  // Counted: the processors of several pipelines share one limit. Measures, sets the ceiling and
  // begins to check. The last Stop ends the checks and removes the ceiling; no check runs after it.
  void Start() EXCLUDES(mutex_);
  void Stop() EXCLUDES(mutex_);

  // Whether data has to be refused now: more is charged than the ceiling less the spike.
  bool MustRefuse() const {
    return budget_.used_bytes() >= refuse_from_bytes_.load(std::memory_order_relaxed);
  }
  // The refusal for a pipeline: kUnavailable, `data refused due to high memory usage`, with a
  // delay.
  static Status Refusal();
  // How long a refused client is asked to wait.
  static constexpr std::chrono::seconds kRetryAfter{1};

  size_t limit_bytes() const { return limit_bytes_; }
  size_t spike_bytes() const { return spike_bytes_; }

 private:
  MemoryLimit(const MemoryLimitConfig& config, ByteBudget& budget, Executor& executor,
              Logger logger, ProcessMemory& process);
  size_t UnchargedBytes() const;  // RSS − charged
  void Check() REQUIRES(mutex_);
  void Settle(size_t lower, size_t upper) REQUIRES(mutex_);
  void ApplyCeiling() REQUIRES(mutex_);
  void Report(size_t resident_bytes) REQUIRES(mutex_);
  void Schedule() REQUIRES(mutex_);

  ByteBudget& budget_;
  Executor& executor_;
  const Logger logger_;
  ProcessMemory& process_;
  const std::chrono::nanoseconds check_interval_;
  const size_t limit_bytes_;
  const size_t spike_bytes_;
  const size_t margin_bytes_;

  std::atomic<size_t> refuse_from_bytes_{~size_t{0}};

  Mutex mutex_;
  int starts_ GUARDED_BY(mutex_) = 0;
  Executor::TimerId timer_ GUARDED_BY(mutex_) = 0;
  BudgetCeiling ceiling_ GUARDED_BY(mutex_);
  size_t other_bytes_ GUARDED_BY(mutex_) = 0;
  size_t other_at_start_bytes_ GUARDED_BY(mutex_) = 0;
  bool pressed_ GUARDED_BY(mutex_) = false;   // RSS was above limit − spike at the last check
  bool refusing_ GUARDED_BY(mutex_) = false;  // as last reported
};

}  // namespace weir::pipeline
