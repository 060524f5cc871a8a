// An any-value as text, as the Collector shows and compares it (its AsString): a string as it is, a
// double as 2, 1e-7 or Infinity, bytes in base64, lists and maps as JSON with sorted keys, nothing
// for the empty value.
#pragma once

#include <string>

#include "model/view.h"

namespace weir::model::json {

// Appends the text. NaN and infinities inside lists and maps stand as strings.
void AppendValueText(const AnyValueView& value, std::string& out);

inline std::string ValueText(const AnyValueView& value) {
  std::string out;
  AppendValueText(value, out);
  return out;
}

}  // namespace weir::model::json
