// The program's command line, compatible with the Collector's:
//
//   weir --config=a.yaml --config=b.yaml --set=processors.batch.timeout=2s   runs
//   weir validate --config=a.yaml      silent and 0, or everything that is wrong and 1
//   weir print-config --mode=unredacted --format=json
//   weir components | featuregate [id] | completion SHELL | help
//
// Without --config a run uses DefaultConfigText(). This part reads arguments and configuration;
// what runs is given by hooks.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/feature_gates.h"
#include "app/config/service_config.h"
#include "base/config/problems.h"
#include "base/config/resolve.h"
#include "pipeline/component.h"
#include "pipeline/registry.h"

namespace weir::app {

// What a run is given.
struct RunRequest {
  std::unique_ptr<ServiceConfig> service;
  // Reads the same locations again; null when that failed, the reasons in `problems`. Any thread,
  // one at a time.
  std::function<std::unique_ptr<ServiceConfig>(config::Problems& problems)> load;
  FeatureGates gates;
  std::vector<config::Problem> warnings;  // of reading
  bool uses_default_config = false;
  std::vector<std::string> files;  // files among the locations, to watch for changes
};

struct CommandLineHooks {
  // Builds the graph and throws it away; adds problems of phase kBuild, whose text is the whole
  // sentence ("failed to build pipelines: ..."). Called when the configuration is valid.
  std::function<void(const ServiceConfig& service, const FeatureGates& gates,
                     config::Problems& problems)>
      validate_graph;
  // Runs until told to stop; the answer is the exit code.
  std::function<int(RunRequest request)> run;
};

struct CommandLineEnvironment {
  const pipeline::Registry& registry;
  const pipeline::BuildInfo& build;
  config::ResolveEnvironment resolve;
  std::ostream& out;
  std::ostream& err;
};

// `arguments` without the program's name. The answer is the exit code: 0, or 1 after `Error: ...`.
int RunCommandLine(const std::vector<std::string>& arguments,
                   const CommandLineEnvironment& environment, const CommandLineHooks& hooks);

// The embedded configuration: OTLP in on 4317 and 4318, everything printed.
std::string_view DefaultConfigText();
// Where to send data with it and what to write instead; for a terminal.
std::string_view DefaultConfigNotice();

// Everything wrong, under the Collector's frame of the phase: "Error: ...". One problem a line as
// Problem::ToString() prints it. `invalid_prefix` is what a run adds before validation errors.
std::string RenderProblems(const config::Problems& problems, std::string_view invalid_prefix);

}  // namespace weir::app
