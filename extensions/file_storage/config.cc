#include "extensions/file_storage/config.h"

#include <sys/stat.h>

#include <cctype>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <vector>

namespace weir::extensions::file_storage {
namespace {

constexpr unsigned kModeMax = 0777;

// What is wrong with the permission bits that `text` names in octal; empty when nothing is.
std::string_view ParseMode(std::string_view text, int64_t* mode) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  int32_t parsed = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, parsed, 8);
  if (error != std::errc() || stop != end) {
    return "directory_permissions value must be a valid octal representation";
  }
  *mode = parsed;
  const bool inside = parsed >= 0 && static_cast<unsigned>(parsed) <= kModeMax;
  return inside ? "" : "directory_permissions contain invalid bits for file access";
}

// The Collector's words about a directory that cannot serve; empty when it can.
std::string WhatIsWrongWith(const std::string& directory, bool may_create) {
  struct stat info {};
  if (stat(directory.c_str(), &info) == 0) {
    return S_ISDIR(info.st_mode) ? "" : directory + " is not a directory";
  }
  const int error = errno;
  if (error == ENOENT && may_create) return "";
  std::string reason = std::generic_category().message(error);
  reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  const std::string text = "stat " + directory + ": " + reason;
  if (error != ENOENT)
    return "problem accessing configured directory: " + directory + ", err: " + text;
  return "directory must exist: " + text +
         ". You can enable the create_directory option to automatically create it";
}

}  // namespace

void CompactionConfig::Fields(config::Fields& f) {
  f("on_start", on_start, config::kOmitEmpty);
  f("on_rebound", on_rebound, config::kOmitEmpty);
  f("directory", directory, config::kOmitEmpty);
  f("rebound_needed_threshold_mib", rebound_needed_threshold_mib);
  f("rebound_trigger_threshold_mib", rebound_trigger_threshold_mib);
  f("max_transaction_size", max_transaction_size, config::kOmitEmpty);
  f("check_interval", check_interval, config::kOmitEmpty);
  f("cleanup_on_start", cleanup_on_start, config::kOmitEmpty);
}

void FileStorageConfig::Fields(config::Fields& f) {
  f("directory", directory, config::kOmitEmpty);
  f("timeout", timeout, config::kOmitEmpty);
  f("compaction", compaction, config::kOmitEmpty);
  f.Noting("fsync", fsync, fsync_written, config::kOmitEmpty);
  f("create_directory", create_directory, config::kOmitEmpty);
  f("directory_permissions", directory_permissions, config::kOmitEmpty);
  f("recreate", recreate, config::kOmitEmpty);
}

void FileStorageConfig::Validate(const config::Checker& check) const {
  std::vector<std::string> directories{directory};
  if (compaction.on_start) directories.push_back(compaction.directory);
  for (const std::string& name : directories) {
    if (std::string wrong = WhatIsWrongWith(name, create_directory); !wrong.empty()) {
      return check.Error(std::move(wrong));
    }
  }
  if (compaction.max_transaction_size < 0) {
    return check.Error("max transaction size for compaction cannot be less than 0");
  }
  if (compaction.on_rebound && compaction.check_interval <= config::Duration::zero()) {
    return check.Error("compaction check interval must be positive when rebound compaction is set");
  }
  if (!create_directory) return;
  int64_t mode = 0;
  if (const auto wrong = ParseMode(directory_permissions, &mode); !wrong.empty()) {
    check.Error(std::string(wrong));
  }
}

unsigned FileStorageConfig::directory_mode() const {
  int64_t mode = 0;
  return ParseMode(directory_permissions, &mode).empty() ? static_cast<unsigned>(mode) : 0750;
}

std::string FileStorageConfig::IgnoredKeys() const {
  const CompactionConfig standard;
  std::string keys;
  const auto note = [&](bool differs, std::string_view key) {
    if (!differs) return;
    if (!keys.empty()) keys += ", ";
    keys += key;
  };
  note(compaction.on_start, "compaction::on_start");
  note(compaction.on_rebound, "compaction::on_rebound");
  note(compaction.directory != standard.directory, "compaction::directory");
  note(compaction.rebound_needed_threshold_mib != standard.rebound_needed_threshold_mib,
       "compaction::rebound_needed_threshold_mib");
  note(compaction.rebound_trigger_threshold_mib != standard.rebound_trigger_threshold_mib,
       "compaction::rebound_trigger_threshold_mib");
  note(compaction.max_transaction_size != standard.max_transaction_size,
       "compaction::max_transaction_size");
  note(compaction.check_interval != standard.check_interval, "compaction::check_interval");
  note(compaction.cleanup_on_start, "compaction::cleanup_on_start");
  note(recreate, "recreate");
  return keys;
}

}  // namespace weir::extensions::file_storage
