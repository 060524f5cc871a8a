#include "processors/probabilistic_sampler/probabilistic_sampler.h"

#include "model/edit.h"

namespace weir::processors::probabilistic_sampler {

class ProbabilisticSampler::Visitor final : public model::BatchVisitor {
 public:
  explicit Visitor(const ProbabilisticSampler& processor) : processor_(processor) {}

  void OnItem(model::MessageEditor& item) override {
    const bool traces = processor_.signal_ == model::Signal::kTraces;
    const Decision decision =
        traces ? processor_.sampler_.JudgeSpan(item) : processor_.sampler_.JudgeLog(item);
    if (!decision.error.empty()) {
      processor_.logger_.Log(decision.malformed ? LogLevel::kInfo : LogLevel::kDebug,
                             traces ? "traces sampler" : "logs sampler",
                             {{"error", decision.error}});
    }
    Note({decision.policy, decision.sampled});
    if (decision.sampled) return;
    item.Drop();
    ++dropped_items;
    dropped_bytes += item.message().size();
  }

  Tally tally;
  size_t dropped_items = 0;
  size_t dropped_bytes = 0;

 private:
  void Note(const std::pair<std::string_view, bool>& kind) {
    for (auto& [known, count] : tally) {
      if (known != kind) continue;
      ++count;
      return;
    }
    tally.emplace_back(kind, 1);
  }
  const ProbabilisticSampler& processor_;
};

ProbabilisticSampler::ProbabilisticSampler(const pipeline::Settings& settings,
                                           const SamplerConfig& config, model::Signal signal,
                                           pipeline::Consumer& next)
    : signal_(signal),
      logger_(settings.logger),
      memory_(settings.memory),
      sampler_(config),
      next_(next),
      drops_(settings.metrics, pipeline::ComponentKind::kProcessor, settings.id, signal),
      scope_(settings.metrics ? MetricScope(*settings.metrics) : MetricScope()) {}

void ProbabilisticSampler::Count(const Tally& tally) {
  const std::string signal(model::SignalName(signal_));
  MutexLock lock(mutex_);
  for (const auto& [kind, count] : tally) {
    Counter*& counter = counters_[{std::string(kind.first), kind.second}];
    if (counter == nullptr) {
      counter = &scope_.AddCounter(
          {"otelcol_processor_probabilistic_sampler_count_" + signal + "_sampled",
           "Count of " + signal + " that were sampled or not [Development]", "1"},
          {{"policy", std::string(kind.first)}, {"sampled", kind.second ? "true" : "false"}});
    }
    counter->Add(count);
  }
}

void ProbabilisticSampler::Consume(model::Batch batch, const pipeline::Context& context,
                                   pipeline::Done done) {
  Visitor visitor(*this);
  model::Batch kept = model::EditBatch(batch, visitor, {.remove_empty = true, .budget = &memory_});
  batch = model::Batch(signal_);
  Count(visitor.tally);
  if (visitor.dropped_items > 0) {
    drops_.Add("sampled_out", visitor.dropped_items, visitor.dropped_bytes);
  }
  if (kept.items() == 0) return done(Status());
  next_.Consume(std::move(kept), context, std::move(done));
}

}  // namespace weir::processors::probabilistic_sampler
