// Values as the debug exporter prints them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/view.h"

namespace weir::exporters::debug {

// The value's text (model/json/value_text.h) with its type: Str(x), Slice(["a",1]), Empty().
void AppendTypedValue(const model::AnyValueView& value, std::string& out);

// "2023-11-14 22:13:20.12345679 +0000 UTC".
void AppendTime(uint64_t unix_nano, std::string& out);
// With six decimals; NaN, +Inf, -Inf.
void AppendFixed(double value, std::string& out);
// In lower-case hexadecimal; nothing for an id of zeros.
void AppendId(std::string_view id, std::string& out);

}  // namespace weir::exporters::debug
