#include "extensions/pprof/config.h"

namespace weir::extensions::pprof {

void PprofConfig::Fields(config::Fields& f) {
  f("endpoint", endpoint, config::kOmitEmpty);
  f("dialer", dialer, config::kOmitEmpty);
  f("block_profile_fraction", block_profile_fraction);
  f("mutex_profile_fraction", mutex_profile_fraction);
  f("save_to_file", save_to_file);
}

}  // namespace weir::extensions::pprof
