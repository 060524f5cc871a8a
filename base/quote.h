// Text between quotes in messages for operators.
#pragma once

#include <string>
#include <string_view>

namespace weir {

// `text` as Go's %q shows it, which the Collector's messages use: between double quotes, with
// quotes, backslashes and control characters escaped (`"a\tb\x7f"`). Bytes above 0x7f stay.
std::string Quoted(std::string_view text);

}  // namespace weir
