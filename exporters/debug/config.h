// Configuration of the exporter `debug`; the Collector's keys and defaults.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/config/fields.h"
#include "pipeline/exporter_config.h"

namespace weir::exporters::debug {

// `verbosity`: how much of the telemetry is printed. Any case.
class Verbosity {
 public:
  enum Level : uint8_t { kNone, kBasic, kNormal, kDetailed };
  Verbosity(Level level = kBasic) : level_(level) {}  // NOLINT: implicit, as the enumeration is
  operator Level() const { return level_; }           // NOLINT

  static std::string_view GoType() { return "configtelemetry.Level"; }
  bool FromText(std::string_view text, std::string* error);
  // "Basic", ...
  std::string ToText() const;
  // The Collector's zero, which is not printed.
  bool IsZero() const { return level_ == kBasic; }

 private:
  Level level_;
};

struct DebugConfig {
  static constexpr std::string_view kTypeName = "debugexporter.Config";

  Verbosity verbosity;
  // Of lines with the same text within a second: how many are printed first, and of those that
  // follow one in how many (0: none).
  int sampling_initial = 2;
  int sampling_thereafter = 1;
  bool use_internal_logger = true;
  // Files, "stdout" or "stderr"; only without the internal logger. Not written: stdout.
  std::vector<std::string> output_paths;
  bool output_paths_written = false;              // and not null
  config::Optional<pipeline::QueueConfig> queue;  // off unless written

  void Fields(config::Fields& f);
  void Decoded(const config::Value& written, const config::Checker& check);
  void Validate(const config::Checker& check) const;
};

}  // namespace weir::exporters::debug
