// A whole configuration file, decoded against the components this program has.
//
//   config::Problems problems;
//   auto service = app::LoadServiceConfig(registry, resolved, gates, problems);
//   // not null when the file decoded; it may be used when problems.ok()
//
// Decoding and validating are two of the Collector's phases: when something does not decode,
// nothing is validated. Building the graph (phase kBuild) is the graph builder's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/config/telemetry_config.h"
#include "base/config/problems.h"
#include "base/config/value.h"
#include "pipeline/component.h"
#include "pipeline/component_id.h"
#include "pipeline/registry.h"

namespace weir::app {

struct ComponentEntry {
  pipeline::ComponentId id;                           // as written, alias included
  const pipeline::FactoryBase* factory = nullptr;     // of the registry, never null
  std::unique_ptr<pipeline::ComponentConfig> config;  // defaults where nothing was written
  config::Position position;                          // of the id in the file
  bool used_alias = false;                            // id.type is not the factory's own spelling
  config::Value raw;                                  // the section as written; null when empty
};

struct PipelineEntry {
  pipeline::PipelineId id;
  std::vector<pipeline::ComponentId> receivers;  // components or connectors, as written
  std::vector<pipeline::ComponentId> processors;
  std::vector<pipeline::ComponentId> exporters;
  config::Position position;
};

// Switches of behaviour given with --feature-gates that the configuration itself depends on.
struct ConfigGates {
  bool allow_no_pipelines = false;
  bool profiles_support = false;
};

struct ServiceConfig {
  // In file order, ids unique within each.
  std::vector<ComponentEntry> receivers;
  std::vector<ComponentEntry> processors;
  std::vector<ComponentEntry> exporters;
  std::vector<ComponentEntry> connectors;
  std::vector<ComponentEntry> extensions;
  std::vector<pipeline::ComponentId> service_extensions;  // those to start, as listed
  std::vector<PipelineEntry> pipelines;
  std::vector<std::string> profile_pipelines;  // ids; refused, named in the error
  TelemetryConfig telemetry;
  config::Value resolved;  // the file after merging and expanding

  const std::vector<ComponentEntry>& Components(pipeline::ComponentKind kind) const;
  std::vector<ComponentEntry>& Components(pipeline::ComponentKind kind);
  // Null when the section has no such id.
  const ComponentEntry* Find(pipeline::ComponentKind kind, const pipeline::ComponentId& id) const;
};

// Decodes `resolved` (a map, or null for an empty file) and, when that went well, validates it.
// Every problem found is added; the result is null when the file did not decode.
std::unique_ptr<ServiceConfig> LoadServiceConfig(const pipeline::Registry& registry,
                                                 const config::Value& resolved,
                                                 const ConfigGates& gates,
                                                 config::Problems& problems);

// The configuration with every default, as `print-config` shows it.
config::Value PrintServiceConfig(const ServiceConfig& service, bool redact);

}  // namespace weir::app
