// What runs, for whoever shows it: the pages of zpages and of the own-metrics server.
//
// A snapshot each time it is asked; any thread. Implemented by the program (app/), which owns the
// graph.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "pipeline/component.h"
#include "pipeline/component_id.h"

namespace weir::pipeline {

struct PipelineInfo {
  PipelineId id;
  bool mutates_data = false;  // a processor of it may change batches
  std::vector<ComponentId> receivers;
  std::vector<ComponentId> processors;
  std::vector<ComponentId> exporters;
};

struct ComponentInfo {
  ComponentKind kind;
  ComponentId id;
  std::string signal;  // "traces", "traces to metrics" for connectors, empty for extensions
  ComponentState state = ComponentState::kNone;
  std::string error;  // of the state; empty when there is none
};

struct FeatureInfo {
  std::string id;
  bool enabled = false;
  std::string description;
  std::string stage;
  std::string from_version;
  std::string to_version = {};     // empty: none yet
  std::string reference_url = {};  // empty: none
};

class ServiceView {
 public:
  virtual ~ServiceView() = default;
  virtual const BuildInfo& build() const = 0;
  virtual std::chrono::system_clock::time_point started_at() const = 0;
  virtual std::vector<PipelineInfo> Pipelines() const = 0;
  virtual std::vector<ComponentInfo> Components() const = 0;  // extensions too
  virtual std::vector<FeatureInfo> Features() const = 0;
  // The conservation of every edge as JSON: in = out + dropped + in flight (/debug/ledger).
  virtual std::string LedgerJson() const = 0;
};

}  // namespace weir::pipeline
