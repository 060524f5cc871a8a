#include "exporters/debug/config.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace weir::exporters::debug {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"None", "Basic", "Normal", "Detailed"};

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

}  // namespace

bool Verbosity::FromText(std::string_view text, std::string* error) {
  for (size_t i = 0; i < kLevelNames.size(); ++i) {
    if (!EqualsIgnoringCase(text, kLevelNames[i])) continue;
    level_ = static_cast<Level>(i);
    return true;
  }
  *error = "unknown metrics level \"" + std::string(text) + "\"";
  return false;
}

std::string Verbosity::ToText() const { return std::string(kLevelNames[level_]); }

void DebugConfig::Fields(config::Fields& f) {
  f("verbosity", verbosity, config::kOmitEmpty);
  f("sampling_initial", sampling_initial);
  f("sampling_thereafter", sampling_thereafter);
  f("use_internal_logger", use_internal_logger);
  f("output_paths", output_paths);
  f("sending_queue", queue);
}

void DebugConfig::Decoded(const config::Value& written, const config::Checker&) {
  const config::Value* const paths = written.is_map() ? written.Find("output_paths") : nullptr;
  output_paths_written = paths != nullptr && !paths->is_null();
}

void DebugConfig::Validate(const config::Checker& check) const {
  if (verbosity == Verbosity::kNone) {
    return check.Error("verbosity level \"" + verbosity.ToText() + "\" is not supported");
  }
  if (use_internal_logger && output_paths_written) {
    return check.Error("output_paths is not supported when use_internal_logger is true");
  }
  if (!use_internal_logger && output_paths_written && output_paths.empty()) {
    return check.Error("output_paths must not be empty when use_internal_logger is false");
  }
}

}  // namespace weir::exporters::debug
