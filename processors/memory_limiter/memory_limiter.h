// The processor `memory_limiter`: gives data back while the process holds as much telemetry as it
// may (pipeline/memory_limit.h). The processors of all pipelines with one id share one limit.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/metrics.h"
#include "base/mutex.h"
#include "pipeline/component.h"
#include "pipeline/memory_limit.h"

namespace weir::processors::memory_limiter {

// Thread-safe.
class MemoryLimiter final : public pipeline::Processor {
 public:
  MemoryLimiter(const pipeline::Settings& settings, std::shared_ptr<pipeline::MemoryLimit> limit,
                model::Signal signal, pipeline::Consumer& next);

  Status Start(pipeline::Host&) override;
  void Shutdown() override;
  // Refuses with kUnavailable and a delay. Data for which room was reserved passes.
  void Consume(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override;
  Status Reserve(const pipeline::BatchSize& size, pipeline::Reservations& reservations) override;

 private:
  // A counter that appears when it first counts, as upstream's do.
  class LateCounter {
   public:
    LateCounter(MetricStore* store, MetricDefinition definition, MetricLabels labels);
    void Add(uint64_t n) EXCLUDES(mutex_);

   private:
    const MetricDefinition definition_;
    const MetricLabels labels_;
    std::atomic<Counter*> counter_{nullptr};
    Mutex mutex_;
    MetricScope scope_ GUARDED_BY(mutex_);
  };

  const std::shared_ptr<pipeline::MemoryLimit> limit_;
  pipeline::Consumer& next_;
  LateCounter accepted_;
  LateCounter refused_;
  bool started_ = false;  // used by Start and Shutdown, which do not run at once
};

}  // namespace weir::processors::memory_limiter
