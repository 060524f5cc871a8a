// What a receiver sends to: the first outlet of the graph, which also keeps the Collector's
// receiver counters.
//
//   otelcol_receiver_{accepted,refused,failed}_{spans,metric_points,log_records}{receiver,transport}
//
// All three appear with the first batch of a transport. A failure that came back from the pipeline
// counts as refused.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "base/mutex.h"
#include "pipeline/component_id.h"
#include "pipeline/outlet.h"

namespace weir::pipeline {

class ReceiverInlet final : public Outlet {
 public:
  ReceiverInlet(const ComponentId& receiver, model::Signal signal, MetricStore* metrics);

  void Consume(model::Batch batch, const Context& context, Done done) override;

 private:
  struct Counters {
    Counter* accepted;
    Counter* refused;
  };
  Counters CountersOf(std::string_view transport) EXCLUDES(mutex_);

  const std::string receiver_;
  Mutex mutex_;
  MetricScope scope_ GUARDED_BY(mutex_);
  std::map<std::string, Counters, std::less<>> by_transport_ GUARDED_BY(mutex_);
};

}  // namespace weir::pipeline
