// Configuration of the exporter `file`; the Collector's keys and defaults.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/config/fields.h"
#include "net/http_config.h"
#include "pipeline/exporter_config.h"

namespace weir::exporters::file {

// `rotation`: when present, a full file is renamed and a new one begun.
struct RotationConfig {
  static constexpr std::string_view kTypeName = "fileexporter.Rotation";
  int max_megabytes = 0;   // of 2^20 bytes; 0: 100
  int max_days = 0;        // renamed files older than this are removed; 0: never
  int max_backups = 100;   // renamed files beyond this number are removed; 0: never
  bool localtime = false;  // in the names of renamed files; else UTC
  void Fields(config::Fields& f);
};

// `group_by`: one file for each value of a resource attribute.
struct GroupByConfig {
  static constexpr std::string_view kTypeName = "fileexporter.GroupBy";
  bool enabled = false;
  std::string resource_attribute = "fileexporter.path_segment";
  int max_open_files = 100;
  void Fields(config::Fields& f);
};

struct FileConfig {
  static constexpr std::string_view kTypeName = "fileexporter.Config";

  std::string path;  // with group_by it holds one `*`
  bool append = false;
  config::Optional<RotationConfig> rotation;
  std::string format = "json";  // or "proto"
  std::optional<pipeline::ExtensionRef> encoding;
  std::string compression;  // "" or "zstd"
  net::CompressionParams compression_params;
  config::Duration flush_interval = std::chrono::seconds(1);
  GroupByConfig group_by;
  bool create_directory = false;
  std::string directory_permissions;  // octal; "" is 0755

  void Fields(config::Fields& f);
  void Validate(const config::Checker& check) const;
  // Of directories that are created.
  unsigned directory_mode() const;
};

}  // namespace weir::exporters::file
