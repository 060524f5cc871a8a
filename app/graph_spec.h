// From a configuration file to what the engine builds.
#pragma once

#include <memory>

#include "app/config/feature_gates.h"
#include "app/config/service_config.h"
#include "base/config/problems.h"
#include "pipeline/graph_spec.h"

namespace weir::app {

// The spec shares `service`, which stays alive as long as a component made of it.
pipeline::GraphSpec MakeGraphSpec(const std::shared_ptr<const ServiceConfig>& service);

// Creates every component of the pipelines and throws them away: what `validate` does beyond
// reading. Adds problems of phase kBuild. For CommandLineHooks.
void ValidateGraph(const ServiceConfig& service, const FeatureGates& gates,
                   config::Problems& problems);

}  // namespace weir::app
