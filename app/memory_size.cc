#include "app/memory_size.h"

#include <algorithm>

namespace weir::app {

size_t DefaultBudgetBytes(size_t usable_memory_bytes) {
  constexpr size_t kBudgetMax = size_t{1} << 30;
  return std::min(usable_memory_bytes / 2, kBudgetMax);
}

}  // namespace weir::app
