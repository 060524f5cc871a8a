#include "app/file_watch.h"

#include <sys/stat.h>

#include <utility>

namespace weir::app {

FileWatch::FileWatch(std::vector<std::string> paths)
    : paths_(std::move(paths)), told_(LookAtAll()), last_(told_) {}

FileWatch::Print FileWatch::Look(const std::string& path) {
  struct stat found;
  if (stat(path.c_str(), &found) != 0) return {};
  return {true, found.st_dev, found.st_ino,
          found.st_mtim.tv_sec * int64_t{1'000'000'000} + found.st_mtim.tv_nsec, found.st_size};
}

std::vector<FileWatch::Print> FileWatch::LookAtAll() const {
  std::vector<Print> prints;
  for (const std::string& path : paths_) prints.push_back(Look(path));
  return prints;
}

bool FileWatch::Changed() {
  std::vector<Print> now = LookAtAll();
  const bool still = now == last_;
  last_ = std::move(now);
  if (!still || last_ == told_) return false;
  told_ = last_;
  return true;
}

}  // namespace weir::app
