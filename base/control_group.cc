#include "base/control_group.h"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <limits>

namespace weir {
namespace {

// The first line of a file; empty when there is none.
std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Calls `visit` with the folder of this process's group and of each group around it. Version 2 has
// one hierarchy, whose limits add up on the way to its root.
void VisitGroups(const std::string& root, const std::function<void(const std::string&)>& visit) {
  const std::string line = FirstLine(root + "/proc/self/cgroup");
  if (line.rfind("0::", 0) != 0) return;
  const std::string mount = root + "/sys/fs/cgroup";
  std::string group = line.substr(3);
  while (true) {
    if (group == "/") group.clear();
    visit(mount + group);
    if (group.empty()) return;
    group.resize(group.rfind('/'));
  }
}

// The number in a file; `otherwise` when it says "max", or nothing.
template <typename T>
T NumberIn(const std::string& path, T otherwise) {
  std::ifstream file(path);
  T number;
  return file >> number ? number : otherwise;
}

int ProcessorsOf(int64_t quota, int64_t period) {
  constexpr int64_t kMax = std::numeric_limits<int>::max();
  if (quota <= 0 || period <= 0) return kMax;
  return static_cast<int>(std::min(kMax, (quota - 1) / period + 1));
}

}  // namespace

size_t GroupMemoryBytes(const std::string& root) {
  constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();
  size_t least = NumberIn(root + "/sys/fs/cgroup/memory/memory.limit_in_bytes", kUnlimited);
  VisitGroups(root, [&](const std::string& group) {
    least = std::min(least, NumberIn(group + "/memory.max", kUnlimited));
  });
  return least;
}

int GroupProcessors(const std::string& root) {
  const std::string version_1 = root + "/sys/fs/cgroup/cpu/cpu.cfs_";
  int least = ProcessorsOf(NumberIn<int64_t>(version_1 + "quota_us", -1),
                           NumberIn<int64_t>(version_1 + "period_us", -1));
  VisitGroups(root, [&](const std::string& group) {
    std::ifstream file(group + "/cpu.max");  // "max 100000", "150000 100000"
    int64_t quota = -1;
    int64_t period = -1;
    if (file >> quota >> period) least = std::min(least, ProcessorsOf(quota, period));
  });
  return least;
}

int UsableProcessors(const std::string& root) {
  cpu_set_t allowed;
  const int count = sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
  return std::clamp(GroupProcessors(root), 1, std::max(count, 1));
}

}  // namespace weir
