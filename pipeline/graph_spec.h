// What a graph is built from: the components and pipelines of one configuration, already decoded
// and valid. The program fills it (app/graph_spec.h).
#pragma once

#include <memory>
#include <vector>

#include "base/byte_budget.h"
#include "base/config/value.h"
#include "base/executor.h"
#include "base/log.h"
#include "base/metrics.h"
#include "pipeline/component.h"
#include "pipeline/component_id.h"
#include "pipeline/registry.h"

namespace weir::pipeline {

struct ComponentSpec {
  ComponentKind kind = ComponentKind::kReceiver;
  ComponentId id;                        // as written, alias included
  const FactoryBase* factory = nullptr;  // of `kind`, of a registry that outlives the graph
  std::shared_ptr<const ComponentConfig> config;  // kept as long as the component
  config::Value raw;                              // as written: equal means unchanged at a reload
  bool used_alias = false;                        // id.type is a deprecated spelling
  config::Position position;
};

struct PipelineSpec {
  PipelineId id;
  std::vector<ComponentId> receivers;  // or connectors
  std::vector<ComponentId> processors;
  std::vector<ComponentId> exporters;  // or connectors
  config::Position position;
};

struct GraphSpec {
  std::vector<ComponentSpec> components;  // unused ones too; extensions are ignored
  std::vector<PipelineSpec> pipelines;

  // Null when there is none.
  const ComponentSpec* Find(ComponentKind kind, const ComponentId& id) const;
};

class Ledger;

// What every component of the graph is given; all of it outlives the graph.
struct GraphEnvironment {
  Logger logger;         // without a component's fields
  MetricStore* metrics;  // may be null
  Executor& executor;
  ByteBudget& memory;
  const BuildInfo& build;
  Ledger* ledger = nullptr;  // may be null
};

}  // namespace weir::pipeline
