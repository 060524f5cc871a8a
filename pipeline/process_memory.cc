#include "pipeline/process_memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

namespace weir::pipeline {
namespace {

constexpr size_t kUnknown = std::numeric_limits<size_t>::max();

std::optional<std::string> FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return line;
}

// A number at the start of the file; unlimited ("max") and unreadable alike are kUnknown.
size_t NumberIn(const std::string& path) {
  const std::optional<std::string> line = FirstLine(path);
  size_t number = kUnknown;
  if (line) std::from_chars(line->data(), line->data() + line->size(), number);
  return number;
}

size_t MachineBytes(const std::string& root) {
  std::ifstream file(root + "/proc/meminfo");
  std::string word;
  while (file >> word) {
    size_t kibibytes = 0;
    if (word == "MemTotal:" && file >> kibibytes) return kibibytes * 1024;
  }
  return kUnknown;
}

// Version 2 has one hierarchy whose limits add up on the way to its root; version 1 has a folder
// for memory.
size_t GroupBytes(const std::string& root) {
  size_t least = NumberIn(root + "/sys/fs/cgroup/memory/memory.limit_in_bytes");
  const std::optional<std::string> line = FirstLine(root + "/proc/self/cgroup");
  if (!line || line->rfind("0::", 0) != 0) return least;
  const std::string mount = root + "/sys/fs/cgroup";
  std::string group = line->substr(3);
  while (true) {
    if (group == "/") group.clear();
    least = std::min(least, NumberIn((mount + group).append("/memory.max")));
    if (group.empty()) return least;
    group.resize(group.rfind('/'));
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
  const size_t bytes = std::min(MachineBytes(root), GroupBytes(root));
  return bytes == kUnknown ? size_t{2} << 30 : bytes;
}

ProcessMemory& ProcessMemory::Real() {
  static ThisProcess process;
  return process;
}

}  // namespace weir::pipeline
