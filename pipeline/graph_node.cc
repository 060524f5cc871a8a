#include "pipeline/graph_node.h"

#include <utility>

#include "base/check.h"
#include "pipeline/receiver_inlet.h"

namespace weir::pipeline {
namespace {

using model::Signal;

std::string Quoted(const ComponentId& id) { return "\"" + id.ToString() + "\""; }

std::string NameOf(const GraphPlan& plan, const GraphPlan::Node& planned) {
  const ComponentSpec& spec = *planned.spec;
  std::string name = std::string(KindName(spec.kind)) + "/" + spec.id.ToString();
  if (spec.kind == ComponentKind::kProcessor)
    return name + " in " + plan.pipelines()[planned.pipeline].spec->id.ToString();
  if (spec.kind == ComponentKind::kReceiver) return name;
  name += " " + std::string(SignalName(planned.signal));
  if (spec.kind == ComponentKind::kConnector) name += " to " + std::string(SignalName(planned.to));
  return name;
}

// What around a component must be the same for it to be kept over a reload.
std::string WiringOf(const GraphPlan& plan, const GraphPlan::Node& planned) {
  std::string wiring;
  if (planned.spec->kind == ComponentKind::kProcessor) {
    for (const ComponentId& id : plan.pipelines()[planned.pipeline].spec->processors)
      wiring += id.ToString() + " ";
    return wiring;
  }
  for (const Signal signal : model::kSignals) {
    const auto& fed = planned.feeds[SignalIndex(signal)];
    if (planned.spec->kind == ComponentKind::kReceiver) {
      if (!fed.empty()) wiring += std::string(SignalName(signal)) + " ";
      continue;
    }
    for (const size_t pipeline : fed)
      wiring += plan.pipelines()[pipeline].spec->id.ToString() + " ";
  }
  if (planned.spec->kind != ComponentKind::kConnector) return wiring;
  wiring += "from ";
  for (const GraphPlan::Pipeline& pipeline : plan.pipelines()) {
    for (const size_t tail : pipeline.tails) {
      if (&plan.nodes()[tail] == &planned) wiring += pipeline.spec->id.ToString() + " ";
    }
  }
  return wiring;
}

MetricDefinition Items(std::string_view direction, std::string_view what) {
  return {"otelcol_processor_" + std::string(direction) + "_items",
          "Number of items " + std::string(what) + " the processor. [Alpha]", "{item}"};
}

std::string_view StabilityText(std::string_view level) {
  if (level == "Stable") return "Stable component.";
  if (level == "Beta") return "Beta component. May change in the future.";
  if (level == "Alpha") return "Alpha component. May change in the future.";
  if (level == "Development") return "Development component. May change in the future.";
  if (level == "Deprecated") return "Deprecated component. Will be removed in future releases.";
  if (level == "Unmaintained")
    return "Unmaintained component. Actively looking for contributors. Component will become "
           "deprecated after 3 months of remaining unmaintained.";
  return "Stability level of component is undefined";
}

bool IsAtLeastAlpha(std::string_view level) {
  return level == "Stable" || level == "Beta" || level == "Alpha";
}

const Status& Unsupported() {
  static const Status* status =
      new Status(StatusCode::kUnimplemented, "telemetry type is not supported");
  return *status;
}

template <typename T>
Status Take(Result<std::unique_ptr<T>> created, std::shared_ptr<Component>& component, T** made) {
  if (!created) return created.error();
  CHECK(*created != nullptr) << "a factory made nothing and gave no reason";
  *made = created->get();
  component = *std::move(created);
  return {};
}

}  // namespace

GraphNode::Identity GraphNode::IdentityOf(const GraphPlan& plan, const GraphPlan::Node& planned) {
  const ComponentSpec& spec = *planned.spec;
  return {NameOf(plan, planned), spec.factory, spec.id, spec.raw, WiringOf(plan, planned)};
}

GraphNode::GraphNode(const GraphPlan& plan, const GraphPlan::Node& planned,
                     const GraphEnvironment& environment)
    : identity_(IdentityOf(plan, planned)),
      kind_(planned.spec->kind),
      id_(planned.spec->id),
      factory_(planned.spec->factory),
      config_(planned.spec->config),
      used_alias_(planned.spec->used_alias),
      signal_(planned.signal),
      to_(planned.to),
      pipeline_(kind_ == ComponentKind::kProcessor
                    ? plan.pipelines()[planned.pipeline].spec->id.ToString()
                    : std::string()),
      scope_(environment.metrics ? MetricScope(*environment.metrics) : MetricScope()) {
  MakeOutlets(planned, environment.metrics);
  if (kind_ == ComponentKind::kProcessor) ShowProcessorItems();
  if (environment.ledger != nullptr) EnterInLedger(*environment.ledger);
}

void GraphNode::MakeOutlets(const GraphPlan::Node& planned, MetricStore* metrics) {
  if (kind_ == ComponentKind::kReceiver) {
    for (const Signal signal : model::kSignals) {
      if (planned.feeds[SignalIndex(signal)].empty()) continue;
      signals_.push_back(signal);
      outlets_[SignalIndex(signal)] = std::make_unique<ReceiverInlet>(id_, signal, metrics);
    }
    return;
  }
  if (kind_ != ComponentKind::kExporter)
    outlets_[SignalIndex(to_)] = std::make_unique<Outlet>(identity_.name, to_);
  entry_ = std::make_unique<Outlet>(identity_.name, signal_);
  // The entry of an exporter leads to the component itself (CreateExporter). Else it leads to the
  // node it lives in: a reference counted here would never go.
  if (kind_ != ComponentKind::kExporter)
    entry_->Connect(std::shared_ptr<Consumer>(std::shared_ptr<void>(), this));
}

void GraphNode::ShowProcessorItems() {
  const MetricLabels labels{{"otel_signal", std::string(SignalName(signal_))},
                            {"processor", id_.ToString()}};
  const auto items_of = [](const Outlet* edge) {
    return [edge] { return static_cast<double>(edge->counters().items.load()); };
  };
  scope_.AddObservedCounter(Items("incoming", "passed to"), labels, items_of(entry_.get()));
  scope_.AddObservedCounter(Items("outgoing", "emitted from"), labels, items_of(outlet(to_)));
}

void GraphNode::EnterInLedger(Ledger& ledger) {
  const Ledger::Component component{identity_.name, kind_, id_.ToString(), signal_};
  if (entry_) edges_.push_back(ledger.Add(component, Ledger::Side::kIn, *entry_));
  for (const auto& outlet : outlets_) {
    if (outlet) edges_.push_back(ledger.Add(component, Ledger::Side::kOut, *outlet));
  }
}

GraphNode::~GraphNode() = default;

Settings GraphNode::MakeSettings(const GraphEnvironment& environment) const {
  LogFields fields{{"otelcol.component.id", id_.ToString()},
                   {"otelcol.component.kind", KindName(kind_)}};
  if (kind_ == ComponentKind::kProcessor) fields.emplace_back("otelcol.pipeline.id", pipeline_);
  if (kind_ != ComponentKind::kReceiver) fields.emplace_back("otelcol.signal", SignalName(signal_));
  if (kind_ == ComponentKind::kConnector)
    fields.emplace_back("otelcol.signal.output", SignalName(to_));
  return {id_,
          environment.logger.With(std::move(fields)),
          environment.metrics,
          environment.executor,
          environment.memory,
          environment.build};
}

void GraphNode::LogCreation(const Logger& logger) const {
  if (used_alias_)
    logger.Warn("\"" + id_.type + "\" alias is deprecated; use \"" + factory_->type + "\" instead");
  const std::string& level =
      factory_->stability.by_signal[SignalIndex(signals_.empty() ? signal_ : signals_.front())];
  logger.Log(IsAtLeastAlpha(level) ? LogLevel::kDebug : LogLevel::kInfo, StabilityText(level));
}

Status GraphNode::Create(const GraphEnvironment& environment) {
  const Settings settings = MakeSettings(environment);
  LogCreation(settings.logger);
  switch (kind_) {
    case ComponentKind::kReceiver:
      return CreateReceiver(settings);
    case ComponentKind::kProcessor:
      return CreateProcessor(settings);
    case ComponentKind::kExporter:
      return CreateExporter(settings);
    case ComponentKind::kConnector:
      return CreateConnector(settings);
    case ComponentKind::kExtension:
      break;
  }
  CHECK(false) << "an extension in the graph";
  return {};
}

Status GraphNode::CreateReceiver(const Settings& settings) {
  const auto frame = [&](Signal signal) {
    return "failed to create " + Quoted(id_) + " receiver for data type \"" +
           std::string(SignalName(signal)) + "\": ";
  };
  for (const Signal signal : signals_) {
    if (!factory_->stability.Has(signal)) return Unsupported().WithPrefix(frame(signal));
  }
  const ReceiverConsumers consumers{outlet(Signal::kTraces), outlet(Signal::kMetrics),
                                    outlet(Signal::kLogs)};
  Receiver* made = nullptr;
  const auto& factory = static_cast<const ReceiverFactory&>(*factory_);
  Status status = Take(factory.create(settings, *config_, consumers), component_, &made);
  return status.ok() ? status : status.WithPrefix(frame(signals_.front()));
}

Status GraphNode::CreateProcessor(const Settings& settings) {
  const std::string frame =
      "failed to create " + Quoted(id_) + " processor, in pipeline \"" + pipeline_ + "\": ";
  if (!factory_->stability.Has(signal_)) return Unsupported().WithPrefix(frame);
  Processor* made = nullptr;
  const auto& factory = static_cast<const ProcessorFactory&>(*factory_);
  Status status =
      Take(factory.create(settings, *config_, signal_, *outlet(to_)), component_, &made);
  if (!status.ok()) return status.WithPrefix(frame);
  consumer_ = made;
  passes_through_ = made->passes_through();
  return status;
}

Status GraphNode::CreateExporter(const Settings& settings) {
  const std::string frame = "failed to create " + Quoted(id_) + " exporter for data type \"" +
                            std::string(SignalName(signal_)) + "\": ";
  if (!factory_->stability.Has(signal_)) return Unsupported().WithPrefix(frame);
  Exporter* made = nullptr;
  const auto& factory = static_cast<const ExporterFactory&>(*factory_);
  Status status = Take(factory.create(settings, *config_, signal_), component_, &made);
  if (!status.ok()) return status.WithPrefix(frame);
  entry_->Connect(std::shared_ptr<Consumer>(component_, made));
  return status;
}

Status GraphNode::CreateConnector(const Settings& settings) {
  Connector* made = nullptr;
  const auto& factory = static_cast<const ConnectorFactory&>(*factory_);
  Status status =
      Take(factory.create(settings, *config_, signal_, to_, *outlet(to_)), component_, &made);
  if (!status.ok()) {
    return status.WithPrefix("failed to create " + Quoted(id_) + " connector for data types \"" +
                             SignalText() + "\": ");
  }
  consumer_ = made;
  return status;
}

Status GraphNode::Start(Host& host) {
  CHECK(!started_ && component_ != nullptr) << identity_.name << " cannot start";
  host_ = std::make_unique<ComponentHost>(host, status_);
  status_.Report(ComponentState::kStarting);
  Status status = component_->Start(*host_);
  if (!status.ok()) {
    status_.Report(ComponentState::kPermanentError, status);
    return status;
  }
  started_ = true;
  status_.ReportOkIfStarting();
  return status;
}

void GraphNode::Shutdown() {
  if (!started_) return;
  started_ = false;
  status_.Report(ComponentState::kStopping);
  component_->Shutdown();
  status_.Report(ComponentState::kStopped);
}

Status GraphNode::Restart(const GraphEnvironment& environment, Host& host) {
  CHECK(!started_ && (kind_ == ComponentKind::kReceiver || kind_ == ComponentKind::kExporter))
      << identity_.name << " cannot start again";
  former_.push_back(component_);
  WEIR_RETURN_IF_ERROR(Create(environment));
  status_.Reset();
  return Start(host);
}

bool GraphNode::yields_first() const {
  return started_ && host_->uses_storage() &&
         (kind_ == ComponentKind::kReceiver || kind_ == ComponentKind::kExporter);
}

void GraphNode::Consume(model::Batch batch, const Context& context, Done done) {
  consumer_->Consume(std::move(batch), context, std::move(done));
}

Status GraphNode::Reserve(const BatchSize& size, Reservations& reservations) {
  Status status = consumer_->Reserve(size, reservations);
  if (!status.ok() || !passes_through_) return status;
  return outlet(to_)->Reserve(size, reservations);
}

std::string GraphNode::SignalText() const {
  std::string text(SignalName(signal_));
  return kind_ == ComponentKind::kConnector ? text + " to " + std::string(SignalName(to_)) : text;
}

std::shared_ptr<Consumer> GraphNode::InputOf(const std::shared_ptr<GraphNode>& node) {
  return {node, node->entry_.get()};
}

std::set<ComponentId> GraphNode::dependencies() const {
  return host_ ? host_->asked() : std::set<ComponentId>();
}

}  // namespace weir::pipeline
