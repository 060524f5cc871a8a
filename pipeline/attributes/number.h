// Numbers in text, read as Go's strconv does; the Collector converts attributes with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::pipeline::attributes {

// Decimal digits with an optional sign; nothing else, and nothing beyond 64 bits.
std::optional<int64_t> ParseInt(std::string_view text);

// A decimal number, a hexadecimal one with an exponent (0x1p-2), "inf", "infinity" or "nan" in any
// case. Underscores may separate digits. Too large is no number, too small is zero.
std::optional<double> ParseFloat(std::string_view text);

// As a conversion of Go on amd64: towards zero, and the smallest integer for what does not fit.
int64_t TruncateToInt(double value);

}  // namespace weir::pipeline::attributes
