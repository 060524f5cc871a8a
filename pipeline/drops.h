// What a component takes out of the stream on purpose, by reason: a sampler's decision, a filter's
// rule, a batch its queue gave up.
//
// One side of the conservation equation (received = delivered + stored + dropped(by reason) + in
// flight), so every component that answers OK without passing everything on must report here. Shown
// as `weir_dropped_items{kind,id,signal,reason}` and `weir_dropped_bytes`, and in /debug/ledger.
// Thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "base/mutex.h"
#include "model/signal.h"
#include "pipeline/component_id.h"

namespace weir::pipeline {

class Drops {
 public:
  // `metrics` may be null: counts are then shown nowhere.
  Drops(MetricStore* metrics, ComponentKind kind, const ComponentId& id, model::Signal signal);

  // `reason` is one of a few literals: "sampled_out", "permanent_error", "retries_exhausted".
  void Add(std::string_view reason, size_t items, size_t bytes);

 private:
  struct Counters {
    Counter* items;
    Counter* bytes;
  };
  const MetricLabels labels_;
  Mutex mutex_;
  MetricScope scope_ GUARDED_BY(mutex_);
  std::map<std::string, Counters, std::less<>> by_reason_ GUARDED_BY(mutex_);
};

}  // namespace weir::pipeline
