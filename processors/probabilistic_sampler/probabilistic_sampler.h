// The processor `probabilistic_sampler`: keeps a share of spans or log records, the same ones for
// all parts of a trace (processors/probabilistic_sampler/sampler.h).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "base/mutex.h"
#include "pipeline/component.h"
#include "pipeline/drops.h"
#include "processors/probabilistic_sampler/sampler.h"

namespace weir::processors::probabilistic_sampler {

// Thread-safe: batches are judged on the caller's thread and go on within Consume.
class ProbabilisticSampler final : public pipeline::Processor {
 public:
  // `config` outlives it; `signal` is traces or logs.
  ProbabilisticSampler(const pipeline::Settings& settings, const SamplerConfig& config,
                       model::Signal signal, pipeline::Consumer& next);

  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
  // What is not kept is counted and answered with OK.
  void Consume(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override;
  Status Reserve(const pipeline::BatchSize& size, pipeline::Reservations& reservations) override {
    return next_.Reserve(size, reservations);
  }

 private:
  class Visitor;
  // Decisions of one batch: (policy, sampled) → how many.
  using Tally = std::vector<std::pair<std::pair<std::string_view, bool>, uint64_t>>;
  void Count(const Tally& tally) EXCLUDES(mutex_);

  const model::Signal signal_;
  const Logger logger_;
  ByteBudget& memory_;
  const Sampler sampler_;
  pipeline::Consumer& next_;
  pipeline::Drops drops_;

  Mutex mutex_;
  MetricScope scope_ GUARDED_BY(mutex_);
  std::map<std::pair<std::string, bool>, Counter*> counters_ GUARDED_BY(mutex_);
};

}  // namespace weir::processors::probabilistic_sampler
