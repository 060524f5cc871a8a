// A set of names, written out or as regular expressions: what `match_type` chooses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "pipeline/attributes/regexp.h"

namespace weir::pipeline::attributes {

class StringSet {
 public:
  // An unknown `match_type` or a bad expression is kInvalidArgument with the Collector's text.
  static Result<StringSet> Make(const std::vector<std::string>& names,
                                const std::string& match_type);
  // Whether `text` is one of the names, or one of the expressions matches somewhere in it.
  bool Contains(std::string_view text) const;

 private:
  std::vector<std::string> names_;
  std::vector<Regexp> expressions_;
};

}  // namespace weir::pipeline::attributes
