#include "pipeline/attributes/string_set.h"

#include <algorithm>
#include <utility>

namespace weir::pipeline::attributes {

Result<StringSet> StringSet::Make(const std::vector<std::string>& names,
                                  const std::string& match_type) {
  StringSet set;
  if (match_type == "strict") {
    set.names_ = names;
    return set;
  }
  if (match_type != "regexp") {
    return Fail(Status(StatusCode::kInvalidArgument, "unrecognized match_type: '" + match_type +
                                                         "', valid types are: [regexp strict]"));
  }
  for (const std::string& name : names) {
    auto expression = Regexp::Compile(name);
    if (!expression) return Fail(expression.error());
    set.expressions_.push_back(std::move(*expression));
  }
  return set;
}

bool StringSet::Contains(std::string_view text) const {
  return std::find(names_.begin(), names_.end(), text) != names_.end() ||
         std::any_of(expressions_.begin(), expressions_.end(),
                     [&](const Regexp& expression) { return expression.Matches(text); });
}

}  // namespace weir::pipeline::attributes
