// From a configuration section to a struct and back: decode, validate, print. Each is a visit of
// the struct's Fields() (base/config/fields.h); the visitor form serves structs whose type only
// their owner knows.
//
//   Problems problems;
//   BatchConfig config;
//   Decode(section, "processors::batch", config, problems);
//   if (problems.ok()) Validate(section, "processors::batch", config, problems);
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config/fields.h"
#include "base/config/problems.h"
#include "base/config/value.h"

namespace weir::config {

// Calls fields.Visit(the struct).
using Visitor = std::function<void(Fields& fields)>;

// Writes `section` (a map, or null for "nothing written") into the struct, which holds its
// defaults. Keys are strict; types are the Collector's. Everything wrong is added to `problems`,
// phase kDecode, each with the Collector's sentence in `text`; the rest of the section is still
// decoded. `path` is the section's own, "processors::batch".
void Decode(const Value& section, std::string_view path, const Visitor& visit, Problems& problems);

// Calls Validate of every struct inside, outer before inner as the Collector prints them. Paths:
// keys joined by `::`, the names given to Squash; a switched section (Optional) is validated on its
// own, so that what lies inside it stands in the text: path `exporters::x::sending_queue`, text
// `batch: ...`. `section` gives the positions.
void Validate(const Value& section, std::string_view path, const Visitor& visit,
              Problems& problems);

// The struct as a map in file form, defaults included; secrets as [REDACTED] unless `redact` is
// false. Those inside a switched section (Optional) are never shown, as upstream.
Value Print(const Visitor& visit, bool redact);

// The nearest of `known` to `name` when it is near enough to be a slip of it; else empty.
std::string Nearest(std::string_view name, const std::vector<std::string>& known);
// "did you mean `endpoint`?", or "known: a, b, c"; empty when nothing is known.
std::string NearestHint(std::string_view name, std::vector<std::string> known);

template <Struct T>
void Decode(const Value& section, std::string_view path, T& target, Problems& problems) {
  Decode(
      section, path, [&](Fields& f) { f.Visit(target); }, problems);
}
template <Struct T>
void Validate(const Value& section, std::string_view path, T& target, Problems& problems) {
  Validate(
      section, path, [&](Fields& f) { f.Visit(target); }, problems);
}
template <Struct T>
Value Print(T& target, bool redact) {
  return Print([&](Fields& f) { f.Visit(target); }, redact);
}

}  // namespace weir::config
