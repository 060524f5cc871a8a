// From the command line's --config and --set to one configuration: providers, merging and `${...}`.
//
// Each location is fetched and read as a map, the maps are merged left to right, then references in
// values (never in keys) are replaced, innermost first, until nothing changes; last, `$$` becomes
// `$` in every string. Environment and files are reached only through the ResolveEnvironment.
//
// Schemes: file (also a location without a scheme), env, yaml. http and https are known and
// refused: a configuration fetched over the network is not supported.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config/problems.h"
#include "base/config/value.h"
#include "base/status.h"

namespace weir::config {

struct ResolveEnvironment {
  // The value of an environment variable; absent when it is not set.
  std::function<std::optional<std::string>(const std::string& name)> variable;
  // A file's content; a failure's message is the system's: "open x: no such file or directory".
  std::function<Result<std::string>(const std::string& path)> read_file;

  static ResolveEnvironment OfProcess();
};

struct ResolveOptions {
  std::vector<std::string> locations;  // of --config, in order
  std::vector<std::string> sets;       // of --set, each "a.b=c"; applied after all locations
  // Gate confmap.enableMergeAppendOption: lists of service::extensions and of receivers and
  // exporters of pipelines are joined instead of replaced.
  bool merge_append = false;
};

// "a.b=c" as the location `yaml:a::b: c`; a failure's message is "missing equal sign".
Result<std::string> SetLocation(std::string_view set);

// The whole configuration. Null when `problems` got an error, phase kResolve, whose text begins as
// the Collector's behind "failed to get config: cannot resolve the configuration: ". Warnings name
// variables that are not set.
std::optional<Value> Resolve(const ResolveOptions& options, const ResolveEnvironment& environment,
                             Problems& problems);

// Deep merge of `from` over `into`: maps member by member, everything else replaced, null included.
void Merge(const Value& from, Value& into);

}  // namespace weir::config
