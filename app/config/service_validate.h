// The checks of a decoded configuration as a whole; part of service_config.h.
#pragma once

#include "app/config/service_config.h"

namespace weir::app {

// Adds what is wrong, phase kValidate: first what concerns the whole file and its references, then
// every component, the pipelines and the telemetry section.
void ValidateService(const ServiceConfig& service, const ConfigGates& gates,
                     config::Problems& problems);

}  // namespace weir::app
