#include "pipeline/receiver_inlet.h"

#include <utility>

namespace weir::pipeline {
namespace {

struct ItemWords {
  std::string_view in_name;   // of the metric
  std::string_view in_words;  // of its description
};

ItemWords WordsOf(model::Signal signal) {
  switch (signal) {
    case model::Signal::kTraces:
      return {"spans", "spans"};
    case model::Signal::kMetrics:
      return {"metric_points", "metric points"};
    case model::Signal::kLogs:
      return {"log_records", "log records"};
  }
  return {};
}

MetricDefinition Definition(std::string_view outcome, std::string_view what, model::Signal signal) {
  const ItemWords words = WordsOf(signal);
  std::string unit(words.in_name);
  unit = unit == "metric_points" ? "{datapoint}" : unit == "spans" ? "{span}" : "{record}";
  return {"otelcol_receiver_" + std::string(outcome) + "_" + std::string(words.in_name),
          "Number of " + std::string(words.in_words) + " " + std::string(what) + " [Alpha]", unit};
}

}  // namespace

ReceiverInlet::ReceiverInlet(const ComponentId& receiver, model::Signal signal,
                             MetricStore* metrics)
    : Outlet("receiver/" + receiver.ToString(), signal),
      receiver_(receiver.ToString()),
      scope_(metrics ? MetricScope(*metrics) : MetricScope()) {}

ReceiverInlet::Counters ReceiverInlet::CountersOf(std::string_view transport) {
  MutexLock lock(mutex_);
  if (const auto known = by_transport_.find(transport); known != by_transport_.end())
    return known->second;
  MetricLabels labels{{"receiver", receiver_}};
  if (!transport.empty()) labels.emplace_back("transport", transport);
  scope_.AddCounter(
      Definition("failed", "that failed to be processed by the receiver due to internal errors.",
                 signal()),
      labels);
  const Counters counters{
      &scope_.AddCounter(Definition("accepted", "successfully pushed into the pipeline.", signal()),
                         labels),
      &scope_.AddCounter(
          Definition("refused", "that could not be pushed into the pipeline.", signal()), labels)};
  return by_transport_.emplace(transport, counters).first->second;
}

void ReceiverInlet::Consume(model::Batch batch, const Context& context, Done done) {
  const Counters counters = CountersOf(context.transport);
  const size_t items = batch.items();
  Outlet::Consume(std::move(batch), context,
                  [counters, items, done = std::move(done)](Status status) mutable {
                    (status.ok() ? counters.accepted : counters.refused)->Add(items);
                    done(std::move(status));
                  });
}

}  // namespace weir::pipeline
