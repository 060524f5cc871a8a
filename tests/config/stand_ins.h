// Components of the recorded Collector that this program lacks, stood in by ones that take any
// section and do nothing, so that what lies around them is still compared.
#pragma once

#include <string_view>
#include <vector>

#include "pipeline/registry.h"

namespace weir::tests {

struct RecordedType {
  pipeline::ComponentKind kind;
  std::string_view type;
  std::string_view alias;
};

// Adds those that `registry` has not; the answer is which.
std::vector<RecordedType> AddStandIns(pipeline::Registry& registry);

}  // namespace weir::tests
