// Configuration of the extension `file_storage`; the Collector's keys. All but `fsync` have its
// defaults.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/config/fields.h"

namespace weir::extensions::file_storage {

inline constexpr char kDefaultDirectory[] = "/var/lib/otelcol/file_storage";

// `compaction`: of a database. There is nothing to compact here; the keys are read and checked.
struct CompactionConfig {
  static constexpr std::string_view kTypeName = "filestorage.CompactionConfig";
  bool on_start = false;
  bool on_rebound = false;
  std::string directory = kDefaultDirectory;
  int64_t rebound_needed_threshold_mib = 100;
  int64_t rebound_trigger_threshold_mib = 10;
  int64_t max_transaction_size = 65536;
  config::Duration check_interval = std::chrono::seconds(5);
  bool cleanup_on_start = false;
  void Fields(config::Fields& f);
};

struct FileStorageConfig {
  static constexpr std::string_view kTypeName = "filestorage.Config";

  std::string directory = kDefaultDirectory;
  // How long a client waits for a process that has its files open; 0 is without end.
  config::Duration timeout = std::chrono::seconds(1);
  CompactionConfig compaction;
  bool fsync = false;  // as written; see sync()
  bool fsync_written = false;
  bool create_directory = false;
  std::string directory_permissions = "0750";  // octal, of created directories
  bool recreate = false;

  // Whether an acknowledgement means that the record is on the disk: unless false was written.
  bool sync() const { return fsync || !fsync_written; }
  unsigned directory_mode() const;
  // Names of the keys that differ from their default and mean nothing here.
  std::string IgnoredKeys() const;

  void Fields(config::Fields& f);
  // Looks at the directories on the disk, as the Collector does.
  void Validate(const config::Checker& check) const;
};

}  // namespace weir::extensions::file_storage
