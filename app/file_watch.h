// Tells when files have changed: by identity (device, inode, which follows links, so that the
// swapped links of a Kubernetes volume are seen), time and size.
//
// A change is told once it has stood still between two looks, so that a file that is being written
// is not read half. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::app {

class FileWatch {
 public:
  // Takes what is there now as unchanged. A missing file is watched too.
  explicit FileWatch(std::vector<std::string> paths);

  // Looks. True when something differs from what was last told and did not change since the look
  // before.
  bool Changed();
  bool empty() const { return paths_.empty(); }

 private:
  struct Print {
    bool exists = false;
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t modified_ns = 0;
    int64_t size = 0;
    friend bool operator==(const Print&, const Print&) = default;
  };
  static Print Look(const std::string& path);
  std::vector<Print> LookAtAll() const;

  const std::vector<std::string> paths_;
  std::vector<Print> told_;
  std::vector<Print> last_;
};

}  // namespace weir::app
