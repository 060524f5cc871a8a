#include "pipeline/drops.h"

namespace weir::pipeline {

Drops::Drops(MetricStore* metrics, ComponentKind kind, const ComponentId& id, model::Signal signal)
    : labels_{{"kind", std::string(KindName(kind))},
              {"id", id.ToString()},
              {"signal", std::string(model::SignalName(signal))}},
      scope_(metrics ? MetricScope(*metrics) : MetricScope()) {}

void Drops::Add(std::string_view reason, size_t items, size_t bytes) {
  MutexLock lock(mutex_);
  auto known = by_reason_.find(reason);
  if (known == by_reason_.end()) {
    MetricLabels labels = labels_;
    labels.emplace_back("reason", reason);
    const Counters counters{
        &scope_.AddCounter(
            {"weir_dropped_items", "Items taken out of the stream, by reason.", "{item}"}, labels),
        &scope_.AddCounter(
            {"weir_dropped_bytes", "Bytes of the items taken out of the stream.", "By"}, labels)};
    known = by_reason_.emplace(reason, counters).first;
  }
  known->second.items->Add(items);
  known->second.bytes->Add(bytes);
}

}  // namespace weir::pipeline
