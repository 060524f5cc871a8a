// The running pipelines: every component of a configuration, connected.
//
//   config::Problems problems;
//   std::unique_ptr<Graph> graph = Graph::Build(spec, environment, problems);   // opens nothing
//   Status status = graph->Start(host);           // all of it or nothing
//   ...
//   // a reload: builds beside the running graph, keeps what did not change
//   auto next = Graph::Build(new_spec, environment, problems, graph.get(), is_kept);
//   status = next->TakeOver(*graph, host);        // failure: `graph` runs on as before
//   next->Retire(*graph);                         // drains what is not kept
//   ...
//   graph->Shutdown();                            // receivers first, exporters last
//
// What a reload keeps (its sockets, queues, state): a receiver whose configuration and signals are
// the same; an exporter whose configuration is; a processor or connector whose configuration is and
// whose pipeline, or pipelines on both sides, name the same components in the same order. Not kept
// is what had asked for an extension that is not kept. Everything else is started new before the
// old is stopped, so for a moment both run; but what keeps data in a storage extension, which only
// one can have open, stops before its successor starts and refuses, retryably, in between.
//
// One owner builds, starts, takes over and shuts down. The const functions are thread-safe besides,
// from Build on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/config/problems.h"
#include "pipeline/graph_node.h"
#include "pipeline/graph_plan.h"
#include "pipeline/graph_spec.h"
#include "pipeline/service_view.h"

namespace weir::pipeline {

class Graph {
 public:
  using ExtensionPredicate = std::function<bool(const ComponentId&)>;

  // Creates every component that pipelines use. Null when something is wrong with the shape or a
  // component cannot be created; `problems` has it all then. With `running`, its unchanged nodes
  // are taken over (both graphs hold them until Retire); `is_kept` tells whether an extension stays
  // the same object over the reload.
  static std::unique_ptr<Graph> Build(GraphSpec spec, const GraphEnvironment& environment,
                                      config::Problems& problems, const Graph* running = nullptr,
                                      const ExtensionPredicate& is_kept = {});
  ~Graph();

  // Starts exporters first, receivers last. On failure everything started by this call is shut down
  // again, and the message is `failed to start "otlp" receiver: ...`.
  Status Start(Host& host);

  // Makes this graph, built upon `former`, the running one: starts what is new in it, points what
  // is kept at its new neighbours, waits until no call is entering the old ways. On failure
  // `former` is as before and this one can only be destroyed.
  Status TakeOver(Graph& former, Host& host);
  // After TakeOver: shuts down, in order, what `former` has and this graph does not, and keeps it
  // until its last answer is given. Blocks as long as it takes to drain.
  void Retire(Graph& former);
  // Lets go of retired nodes that have no answer to give any more.
  void DropAnswered();

  // Stops everything in order, draining. Twice is once.
  void Shutdown();

  const std::vector<std::shared_ptr<GraphNode>>& nodes() const { return nodes_; }
  // One entry per component and signal; a receiver has one for each signal it sends.
  std::vector<ComponentInfo> Components() const;
  std::vector<PipelineInfo> Pipelines() const;
  // How many pipelines or nodes an outlet of nodes()[index] leads to, for `signal`.
  size_t BranchCount(size_t index, model::Signal signal) const;

 private:
  Graph(GraphSpec spec, const GraphEnvironment& environment);

  void TakeOrMakeNodes(const Graph* running, const ExtensionPredicate& is_kept);
  bool CreateNew(config::Problems& problems);
  void Connect();
  std::shared_ptr<Consumer> InputOf(const std::vector<size_t>& heads) const;
  std::shared_ptr<Consumer> TargetOf(size_t index, model::Signal signal) const;
  void PointKeptAtNew();
  std::vector<std::shared_ptr<GraphNode>> MakeRoom(Graph& former);
  void ShutDownOnly(const std::vector<bool>& these);

  const GraphSpec spec_;
  const GraphEnvironment environment_;
  std::optional<GraphPlan> plan_;
  std::vector<std::shared_ptr<GraphNode>> nodes_;    // as the plan's
  std::vector<bool> is_new_;                         // created for this graph
  bool handed_over_ = false;                         // the next graph has what is left
  bool taken_over_ = false;                          // nobody else holds the kept ones any more
  std::vector<std::shared_ptr<GraphNode>> retired_;  // each before those it sends to
};

}  // namespace weir::pipeline
