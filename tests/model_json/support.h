// Files the tests of this room read.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "model/signal.h"

namespace weir::test {

// Recorded data shared between projects; may be absent.
inline std::filesystem::path DataFolder() {
  const char* const folder = std::getenv("WEIR_DATA");
  return folder != nullptr ? folder : WEIR_DATA_DEFAULT;
}

inline std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// "logs-full.json" is about logs.
inline model::Signal SignalOfFile(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (name.starts_with("log") || name.starts_with("event")) return model::Signal::kLogs;
  return name.starts_with("metric") ? model::Signal::kMetrics : model::Signal::kTraces;
}

}  // namespace weir::test
