// Configuration of the processor `resource`.
#pragma once

#include <string_view>
#include <vector>

#include "base/config/fields.h"
#include "pipeline/attributes/actions.h"

namespace weir::processors::resource {

struct ResourceConfig {
  static constexpr std::string_view kTypeName = "resourceprocessor.Config";

  std::vector<pipeline::attributes::ActionConfig> attributes;

  void Fields(config::Fields& f) { f("attributes", attributes); }
  void Validate(const config::Checker& check) const {
    if (attributes.empty()) check.Error("missing required field \"attributes\"");
  }
};

}  // namespace weir::processors::resource
