// Flags and words of the command line, read the way the Collector's library reads them:
// `--flag=value`, `--flag value`, boolean flags alone, short `-h`, `--` ends the flags.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace weir::app {

struct Arguments {
  std::string command;  // empty: run
  std::vector<std::string> words;
  std::vector<std::string> configs;
  std::vector<std::string> sets;
  std::vector<std::string> feature_gates;
  std::string mode = "redacted";
  std::string format = "yaml";
  bool validate = true;
  bool help = false;
  bool version = false;

  // A failure's message is what stands behind "Error: ".
  static Result<Arguments> Parse(const std::vector<std::string>& arguments,
                                 std::string_view program);
};

}  // namespace weir::app
