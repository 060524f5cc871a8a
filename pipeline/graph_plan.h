// The shape of a graph before anything of it exists: which instances there will be and who sends to
// whom (reference: the Collector's rules).
//
//   receiver   one per id, for all signals        processor  one per pipeline
//   exporter   one per id and signal              connector  one per id, from-signal and to-signal
//
// Everything wrong with the shape is found here: a signal a component does not take, a connector
// used on one side only, a cycle.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/config/problems.h"
#include "model/signal.h"
#include "pipeline/graph_spec.h"

namespace weir::pipeline {

class GraphPlan {
 public:
  struct Node {
    const ComponentSpec* spec = nullptr;
    model::Signal signal{};  // taken by a processor, exporter or connector
    model::Signal to{};      // sent by a connector
    size_t pipeline = 0;     // of a processor
    // Of receivers and connectors: the pipelines they feed, by signal.
    std::array<std::vector<size_t>, model::kSignalCount> feeds;
  };
  struct Pipeline {
    const PipelineSpec* spec = nullptr;
    std::vector<size_t> processors;  // nodes, in order
    std::vector<size_t> tails;       // exporters and connectors, each once
  };

  // `spec` outlives the plan. Empty when `problems` got an error, phase kBuild, each the whole
  // sentence: "failed to build pipelines: ...".
  static std::optional<GraphPlan> Make(const GraphSpec& spec, config::Problems& problems);

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Pipeline>& pipelines() const { return pipelines_; }
  // Receivers, then processors and connectors each before those it sends to, then exporters: the
  // order of stopping. Starting is the reverse, but receivers and exporters among themselves start
  // in the order in which pipelines name them.
  const std::vector<size_t>& stop_order() const { return stop_order_; }
  const std::vector<size_t>& start_order() const { return start_order_; }
  // The nodes that a batch given to `pipeline` meets first.
  std::vector<size_t> Heads(size_t pipeline) const;

  // Adds "failed to build pipelines: " + `text`.
  static void AddProblem(config::Problems& problems, const config::Position& position,
                         std::string_view text);

 private:
  friend class GraphPlanner;
  std::vector<size_t> Successors(size_t node) const;

  std::vector<Node> nodes_;
  std::vector<Pipeline> pipelines_;
  std::vector<size_t> stop_order_;
  std::vector<size_t> start_order_;
};

}  // namespace weir::pipeline
