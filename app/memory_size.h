// How much memory telemetry may occupy when the configuration does not say.
#pragma once

#include <cstddef>

namespace weir::app {

// The limit of the telemetry budget when no memory_limiter sets one: half of what the process may
// use (pipeline/process_memory.h), at most 1 GiB (DESIGN §2, "Memory").
size_t DefaultBudgetBytes(size_t usable_memory_bytes);

}  // namespace weir::app
