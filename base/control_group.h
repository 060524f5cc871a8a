// What the kernel's control group grants this process: containers are limited by it, not by the
// machine.
#pragma once

#include <cstddef>
#include <string>

namespace weir {

// `root` stands before /proc and /sys, for tests.

// Bytes of memory that the group may use; SIZE_MAX without a limit.
size_t GroupMemoryBytes(const std::string& root = {});

// Processors that the group's quota is worth, rounded up; INT_MAX without a quota.
int GroupProcessors(const std::string& root = {});

// Processors this process may use: those that it may run on, at most GroupProcessors(), at least 1.
// Threads beyond them only take turns.
int UsableProcessors(const std::string& root = {});

}  // namespace weir
