#include "processors/attributes/config.h"

namespace weir::processors::attributes {

void AttributesConfig::Fields(config::Fields& f) {
  f.Squash("matchconfig", match);
  f("actions", actions);
}

void AttributesConfig::Validate(const config::Checker& check) const {
  if (actions.empty()) check.Error("missing required field \"actions\"");
}

}  // namespace weir::processors::attributes
