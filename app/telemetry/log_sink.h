// Where the program's own log goes: service.telemetry.logs. The one door to spdlog, kept here and
// not in base/log.h so that nobody who logs compiles spdlog.
//
// spdlog owns the outputs (files, standard output and error, one lock each); lines are made by
// log_encoder.h. Each line is written out at once, as zap does. Nothing rotates the files: send
// the log elsewhere or use the system's tools with copytruncate.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/config/telemetry_config.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"

namespace weir::app {

// Opens `config.output_paths` and `error_output_paths`: `stdout`, `stderr`, a file's path, or a
// file: URL. Failure: the Collector's words, `open sink "/no/x.log": open /no/x.log: no such file
// or directory`, `no encoder registered for name "xml"`. `resource` is shown on every line unless
// disable_zap_resource. `clock` outlives the sink.
Result<std::shared_ptr<LogSink>> OpenLogSink(
    const LogsTelemetry& config, const std::vector<std::pair<std::string, std::string>>& resource,
    const Clock& clock = Clock::Real());

}  // namespace weir::app
