// The processor `batch`: merges requests, and answers each with what became of its data.
//
// Upstream's answers at once and drops what fails behind it. This one waits for the result, so
// refusals and delays travel back to the sender. So that waiting does not throttle senders, what is
// pending is sent as soon as nothing of it is in flight behind (group commit): under load batches
// grow to what arrives during one export, and a lone request is not delayed at all. early_return
// switches to upstream's manner, up to a bound. The merging is pipeline/batcher.h.
#pragma once

#include <atomic>
#include <string>

#include "base/metrics.h"
#include "base/mutex.h"
#include "pipeline/batcher.h"
#include "pipeline/component.h"
#include "pipeline/drops.h"
#include "pipeline/in_flight.h"
#include "processors/batch/config.h"

namespace weir::processors::batch {

// The Collector's instruments of this processor, label `processor`:
//
//   otelcol_processor_batch_{batch_size_trigger_send,timeout_trigger_send}        normal
//   otelcol_processor_batch_batch_send_size, _bytes                               normal, detailed
//   otelcol_processor_batch_metadata_cardinality                                  normal
//   weir_processor_batch_idle_trigger_send       batches sent because nothing was in flight
//
// As upstream each but the cardinality appears with its first event. Thread-safe.
class BatchMetrics {
 public:
  BatchMetrics(MetricStore* metrics, const pipeline::ComponentId& id);
  void ShowCardinality(std::function<double()> read);
  void Sent(size_t items, size_t bytes, pipeline::Batcher::Trigger trigger);

 private:
  const MetricLabels labels_;
  Mutex mutex_;
  MetricScope scope_ GUARDED_BY(mutex_);
};

class BatchProcessor final : public pipeline::Processor, private pipeline::ExportStage {
 public:
  // With early_return as many requests may be answered before their result; more wait for it.
  static constexpr uint64_t kEarlyMax = 1000;

  BatchProcessor(const pipeline::Settings& settings, model::Signal signal,
                 const BatchConfig& config, pipeline::Consumer& next);

  Status Start(pipeline::Host& host) override;
  void Consume(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override;
  // Sends what is pending and waits for its answers.
  void Shutdown() override;
  bool passes_through() const override { return false; }

 private:
  void Take(pipeline::Export one) override;
  pipeline::Done AnswerEarly(size_t items, size_t bytes, pipeline::Done done);

  const bool early_return_;
  const Logger logger_;
  pipeline::Consumer& next_;
  pipeline::Batcher batcher_;
  pipeline::Drops drops_;
  pipeline::InFlight in_flight_;
  BatchMetrics metrics_;
};

}  // namespace weir::processors::batch
