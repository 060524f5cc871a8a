// Configuration of the processor `attributes`.
#pragma once

#include <string_view>
#include <vector>

#include "base/config/fields.h"
#include "pipeline/attributes/actions.h"
#include "pipeline/attributes/match_config.h"

namespace weir::processors::attributes {

struct AttributesConfig {
  static constexpr std::string_view kTypeName = "attributesprocessor.Config";

  pipeline::attributes::MatchConfig match;
  std::vector<pipeline::attributes::ActionConfig> actions;

  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
};

}  // namespace weir::processors::attributes
