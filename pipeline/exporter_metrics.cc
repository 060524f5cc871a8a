#include "pipeline/exporter_metrics.h"

#include <algorithm>

#include "base/metric_store.h"

namespace weir::pipeline {
namespace {

// "metric points" and "{datapoint}" of metrics, and so on.
std::string Words(model::Signal signal) {
  std::string words(model::ItemName(signal));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string_view Unit(model::Signal signal) {
  switch (signal) {
    case model::Signal::kTraces:
      return "{span}";
    case model::Signal::kMetrics:
      return "{datapoint}";
    case model::Signal::kLogs:
      return "{record}";
  }
  return {};
}

// As upstream has them.
std::vector<double> QueueBytesBounds() {
  return {10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000};
}

}  // namespace

std::vector<double> BatchSizeBounds() {
  return {10,   25,   50,   75,   100,  250,  500,   750,   1000,  2000,  3000,
          4000, 5000, 6000, 7000, 8000, 9000, 10000, 20000, 30000, 50000, 100000};
}

ExporterMetrics::ExporterMetrics(MetricStore* metrics, const ComponentId& id, model::Signal signal,
                                 MetricLabels sent_labels)
    : exporter_(id.ToString()),
      signal_(signal),
      sent_labels_(std::move(sent_labels)),
      detailed_(metrics != nullptr && metrics->level() >= MetricLevel::kDetailed),
      scope_(metrics ? MetricScope(*metrics) : MetricScope()) {}

MetricDefinition ExporterMetrics::ItemCounter(std::string_view outcome,
                                              std::string_view what) const {
  return {"otelcol_exporter_" + std::string(outcome) + "_" + std::string(model::ItemName(signal_)),
          "Number of " + Words(signal_) + " " + std::string(what) + " [Alpha]",
          std::string(Unit(signal_))};
}

void ExporterMetrics::ShowQueue(std::function<double()> size, std::function<double()> capacity) {
  const MetricLabels labels{{"exporter", exporter_},
                            {"data_type", std::string(model::SignalName(signal_))}};
  MutexLock lock(mutex_);
  scope_.AddObservedGauge({"otelcol_exporter_queue_size",
                           "Current size of the retry queue (in batches). [Alpha]", "{batch}"},
                          labels, std::move(size));
  scope_.AddObservedGauge({"otelcol_exporter_queue_capacity",
                           "Fixed capacity of the retry queue (in batches). [Alpha]", "{batch}"},
                          labels, std::move(capacity));
}

Gauge& ExporterMetrics::MakeInFlight() {
  MutexLock lock(mutex_);
  Gauge& gauge = scope_.AddGauge(
      {"otelcol_exporter_in_flight_requests",
       "Number of export requests currently in-flight (including retry backoff). [Development]",
       "{request}"},
      {{"exporter", exporter_}, {"data_type", std::string(model::SignalName(signal_))}});
  in_flight_.store(&gauge, std::memory_order_release);
  return gauge;
}

Counter& ExporterMetrics::MakeSent() {
  MetricLabels labels{{"exporter", exporter_}};
  labels.insert(labels.end(), sent_labels_.begin(), sent_labels_.end());
  MutexLock lock(mutex_);
  Counter& counter =
      scope_.AddCounter(ItemCounter("sent", "successfully sent to destination."), labels);
  sent_.store(&counter, std::memory_order_release);
  return counter;
}

void ExporterMetrics::SendFailed(size_t items, std::string_view error_type, bool permanent) {
  SentCounter().Add(0);
  MetricLabels labels{{"exporter", exporter_}};
  labels.insert(labels.end(), sent_labels_.begin(), sent_labels_.end());
  if (detailed_) {
    labels.emplace_back("error_type", error_type);
    labels.emplace_back("error_permanent", permanent ? "true" : "false");
  }
  MutexLock lock(mutex_);
  scope_
      .AddCounter(ItemCounter("send_failed",
                              "in failed attempts to send to destination. At detailed telemetry "
                              "level, includes attributes: error.type (semantic convention), "
                              "error.permanent."),
                  std::move(labels))
      .Add(items);
}

void ExporterMetrics::EnqueueFailed(size_t items) {
  MutexLock lock(mutex_);
  scope_
      .AddCounter(ItemCounter("enqueue_failed", "failed to be added to the sending queue."),
                  {{"exporter", exporter_}})
      .Add(items);
}

void ExporterMetrics::Enqueued(size_t items, size_t bytes) {
  if (!detailed_) return;
  Histogram* by_items = send_size_items_.load(std::memory_order_acquire);
  if (by_items == nullptr) {
    MutexLock lock(mutex_);
    send_size_bytes_.store(
        &scope_.AddHistogram(
            {"otelcol_exporter_queue_batch_send_size_bytes",
             "Number of bytes in batch that was sent. Only available on detailed level. "
             "[Development]",
             "By", MetricLevel::kDetailed},
            QueueBytesBounds(), {{"exporter", exporter_}}),
        std::memory_order_relaxed);
    by_items = &scope_.AddHistogram(
        {"otelcol_exporter_queue_batch_send_size", "Number of units in the batch [Development]",
         "{unit}", MetricLevel::kDetailed},
        BatchSizeBounds(), {{"exporter", exporter_}});
    send_size_items_.store(by_items, std::memory_order_release);
  }
  by_items->Observe(static_cast<double>(items));
  send_size_bytes_.load(std::memory_order_relaxed)->Observe(static_cast<double>(bytes));
}

}  // namespace weir::pipeline
