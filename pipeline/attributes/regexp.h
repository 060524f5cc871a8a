// Regular expressions of configurations: RE2's, which has the syntax of Go's regexp, and errors in
// Go's words. The door to RE2 for processors.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace re2 {
class RE2;
}

namespace weir::pipeline::attributes {

// Immutable once made; any threads may match with it.
class Regexp {
 public:
  // kInvalidArgument with Go's text: "error parsing regexp: missing closing ]: `[`".
  static Result<Regexp> Compile(const std::string& pattern);
  Regexp(Regexp&&) noexcept;
  Regexp& operator=(Regexp&&) noexcept;
  ~Regexp();

  // Whether it matches anywhere in `text`.
  bool Matches(std::string_view text) const;
  const re2::RE2& re2() const { return *re2_; }

 private:
  explicit Regexp(std::unique_ptr<re2::RE2> re2);
  std::unique_ptr<re2::RE2> re2_;
};

}  // namespace weir::pipeline::attributes
