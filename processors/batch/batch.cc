#include "processors/batch/batch.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "pipeline/exporter_metrics.h"

namespace weir::processors::batch {
namespace {

using pipeline::Batcher;

pipeline::BatcherOptions OptionsOf(const BatchConfig& config) {
  pipeline::BatcherOptions options;
  const bool nothing_waits = config.timeout == config::Duration::zero();
  options.min_size = nothing_waits ? 0 : config.send_batch_size;
  options.max_size = config.send_batch_max_size;
  options.flush_timeout = config.timeout;
  options.flush_when_idle = !config.early_return;
  options.strip_client = true;
  options.metadata_keys = config.metadata_keys;
  options.partitions_max = config.metadata_cardinality_limit;
  options.refuse_new_partitions = true;
  for (std::string& key : options.metadata_keys) {
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }
  return options;
}

std::vector<double> BytesBounds() {
  return {10,      25,      50,      75,      100,     250,     500,     750,     1000,   2000,
          3000,    4000,    5000,    6000,    7000,    8000,    9000,    10000,   20000,  30000,
          50000,   100000,  200000,  300000,  400000,  500000,  600000,  700000,  800000, 900000,
          1000000, 2000000, 3000000, 4000000, 5000000, 6000000, 7000000, 8000000, 9000000};
}

MetricDefinition TriggerCounter(Batcher::Trigger trigger) {
  if (trigger == Batcher::Trigger::kSize) {
    return {"otelcol_processor_batch_batch_size_trigger_send",
            "Number of times the batch was sent due to a size trigger [Development]", "{time}",
            MetricLevel::kNormal};
  }
  if (trigger == Batcher::Trigger::kIdle) {
    return {"weir_processor_batch_idle_trigger_send",
            "Number of times the batch was sent because nothing was in flight behind it.", "{time}",
            MetricLevel::kNormal};
  }
  return {"otelcol_processor_batch_timeout_trigger_send",
          "Number of times the batch was sent due to a timeout trigger [Development]", "{time}",
          MetricLevel::kNormal};
}

}  // namespace

BatchMetrics::BatchMetrics(MetricStore* metrics, const pipeline::ComponentId& id)
    : labels_{{"processor", id.ToString()}},
      scope_(metrics ? MetricScope(*metrics) : MetricScope()) {}

void BatchMetrics::ShowCardinality(std::function<double()> read) {
  MutexLock lock(mutex_);
  scope_.AddObservedGauge({"otelcol_processor_batch_metadata_cardinality",
                           "Number of distinct metadata value combinations being processed "
                           "[Development]",
                           "{combination}", MetricLevel::kNormal},
                          labels_, std::move(read));
}

void BatchMetrics::Sent(size_t items, size_t bytes, Batcher::Trigger trigger) {
  MutexLock lock(mutex_);
  scope_.AddCounter(TriggerCounter(trigger), labels_).Add(1);
  scope_
      .AddHistogram({"otelcol_processor_batch_batch_send_size",
                     "Number of units in the batch [Development]", "{unit}", MetricLevel::kNormal},
                    pipeline::BatchSizeBounds(), labels_)
      .Observe(static_cast<double>(items));
  scope_
      .AddHistogram({"otelcol_processor_batch_batch_send_size_bytes",
                     "Number of bytes in batch that was sent. Only available on detailed level. "
                     "[Development]",
                     "By", MetricLevel::kDetailed},
                    BytesBounds(), labels_)
      .Observe(static_cast<double>(bytes));
}

BatchProcessor::BatchProcessor(const pipeline::Settings& settings, model::Signal signal,
                               const BatchConfig& config, pipeline::Consumer& next)
    : early_return_(config.early_return),
      logger_(settings.logger),
      next_(next),
      batcher_(OptionsOf(config), *this, settings.executor,
               [this](size_t items, size_t bytes, Batcher::Trigger trigger) {
                 metrics_.Sent(items, bytes, trigger);
               }),
      drops_(settings.metrics, pipeline::ComponentKind::kProcessor, settings.id, signal),
      metrics_(settings.metrics, settings.id) {}

Status BatchProcessor::Start(pipeline::Host&) {
  metrics_.ShowCardinality([this] { return static_cast<double>(batcher_.partition_count()); });
  return {};
}

void BatchProcessor::Consume(model::Batch batch, const pipeline::Context& context,
                             pipeline::Done done) {
  if (batch.items() == 0) return done(Status());
  if (!in_flight_.TryEnter()) {
    return done(Status::Retryable("the batch processor is stopped", std::chrono::seconds(1)));
  }
  pipeline::Export one{std::move(batch), context.WithoutReservations(), {}, false};
  if (early_return_ && in_flight_.count() <= kEarlyMax) {
    one.context.deadline = pipeline::Context::kNoDeadline;
    one.done = AnswerEarly(one.batch.items(), one.batch.size_bytes(), std::move(done));
  } else {
    one.done = [this, done = std::move(done)](Status answer) mutable {
      done(std::move(answer));
      in_flight_.Leave();
    };
  }
  batcher_.Take(std::move(one));
}

pipeline::Done BatchProcessor::AnswerEarly(size_t items, size_t bytes, pipeline::Done done) {
  done(Status());
  return [this, items, bytes](const Status& answer) {
    if (!answer.ok()) {
      logger_.Warn("Sender failed", {{"error", answer}});
      drops_.Add(answer.permanent() ? "permanent_error" : "sender_failed", items, bytes);
    }
    in_flight_.Leave();
  };
}

void BatchProcessor::Take(pipeline::Export one) {
  next_.Consume(std::move(one.batch), one.context, std::move(one.done));
}

void BatchProcessor::Shutdown() {
  in_flight_.Stop();
  batcher_.Flush();
  in_flight_.StopAndWait();
}

}  // namespace weir::processors::batch
