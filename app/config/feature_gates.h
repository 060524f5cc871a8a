// Switches of behaviour that are not settled, named as the Collector names them and given with
// `--feature-gates=+a,-b`.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace weir::app {

struct FeatureGate {
  std::string_view id;
  std::string_view stage;  // "Alpha"
  std::string_view from_version;
  std::string_view description;
};

class FeatureGates {
 public:
  // All known ones, sorted by id.
  static const std::vector<FeatureGate>& All();

  // Applies "+a,-b,c". On failure the message is the Collector's and nothing was applied.
  Status Apply(std::string_view list);
  // `id` must be known.
  bool enabled(std::string_view id) const;

 private:
  std::map<std::string, bool, std::less<>> switched_;
};

}  // namespace weir::app
