// Recorded verdicts of the real Collector (shared data otelcol-golden), run through our command
// line with the case's own files and environment.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/config/value.h"
#include "pipeline/registry.h"

namespace weir::tests {

struct ConfigCase {
  std::string name;
  std::vector<std::string> args;
  std::map<std::string, std::string> env;
  std::map<std::string, std::string> files;
  std::string phase;
  std::string error;
  std::vector<std::string> error_variants;
  std::string resolved;
};

struct Outcome {
  int exit = 0;
  std::string out;
  std::string err;
};

// The folder of shared data, or empty when it is not there.
std::string SharedData();
// What this program has, nothing stood in.
const pipeline::Registry& BuiltComponents();
// The same with stand-ins.
const pipeline::Registry& StandInComponents();
// Every *.yaml of a folder below SharedData(), by name.
std::vector<ConfigCase> LoadCases(const std::string& folder);
std::string ReadText(const std::string& path);
std::vector<std::string> YamlFiles(const std::string& folder);

// Runs `command` ("validate", "print-config") with the case's arguments behind it. Files of the
// case that components look for themselves are not there.
Outcome RunCase(const ConfigCase& c, const std::vector<std::string>& command);

// Components of the recorded Collector that this program lacks are stood in for by ones that take
// any section. Whether a recorded error speaks of such a one, or a resolved configuration has one.
bool IsAboutStandIn(const std::string& error);
bool UsesStandIn(const std::string& resolved);

// Lines of a recorded error that carry meaning: without frames and without "Error: ".
std::vector<std::string> EssentialLines(const std::string& error);

}  // namespace weir::tests
