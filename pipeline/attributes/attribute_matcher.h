// Conditions on attributes: keys that must be there, with a value if one is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "model/view.h"
#include "pipeline/attributes/match_config.h"
#include "pipeline/attributes/string_set.h"

namespace weir::pipeline::attributes {

class AttributeMatcher {
 public:
  AttributeMatcher() = default;  // no conditions
  static Result<AttributeMatcher> Make(const std::vector<AttributeMatch>& conditions,
                                       const std::string& match_type);
  // Whether all conditions hold.
  bool Matches(const model::Attributes& attributes) const;
  bool empty() const { return conditions_.empty(); }

 private:
  struct Condition {
    std::string key;
    std::optional<std::string> value;      // a serialised AnyValue: equal to it
    std::optional<StringSet> expressions;  // or its text matches
  };
  static bool Holds(const Condition& condition, const model::AnyValueView& value);
  std::vector<Condition> conditions_;
};

// Whether both say the same; the order of a map's keys does not count.
bool SameValue(const model::AnyValueView& a, const model::AnyValueView& b);

}  // namespace weir::pipeline::attributes
