// The one door to yaml-cpp: text to config::Value and back.
//
// Scalars resolve as Go's yaml.v3 does: `yes` and `on` are strings, 0123 is octal, `0x`, `0b`, `0o`
// and `_` are read, `.inf` and `1e3` are floats. Anchors and `<<` are expanded in place. Only the
// first document counts. Nothing is thrown.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/config/value.h"

namespace weir::config {

// What may come of one text; a file that passes one is refused, so that aliases of aliases cannot
// fill the memory.
struct YamlLimits {
  size_t text_bytes_max = size_t{64} << 20;
  size_t depth_max = 200;         // of nesting, aliases expanded
  size_t values_max = 2'000'000;  // aliases expanded
};

struct YamlError {
  Position position;
  std::string text;  // "line 4: ...", "unmarshal errors:\n  line 5: mapping key ..."
};

struct YamlResult {
  std::optional<Value> value;        // absent on failure; null for an empty text
  YamlError error;                   // of a failure
  bool non_string_root_key = false;  // the root is a map with a key that is no string
};

// `source` names the text in positions.
YamlResult ParseYaml(std::string_view text, std::shared_ptr<const std::string> source,
                     const YamlLimits& limits = {});

// As the Collector prints a configuration: keys sorted, four columns of indent.
std::string WriteYaml(const Value& value);
std::string WriteJson(const Value& value);

// A plain scalar as yaml.v3 resolves it, its text kept.
Value ResolveScalar(std::string_view text);

}  // namespace weir::config
