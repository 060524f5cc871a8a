// What this program says it is: service.telemetry.resource with its defaults.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/config/telemetry_config.h"
#include "pipeline/component.h"

namespace weir::app {

using ResourceAttributes = std::vector<std::pair<std::string, std::string>>;

// service.name (the command), service.version and service.instance.id (a new random UUID each time)
// unless the file changes or removes them, and what it adds; by name.
ResourceAttributes MakeResource(const TelemetryConfig& config, const pipeline::BuildInfo& build);

}  // namespace weir::app
