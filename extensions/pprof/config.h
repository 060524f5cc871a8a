// Options of the pprof extension. Only `endpoint` has an effect: fractions and files belong to Go's
// profiler.
#pragma once

#include <string>

#include "base/config/fields.h"
#include "net/http_config.h"

namespace weir::extensions::pprof {

struct PprofConfig {
  static constexpr std::string_view kTypeName = "pprofextension.Config";
  std::string endpoint = "localhost:1777";
  net::DialerConfig dialer;        // read and unused, as upstream
  int block_profile_fraction = 0;  // no effect
  int mutex_profile_fraction = 0;  // no effect
  std::string save_to_file;        // no effect; a warning says so
  void Fields(config::Fields& f);
};

}  // namespace weir::extensions::pprof
