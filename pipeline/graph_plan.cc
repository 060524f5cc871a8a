#include "pipeline/graph_plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"

namespace weir::pipeline {
namespace {

using model::Signal;

bool Contains(const std::vector<ComponentId>& ids, const ComponentId& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

void AddOnce(std::vector<size_t>& list, size_t item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

// `connector "forward" (traces to logs)`, `processor "batch" in pipeline "traces"`; empty for
// others.
std::string DescribeInCycle(const GraphPlan::Node& node, const PipelineSpec* pipeline) {
  const std::string id = "\"" + node.spec->id.ToString() + "\"";
  if (node.spec->kind == ComponentKind::kProcessor)
    return "processor " + id + " in pipeline \"" + pipeline->id.ToString() + "\"";
  return "connector " + id + " (" + std::string(SignalName(node.signal)) + " to " +
         std::string(SignalName(node.to)) + ")";
}

}  // namespace

const ComponentSpec* GraphSpec::Find(ComponentKind kind, const ComponentId& id) const {
  for (const ComponentSpec& component : components) {
    if (component.kind == kind && component.id == id) return &component;
  }
  return nullptr;
}

void GraphPlan::AddProblem(config::Problems& problems, const config::Position& position,
                           std::string_view text) {
  problems.AddError(
      {config::Phase::kBuild, position, {}, "failed to build pipelines: " + std::string(text), {}});
}

std::vector<size_t> GraphPlan::Heads(size_t pipeline) const {
  const Pipeline& fed = pipelines_[pipeline];
  if (fed.processors.empty()) return fed.tails;
  return {fed.processors.front()};
}

std::vector<size_t> GraphPlan::Successors(size_t index) const {
  const Node& node = nodes_[index];
  std::vector<size_t> successors;
  if (node.spec->kind == ComponentKind::kProcessor) {
    const Pipeline& pipeline = pipelines_[node.pipeline];
    const auto self = std::find(pipeline.processors.begin(), pipeline.processors.end(), index);
    if (self + 1 == pipeline.processors.end()) return pipeline.tails;
    return {*(self + 1)};
  }
  for (const std::vector<size_t>& fed : node.feeds) {
    for (const size_t pipeline : fed) {
      for (const size_t head : Heads(pipeline)) AddOnce(successors, head);
    }
  }
  return successors;
}

// Fills a plan, part by part.
class GraphPlanner {
 public:
  GraphPlanner(const GraphSpec& spec, config::Problems& problems)
      : spec_(spec), problems_(problems) {}

  std::optional<GraphPlan> Run() {
    const size_t errors = problems_.errors().size();
    for (const PipelineSpec& pipeline : spec_.pipelines)
      plan_.pipelines_.push_back({&pipeline, {}, {}});
    AddConnectors();
    for (size_t i = 0; i < spec_.pipelines.size(); ++i) AddPipeline(i);
    Order();
    if (problems_.errors().size() > errors) return std::nullopt;
    return std::move(plan_);
  }

 private:
  void Refuse(const config::Position& position, std::string_view text) {
    GraphPlan::AddProblem(problems_, position, text);
  }

  bool UsedAs(bool exporter, const ComponentId& id, Signal signal) const {
    for (const PipelineSpec& pipeline : spec_.pipelines) {
      if (pipeline.id.signal == signal &&
          Contains(exporter ? pipeline.exporters : pipeline.receivers, id))
        return true;
    }
    return false;
  }

  // "[traces traces/a]": the pipelines of `signal` that use the connector on that side.
  std::string PipelinesUsing(bool exporter, const ComponentId& id, Signal signal) const {
    std::string names;
    for (const PipelineSpec& pipeline : spec_.pipelines) {
      if (pipeline.id.signal != signal ||
          !Contains(exporter ? pipeline.exporters : pipeline.receivers, id))
        continue;
      if (!names.empty()) names += ' ';
      names += pipeline.id.ToString();
    }
    return "[" + names + "]";
  }

  void AddConnectors() {
    for (const ComponentSpec& component : spec_.components) {
      if (component.kind == ComponentKind::kConnector) AddConnector(component);
    }
  }

  void AddConnector(const ComponentSpec& spec) {
    const auto& factory = static_cast<const ConnectorFactory&>(*spec.factory);
    std::array<bool, model::kSignalCount> taken{}, sent{};
    for (const Signal from : model::kSignals) {
      for (const Signal to : model::kSignals) {
        if (!UsedAs(true, spec.id, from) || !UsedAs(false, spec.id, to)) continue;
        if (factory.supports && !factory.supports(from, to)) continue;
        taken[SignalIndex(from)] = sent[SignalIndex(to)] = true;
        AddConnectorNode(spec, from, to);
      }
    }
    for (const Signal signal : model::kSignals) {
      if (UsedAs(true, spec.id, signal) && !taken[SignalIndex(signal)])
        RefuseOneSided(spec, "exporter", PipelinesUsing(true, spec.id, signal), "receiver");
    }
    for (const Signal signal : model::kSignals) {
      if (UsedAs(false, spec.id, signal) && !sent[SignalIndex(signal)])
        RefuseOneSided(spec, "receiver", PipelinesUsing(false, spec.id, signal), "exporter");
    }
  }

  void RefuseOneSided(const ComponentSpec& spec, const std::string& side,
                      const std::string& pipelines, const std::string& other) {
    Refuse(spec.position, "connector \"" + spec.id.ToString() + "\" used as " + side + " in " +
                              pipelines + " pipeline but not used in any supported " + other +
                              " pipeline");
  }

  void AddConnectorNode(const ComponentSpec& spec, Signal from, Signal to) {
    const size_t index = plan_.nodes_.size();
    GraphPlan::Node node{&spec, from, to, 0, {}};
    for (size_t i = 0; i < spec_.pipelines.size(); ++i) {
      const PipelineSpec& pipeline = spec_.pipelines[i];
      if (pipeline.id.signal == to && Contains(pipeline.receivers, spec.id))
        node.feeds[SignalIndex(to)].push_back(i);
    }
    plan_.nodes_.push_back(std::move(node));
    connectors_[{spec.id, from}].push_back(index);
  }

  void AddPipeline(size_t index) {
    const PipelineSpec& pipeline = spec_.pipelines[index];
    const Signal signal = pipeline.id.signal;
    for (const ComponentId& id : pipeline.receivers) {
      const ComponentSpec* spec = spec_.Find(ComponentKind::kReceiver, id);
      if (spec == nullptr) continue;  // a connector
      AddOnce(plan_.nodes_[ReceiverNode(*spec)].feeds[SignalIndex(signal)], index);
    }
    for (const ComponentId& id : pipeline.processors) {
      const ComponentSpec* spec = spec_.Find(ComponentKind::kProcessor, id);
      CHECK(spec != nullptr) << "processor " << id.ToString() << " is not configured";
      plan_.pipelines_[index].processors.push_back(plan_.nodes_.size());
      plan_.nodes_.push_back({spec, signal, signal, index, {}});
    }
    for (const ComponentId& id : pipeline.exporters) {
      if (const ComponentSpec* spec = spec_.Find(ComponentKind::kExporter, id)) {
        AddOnce(plan_.pipelines_[index].tails, ExporterNode(*spec, signal));
        continue;
      }
      for (const size_t connector : connectors_[{id, signal}])
        AddOnce(plan_.pipelines_[index].tails, connector);
    }
  }

  size_t ReceiverNode(const ComponentSpec& spec) {
    const auto [known, added] = receivers_.emplace(spec.id, plan_.nodes_.size());
    if (added) plan_.nodes_.push_back({&spec, {}, {}, 0, {}});
    return known->second;
  }

  size_t ExporterNode(const ComponentSpec& spec, Signal signal) {
    const auto [known, added] = exporters_.emplace(std::pair(spec.id, signal), plan_.nodes_.size());
    if (added) plan_.nodes_.push_back({&spec, signal, signal, 0, {}});
    return known->second;
  }

  // Depth first over processors and connectors; a node met again on the way is a cycle, of which
  // the first found is told.
  void Order() {
    visits_.assign(plan_.nodes_.size(), Visit::kNone);
    std::vector<size_t> middle;
    for (size_t i = 0; i < plan_.nodes_.size(); ++i) {
      if (!VisitNode(i, middle)) return;
    }
    std::reverse(middle.begin(), middle.end());
    const std::vector<size_t> receivers = OfKind(ComponentKind::kReceiver);
    const std::vector<size_t> exporters = OfKind(ComponentKind::kExporter);
    for (const auto* group : {&receivers, &std::as_const(middle), &exporters})
      plan_.stop_order_.insert(plan_.stop_order_.end(), group->begin(), group->end());
    std::reverse(middle.begin(), middle.end());
    for (const auto* group : {&exporters, &std::as_const(middle), &receivers})
      plan_.start_order_.insert(plan_.start_order_.end(), group->begin(), group->end());
  }

  std::vector<size_t> OfKind(ComponentKind kind) const {
    std::vector<size_t> nodes;
    for (size_t i = 0; i < plan_.nodes_.size(); ++i) {
      if (plan_.nodes_[i].spec->kind == kind) nodes.push_back(i);
    }
    return nodes;
  }

  bool VisitNode(size_t index, std::vector<size_t>& finished) {
    const ComponentKind kind = plan_.nodes_[index].spec->kind;
    if (kind == ComponentKind::kExporter) return true;
    if (visits_[index] == Visit::kDone) return true;
    if (visits_[index] == Visit::kOnPath) {
      RefuseCycle(index);
      return false;
    }
    visits_[index] = Visit::kOnPath;
    path_.push_back(index);
    for (const size_t next : plan_.Successors(index)) {
      if (!VisitNode(next, finished)) return false;
    }
    path_.pop_back();
    visits_[index] = Visit::kDone;
    if (kind != ComponentKind::kReceiver) finished.push_back(index);
    return true;
  }

  // `again` closes the cycle. It is told from its last connector on, which every cycle has.
  void RefuseCycle(size_t again) {
    std::vector<size_t> cycle(std::find(path_.begin(), path_.end(), again), path_.end());
    const auto connector = std::find_if(cycle.rbegin(), cycle.rend(), [&](size_t node) {
      return plan_.nodes_[node].spec->kind == ComponentKind::kConnector;
    });
    if (connector != cycle.rend()) std::rotate(cycle.begin(), connector.base() - 1, cycle.end());
    cycle.push_back(cycle.front());
    std::string text = "cycle detected: ";
    for (size_t i = 0; i < cycle.size(); ++i) {
      const GraphPlan::Node& node = plan_.nodes_[cycle[i]];
      if (i > 0) text += " -> ";
      text += DescribeInCycle(node, plan_.pipelines_[node.pipeline].spec);
    }
    Refuse(plan_.nodes_[cycle.front()].spec->position, text);
  }

  enum class Visit : uint8_t { kNone, kOnPath, kDone };

  const GraphSpec& spec_;
  config::Problems& problems_;
  GraphPlan plan_;
  std::map<ComponentId, size_t> receivers_;
  std::map<std::pair<ComponentId, Signal>, size_t> exporters_;
  std::map<std::pair<ComponentId, Signal>, std::vector<size_t>> connectors_;
  std::vector<Visit> visits_;
  std::vector<size_t> path_;
};

std::optional<GraphPlan> GraphPlan::Make(const GraphSpec& spec, config::Problems& problems) {
  return GraphPlanner(spec, problems).Run();
}

}  // namespace weir::pipeline
