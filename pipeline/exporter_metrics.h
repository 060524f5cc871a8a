// The Collector's instruments of one exporter and signal:
//
//   otelcol_exporter_{sent,send_failed}_{spans,metric_points,log_records}{exporter, sent labels}
//   otelcol_exporter_enqueue_failed_...{exporter}
//   otelcol_exporter_in_flight_requests{exporter, data_type}
//   otelcol_exporter_queue_{size,capacity}{exporter, data_type}        in units of the sizer
//   otelcol_exporter_queue_batch_send_size, _bytes{exporter}           detailed, at enqueue
//
// As upstream each series appears with its first event, those of the queue at start. At level
// detailed send_failed carries error_type and error_permanent. Thread-safe; counting is an atomic
// operation once a series is there.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "base/mutex.h"
#include "base/status.h"
#include "model/signal.h"
#include "pipeline/component_id.h"

namespace weir::pipeline {

class ExporterMetrics {
 public:
  // `metrics` may be null: counts are then shown nowhere.
  ExporterMetrics(MetricStore* metrics, const ComponentId& id, model::Signal signal,
                  MetricLabels sent_labels);

  // Shows the queue from now on; both are called from any thread as long as this lives.
  void ShowQueue(std::function<double()> size, std::function<double()> capacity);

  void Began() { InFlight().Add(1); }
  void Ended() { InFlight().Add(-1); }
  void Sent(size_t items) { SentCounter().Add(items); }
  // `error_type` and `permanent` show at level detailed.
  void SendFailed(size_t items, std::string_view error_type, bool permanent);
  void EnqueueFailed(size_t items);
  void Enqueued(size_t items, size_t bytes);

 private:
  Gauge& InFlight() {
    Gauge* gauge = in_flight_.load(std::memory_order_acquire);
    return gauge != nullptr ? *gauge : MakeInFlight();
  }
  Counter& SentCounter() {
    Counter* counter = sent_.load(std::memory_order_acquire);
    return counter != nullptr ? *counter : MakeSent();
  }
  Gauge& MakeInFlight() EXCLUDES(mutex_);
  Counter& MakeSent() EXCLUDES(mutex_);
  MetricDefinition ItemCounter(std::string_view outcome, std::string_view what) const;

  const std::string exporter_;
  const model::Signal signal_;
  const MetricLabels sent_labels_;
  const bool detailed_;
  Mutex mutex_;
  MetricScope scope_ GUARDED_BY(mutex_);
  // Into scope_, null until first used.
  std::atomic<Gauge*> in_flight_{nullptr};
  std::atomic<Counter*> sent_{nullptr};
  std::atomic<Histogram*> send_size_items_{nullptr};
  std::atomic<Histogram*> send_size_bytes_{nullptr};
};

// Bounds of the histograms of batch sizes in items, of exporters and of the batch processor.
std::vector<double> BatchSizeBounds();

}  // namespace weir::pipeline
