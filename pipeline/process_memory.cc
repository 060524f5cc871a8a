#include "pipeline/process_memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#include "base/control_group.h"

namespace weir::pipeline {
namespace {

constexpr size_t kUnknown = std::numeric_limits<size_t>::max();

size_t MachineBytes(const std::string& root) {
  std::ifstream file(root + "/proc/meminfo");
  std::string word;
  while (file >> word) {
    size_t kibibytes = 0;
    if (word == "MemTotal:" && file >> kibibytes) return kibibytes * 1024;
  }
  return kUnknown;
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
  size_t UsableBytes() override { return UsableMemoryBytes(); }
};

}  // namespace

void KeepFreedMemory() {
  // Any of these calls ends the threshold's growth with the blocks that are freed.
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
  mallopt(M_TRIM_THRESHOLD, 8 << 20);
  mallopt(M_TOP_PAD, 1 << 20);
}

size_t UsableMemoryBytes(const std::string& root) {
  const size_t bytes = std::min(MachineBytes(root), GroupMemoryBytes(root));
  return bytes == kUnknown ? size_t{2} << 30 : bytes;
}

ProcessMemory& ProcessMemory::Real() {
  static ThisProcess process;
  return process;
}

}  // namespace weir::pipeline
