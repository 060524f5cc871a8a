#include <iostream>
#include <string>
#include <vector>

#include "app/components.h"
#include "app/config/command_line.h"
#include "app/graph_spec.h"
#include "app/run.h"
#include "pipeline/registry.h"

int main(int argc, char** argv) {
  weir::pipeline::Registry registry;
  weir::app::RegisterAllComponents(registry);
  weir::pipeline::BuildInfo build;
  build.version = WEIR_VERSION;
  const weir::app::CommandLineEnvironment environment{
      registry, build, weir::config::ResolveEnvironment::OfProcess(), std::cout, std::cerr};
  weir::app::CommandLineHooks hooks;
  hooks.validate_graph = &weir::app::ValidateGraph;
  hooks.run = [&](weir::app::RunRequest request) {
    return weir::app::Run(std::move(request), build, std::cerr);
  };
  return weir::app::RunCommandLine(std::vector<std::string>(argv + 1, argv + argc), environment,
                                   hooks);
}
