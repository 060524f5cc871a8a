// Strings and numbers as JSON text, and numbers in the two other forms that Go programs print.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::model::json {

// A JSON string with its quotes. Quotes, backslashes and control characters are escaped, other
// characters stay as they are; each byte that is no part of valid UTF-8 becomes U+FFFD.
void AppendString(std::string_view text, std::string& out);

// How a double is spelled. Digits are always the fewest that read back as the same number.
enum class DoubleStyle : uint8_t {
  // Plain from 1e-6 up to 1e21, else with an exponent of at least two digits; "NaN", "Infinity"
  // and "-Infinity" in quotes: OTLP/JSON.
  kProtoJson,
  // The same, but 1e-7 instead of 1e-07, and words without quotes: how the Collector shows a
  // value as text.
  kValueText,
  // As Go's %v: plain from 1e-4 up to 1e6, else 1e-05 and 1e+06; NaN, +Inf and -Inf.
  kGoDefault,
};
void AppendDouble(double value, DoubleStyle style, std::string& out);

void AppendInt(int64_t value, std::string& out);
void AppendUint(uint64_t value, std::string& out);

}  // namespace weir::model::json
