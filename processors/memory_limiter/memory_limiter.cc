#include "processors/memory_limiter/memory_limiter.h"

#include <utility>

namespace weir::processors::memory_limiter {
namespace {

using model::Signal;

// "spans", "metric points", "log records".
std::string Items(Signal signal) {
  std::string name(model::ItemName(signal));
  for (char& c : name) c = c == '_' ? ' ' : c;
  return name;
}

// "{span}", ...
std::string Unit(Signal signal) {
  std::string name(model::ItemName(signal));
  name.pop_back();
  return "{" + name + "}";
}

MetricDefinition Accepted(Signal signal) {
  return {"otelcol_processor_memory_limiter_accepted_" + std::string(model::ItemName(signal)),
          "Number of " + Items(signal) +
              " successfully pushed into the next component in the pipeline. [Alpha]",
          Unit(signal)};
}

MetricDefinition Refused(Signal signal) {
  return {"otelcol_processor_memory_limiter_refused_" + std::string(model::ItemName(signal)),
          "Number of " + Items(signal) +
              " that were rejected by the next component in the pipeline. [Alpha]",
          Unit(signal)};
}

}  // namespace

MemoryLimiter::LateCounter::LateCounter(MetricStore* store, MetricDefinition definition,
                                        MetricLabels labels)
    : definition_(std::move(definition)),
      labels_(std::move(labels)),
      scope_(store ? MetricScope(*store) : MetricScope()) {}

void MemoryLimiter::LateCounter::Add(uint64_t n) {
  Counter* counter = counter_.load(std::memory_order_acquire);
  if (counter == nullptr) {
    MutexLock lock(mutex_);
    counter = &scope_.AddCounter(definition_, labels_);
    counter_.store(counter, std::memory_order_release);
  }
  counter->Add(n);
}

MemoryLimiter::MemoryLimiter(const pipeline::Settings& settings,
                             std::shared_ptr<pipeline::MemoryLimit> limit, Signal signal,
                             pipeline::Consumer& next)
    : limit_(std::move(limit)),
      next_(next),
      accepted_(settings.metrics, Accepted(signal), {{"processor", settings.id.ToString()}}),
      refused_(settings.metrics, Refused(signal), {{"processor", settings.id.ToString()}}) {}

Status MemoryLimiter::Start(pipeline::Host&) {
  limit_->Start();
  started_ = true;
  return {};
}

void MemoryLimiter::Shutdown() {
  if (std::exchange(started_, false)) limit_->Stop();
}

void MemoryLimiter::Consume(model::Batch batch, const pipeline::Context& context,
                            pipeline::Done done) {
  if (context.reservations == nullptr && limit_->MustRefuse()) {
    refused_.Add(batch.items());
    batch = model::Batch(batch.signal());  // the sender may be waiting for this room
    return done(pipeline::MemoryLimit::Refusal());
  }
  accepted_.Add(batch.items());
  next_.Consume(std::move(batch), context, std::move(done));
}

Status MemoryLimiter::Reserve(const pipeline::BatchSize& size,
                              pipeline::Reservations& reservations) {
  if (limit_->MustRefuse()) {
    refused_.Add(size.items);
    return pipeline::MemoryLimit::Refusal();
  }
  return next_.Reserve(size, reservations);
}

}  // namespace weir::processors::memory_limiter
