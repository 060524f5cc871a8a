#include "exporters/file/config.h"

#include <algorithm>
#include <charconv>

namespace weir::exporters::file {
namespace {

constexpr unsigned kDefaultMode = 0755;

// The permission bits that `text` names in octal; what is wrong with them otherwise.
std::string_view ParseMode(std::string_view text, unsigned* mode) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *mode, 8);
  if (error != std::errc() || stop != end) {
    return "directory_permissions value must be a valid octal representation";
  }
  constexpr unsigned kAll = 0777;
  return (*mode & ~kAll) == 0 ? "" : "directory_permissions contain invalid bits for file access";
}

}  // namespace

void RotationConfig::Fields(config::Fields& f) {
  f("max_megabytes", max_megabytes);
  f("max_days", max_days);
  f("max_backups", max_backups);
  f("localtime", localtime);
}

void GroupByConfig::Fields(config::Fields& f) {
  f("enabled", enabled);
  f("resource_attribute", resource_attribute);
  f("max_open_files", max_open_files);
}

void FileConfig::Fields(config::Fields& f) {
  f("path", path);
  f("append", append);
  f("rotation", rotation);
  f("format", format);
  f("encoding", encoding);
  f("compression", compression);
  f("compression_params", compression_params);
  f("flush_interval", flush_interval);
  f("group_by", group_by);
  f("create_directory", create_directory);
  f("directory_permissions", directory_permissions);
}

void FileConfig::Validate(const config::Checker& check) const {
  if (path.empty()) return check.Error("path must be non-empty");
  if (append && rotation) {
    return check.Error("append and rotation enabled at the same time is not supported");
  }
  if (format != "json" && format != "proto") return check.Error("format type is not supported");
  if (!compression.empty() && compression != "zstd") {
    return check.Error("compression is not supported");
  }
  if (flush_interval < config::Duration::zero()) {
    return check.Error("flush_interval must be larger than zero");
  }
  if (group_by.enabled) {
    if (std::count(path.begin(), path.end(), '*') != 1) {
      return check.Error("path must contain exactly one * when group_by is enabled");
    }
    if (path.front() == '*') {
      return check.Error("path must not start with * when group_by is enabled");
    }
    if (group_by.resource_attribute.empty()) {
      return check.Error("resource_attribute must not be empty when group_by is enabled");
    }
    if (group_by.max_open_files <= 0) return check.Error("must provide a positive size");
  }
  if (directory_permissions.empty()) return;
  if (!create_directory) {
    return check.Error("directory_permissions requires create_directory to be true");
  }
  unsigned mode = 0;
  if (const auto wrong = ParseMode(directory_permissions, &mode); !wrong.empty()) {
    check.Error(std::string(wrong));
  }
}

unsigned FileConfig::directory_mode() const {
  unsigned mode = kDefaultMode;
  if (!directory_permissions.empty()) ParseMode(directory_permissions, &mode);
  return mode;
}

}  // namespace weir::exporters::file
