// What the debug exporter prints of a batch: the counts, and two layouts of its contents.
#pragma once

#include <cstddef>
#include <string>

#include "model/batch.h"

namespace weir::exporters::debug {

struct Counts {
  size_t resources = 0;
  size_t metrics = 0;  // of metrics only
  size_t items = 0;
};
Counts CountContents(const model::Batch& batch);

// One line for each resource, scope and item.
std::string NormalText(const model::Batch& batch);
// One line for each field.
std::string DetailedText(const model::Batch& batch);

}  // namespace weir::exporters::debug
