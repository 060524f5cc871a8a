#include "pipeline/process_memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <string>

namespace weir::pipeline {
namespace {

constexpr size_t kUnknown = std::numeric_limits<size_t>::max();

// The number a file begins with; kUnknown when it has none ("max").
size_t NumberIn(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  size_t number = kUnknown;
  std::from_chars(word.data(), word.data() + word.size(), number);
  return number;
}

size_t GroupLimit() {
  size_t least = NumberIn("/sys/fs/cgroup/memory/memory.limit_in_bytes");  // version 1
  std::ifstream file("/proc/self/cgroup");
  std::string line;
  if (!std::getline(file, line) || line.rfind("0::", 0) != 0) return least;
  // Version 2: the limits of all groups on the way to the root hold.
  for (std::string group = line.substr(3);; group.resize(group.rfind('/'))) {
    if (group == "/") group.clear();
    least = std::min(least, NumberIn("/sys/fs/cgroup" + group + "/memory.max"));
    if (group.empty()) return least;
  }
}

class ThisProcess final : public ProcessMemory {
 public:
  size_t ResidentBytes() override {
    std::ifstream file("/proc/self/statm");
    size_t total_pages = 0, resident_pages = 0;
    file >> total_pages >> resident_pages;
    return resident_pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  }
  size_t AllocatorFreeBytes() override { return mallinfo2().fordblks; }
  void Trim() override { malloc_trim(0); }
  // Both thresholds otherwise grow with the blocks that are freed. What small blocks leave at the
  // end of a heap may stay: giving 128 KiB back each time costs more than it saves.
  void ReturnLargeBlocks() override {
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
  }
  size_t UsableBytes() override {
    const auto machine =
        static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
    return std::min(machine, GroupLimit());
  }
};

}  // namespace

ProcessMemory& ProcessMemory::Real() {
  static ThisProcess process;
  return process;
}

}  // namespace weir::pipeline
