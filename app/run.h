// Runs a configuration until a signal or a fatal error ends it.
//
//   SIGTERM, SIGINT   drain and stop; a second one ends the process at once
//   SIGHUP            reload; so does a change of a configuration file
#pragma once

#include <iosfwd>

#include "app/config/command_line.h"
#include "pipeline/component.h"

namespace weir::app {

// The exit code: 0 after a graceful stop; 1 after a failure, told on `err` as `Error: ...`, or a
// fatal error of a component. Blocks the signals above in the calling thread and those it starts:
// call it before any other thread exists.
int Run(RunRequest request, const pipeline::BuildInfo& build, std::ostream& err);

}  // namespace weir::app
