// One running component of a graph and its joints to the others.
//
//   outlet of the one before ──► [entry] ──► Node ──► component ──► outlet(s) ──► next nodes
//
// Receivers have an outlet per signal and no entry, processors and connectors one outlet, exporters
// none. Entries and outlets count what passes (pipeline/ledger.h). A node is shared by the graphs
// before and after a reload when its configuration did not change, and by every batch on its way
// through it.
//
// Consume, Reserve and snapshots are thread-safe; the rest is called by the graph's owner.
#pragma once

#include <array>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "base/mutex.h"
#include "pipeline/component_host.h"
#include "pipeline/component_status.h"
#include "pipeline/graph_plan.h"
#include "pipeline/ledger.h"
#include "pipeline/outlet.h"

namespace weir::pipeline {

class GraphNode final : public Consumer {
 public:
  // What makes two nodes, of the graphs before and after a reload, the same node: they are kept
  // when their identities are equal and the component's dependencies are.
  struct Identity {
    std::string name;  // "processor/batch in traces": unique in a graph
    const FactoryBase* factory = nullptr;
    ComponentId id;      // as written, alias included
    config::Value raw;   // the configuration as written
    std::string wiring;  // of a receiver its signals; of processors and connectors the pipelines
    friend bool operator==(const Identity& a, const Identity& b) = default;
  };

  static Identity IdentityOf(const GraphPlan& plan, const GraphPlan::Node& planned);

  // Creates the outlets, not the component.
  GraphNode(const GraphPlan& plan, const GraphPlan::Node& planned,
            const GraphEnvironment& environment);
  ~GraphNode() override;

  // Creates the component. A failure is the whole sentence: `failed to create "x" exporter for data
  // type "logs": ...`.
  Status Create(const GraphEnvironment& environment);

  Status Start(Host& host);
  // As Component::Shutdown; does nothing when it was not started.
  void Shutdown();

  // Creates the component once more and starts it, after Shutdown: undoes a shutdown that made room
  // for a successor which then could not start. Receivers and exporters only.
  Status Restart(const GraphEnvironment& environment, Host& host);

  void Consume(model::Batch batch, const Context& context, Done done) override;
  Status Reserve(const BatchSize& size, Reservations& reservations) override;

  const Identity& identity() const { return identity_; }
  ComponentKind kind() const { return kind_; }
  model::Signal signal() const { return signal_; }
  // "traces", "traces to metrics".
  std::string SignalText() const;
  const ComponentStatus& status() const { return status_; }
  // Null when it has none.
  const Outlet* entry() const { return entry_.get(); }
  // Of receivers for `signal`, of processors and connectors for what they send; null when it has
  // none.
  Outlet* outlet(model::Signal signal) const { return outlets_[SignalIndex(signal)].get(); }
  // What a connector sends, else what the node takes.
  model::Signal sent_signal() const { return to_; }
  // What the outlets of others are connected to: the entry, which keeps the node.
  static std::shared_ptr<Consumer> InputOf(const std::shared_ptr<GraphNode>& node);
  // The extensions the component asked for.
  std::set<ComponentId> dependencies() const;
  bool started() const { return started_; }
  // Whether it must be shut down before a successor starts (ComponentHost::uses_storage).
  bool yields_first() const;

 private:
  Settings MakeSettings(const GraphEnvironment& environment) const;
  Status CreateReceiver(const Settings& settings);
  Status CreateProcessor(const Settings& settings);
  Status CreateExporter(const Settings& settings);
  Status CreateConnector(const Settings& settings);
  void LogCreation(const Logger& logger) const;
  void MakeOutlets(const GraphPlan::Node& planned, MetricStore* metrics);
  void ShowProcessorItems();
  void EnterInLedger(Ledger& ledger);

  const Identity identity_;
  const ComponentKind kind_;
  const ComponentId id_;
  const FactoryBase* const factory_;
  const std::shared_ptr<const ComponentConfig> config_;
  const bool used_alias_;
  const model::Signal signal_;
  const model::Signal to_;
  const std::string pipeline_;          // id of a processor's
  std::vector<model::Signal> signals_;  // of a receiver

  std::unique_ptr<Outlet> entry_;
  std::array<std::unique_ptr<Outlet>, model::kSignalCount> outlets_;
  MetricScope scope_;  // reads the outlets
  std::vector<Ledger::Edge> edges_;
  ComponentStatus status_;
  std::unique_ptr<ComponentHost> host_;
  // Below everything it refers to.
  std::vector<std::shared_ptr<Component>> former_;  // replaced by Restart
  std::shared_ptr<Component> component_;
  Consumer* consumer_ = nullptr;  // the component of processors and connectors, taking batches
  bool passes_through_ = false;   // of a processor
  bool started_ = false;
};

}  // namespace weir::pipeline
