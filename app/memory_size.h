// How much memory this process may use: the machine's, or its control group's when that is less.
#pragma once

#include <cstddef>
#include <string>

namespace weir::app {

// Bytes. `root` stands before /proc and /sys, for tests.
size_t UsableMemoryBytes(const std::string& root = {});

// The limit of the telemetry budget when no memory_limiter sets one: half of it, at most 1 GiB
// (DESIGN §2, "Memory").
size_t DefaultBudgetBytes(size_t usable_memory_bytes);

}  // namespace weir::app
