#include "app/memory_size.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>

namespace weir::app {
namespace {

constexpr size_t kBudgetMax = size_t{1} << 30;
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
  std::string group = line->substr(3);
  while (true) {
    if (group == "/") group.clear();
    least = std::min(least, NumberIn(root + "/sys/fs/cgroup" + group + "/memory.max"));
    if (group.empty()) return least;
    group.resize(group.rfind('/'));
  }
}

}  // namespace

size_t UsableMemoryBytes(const std::string& root) {
  const size_t bytes = std::min(MachineBytes(root), GroupBytes(root));
  return bytes == kUnknown ? 2 * kBudgetMax : bytes;
}

size_t DefaultBudgetBytes(size_t usable_memory_bytes) {
  return std::min(usable_memory_bytes / 2, kBudgetMax);
}

}  // namespace weir::app
