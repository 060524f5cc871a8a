#include "tests/config/stand_ins.h"

#include <memory>
#include <string>
#include <utility>

namespace weir::tests {
namespace {

using Kind = pipeline::ComponentKind;
using model::Signal;

class StandInConfig final : public pipeline::ComponentConfig {
 public:
  void Visit(config::Fields& f) override { f.Visit(section_); }

 private:
  config::Value section_;
};

// Does nothing, as whatever it stands for.
template <typename Role>
class StandIn final : public Role {
 public:
  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
};
template <typename Role>
class ConsumingStandIn final : public Role {
 public:
  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
  void Consume(model::Batch, const pipeline::Context&, pipeline::Done done) override {
    done(Status());
  }
};

// What the recorded Collector was built with.
constexpr RecordedType kRecorded[] = {
    {Kind::kReceiver, "otlp", ""},
    {Kind::kReceiver, "jaeger", ""},
    {Kind::kReceiver, "zipkin", ""},
    {Kind::kReceiver, "prometheus", ""},
    {Kind::kProcessor, "attributes", ""},
    {Kind::kProcessor, "batch", ""},
    {Kind::kProcessor, "cumulativetodelta", ""},
    {Kind::kProcessor, "deltatocumulative", ""},
    {Kind::kProcessor, "filter", ""},
    {Kind::kProcessor, "groupbyattrs", ""},
    {Kind::kProcessor, "groupbytrace", ""},
    {Kind::kProcessor, "interval", ""},
    {Kind::kProcessor, "memory_limiter", ""},
    {Kind::kProcessor, "metrics_transform", "metricstransform"},
    {Kind::kProcessor, "probabilistic_sampler", ""},
    {Kind::kProcessor, "redaction", ""},
    {Kind::kProcessor, "resource", ""},
    {Kind::kProcessor, "span", ""},
    {Kind::kProcessor, "tail_sampling", ""},
    {Kind::kProcessor, "transform", ""},
    {Kind::kExporter, "debug", ""},
    {Kind::kExporter, "nop", ""},
    {Kind::kExporter, "otlp_grpc", "otlp"},
    {Kind::kExporter, "otlp_http", "otlphttp"},
    {Kind::kExporter, "prometheus", ""},
    {Kind::kExporter, "prometheus_remote_write", "prometheusremotewrite"},
    {Kind::kConnector, "count", ""},
    {Kind::kConnector, "forward", ""},
    {Kind::kConnector, "span_metrics", "spanmetrics"},
    {Kind::kExtension, "basicauth", ""},
    {Kind::kExtension, "bearertokenauth", ""},
    {Kind::kExtension, "file_storage", ""},
    {Kind::kExtension, "health_check", ""},
    {Kind::kExtension, "memory_limiter", ""},
    {Kind::kExtension, "pprof", ""},
    {Kind::kExtension, "zpages", ""},
};

// The signals of those that do not take all.
pipeline::Stability StabilityOf(const RecordedType& recorded) {
  using pipeline::Stability;
  if (recorded.type == "zipkin" || recorded.type == "jaeger" || recorded.type == "tail_sampling" ||
      recorded.type == "groupbytrace" || recorded.type == "span")
    return Stability::Only({Signal::kTraces}, "Alpha");
  if (recorded.type == "prometheus" || recorded.type == "prometheus_remote_write" ||
      recorded.type == "cumulativetodelta" || recorded.type == "deltatocumulative" ||
      recorded.type == "interval" || recorded.type == "metrics_transform")
    return Stability::Only({Signal::kMetrics}, "Alpha");
  return Stability::All("Alpha");
}

bool ConnectorSupports(std::string_view type, Signal from, Signal to) {
  if (type == "forward") return from == to;
  if (type == "span_metrics") return from == Signal::kTraces && to == Signal::kMetrics;
  return to == Signal::kMetrics;
}

template <typename Factory>
Factory MakeStandIn(const RecordedType& recorded) {
  Factory factory;
  factory.type = recorded.type;
  if (!recorded.alias.empty()) factory.aliases = {std::string(recorded.alias)};
  factory.stability = StabilityOf(recorded);
  factory.new_config = [] { return std::make_unique<StandInConfig>(); };
  return factory;
}

void AddStandIn(pipeline::Registry& registry, const RecordedType& recorded) {
  switch (recorded.kind) {
    case Kind::kReceiver: {
      auto factory = MakeStandIn<pipeline::ReceiverFactory>(recorded);
      factory.create = [](auto&&...) { return std::make_unique<StandIn<pipeline::Receiver>>(); };
      return registry.Add(std::move(factory));
    }
    case Kind::kProcessor: {
      auto factory = MakeStandIn<pipeline::ProcessorFactory>(recorded);
      factory.create = [](auto&&...) {
        return std::make_unique<ConsumingStandIn<pipeline::Processor>>();
      };
      return registry.Add(std::move(factory));
    }
    case Kind::kExporter: {
      auto factory = MakeStandIn<pipeline::ExporterFactory>(recorded);
      factory.create = [](auto&&...) {
        return std::make_unique<ConsumingStandIn<pipeline::Exporter>>();
      };
      return registry.Add(std::move(factory));
    }
    case Kind::kConnector: {
      auto factory = MakeStandIn<pipeline::ConnectorFactory>(recorded);
      factory.supports = [type = recorded.type](Signal from, Signal to) {
        return ConnectorSupports(type, from, to);
      };
      factory.create = [](auto&&...) {
        return std::make_unique<ConsumingStandIn<pipeline::Connector>>();
      };
      return registry.Add(std::move(factory));
    }
    case Kind::kExtension: {
      auto factory = MakeStandIn<pipeline::ExtensionFactory>(recorded);
      factory.create = [](auto&&...) { return std::make_unique<StandIn<pipeline::Extension>>(); };
      return registry.Add(std::move(factory));
    }
  }
}

}  // namespace

std::vector<RecordedType> AddStandIns(pipeline::Registry& registry) {
  std::vector<RecordedType> added;
  for (const RecordedType& recorded : kRecorded) {
    if (registry.Find(recorded.kind, recorded.type) != nullptr) continue;
    AddStandIn(registry, recorded);
    added.push_back(recorded);
  }
  return added;
}

}  // namespace weir::tests
