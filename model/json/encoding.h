// Hexadecimal and base64, as OTLP/JSON writes ids and bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::model::json {

inline constexpr size_t kTraceIdSize = 16;
inline constexpr size_t kSpanIdSize = 8;

// Writes digits.size() / 2 bytes; false when a digit is none. `digits` has an even length.
bool DecodeHex(std::string_view digits, uint8_t* out);
// Adds two lower-case digits for each byte.
void AppendHex(std::string_view bytes, std::string& out);

// Standard alphabet with padding, line breaks ignored. Writes at most text.size() bytes and returns
// their number, -1 when `text` is something else.
ptrdiff_t DecodeBase64(std::string_view text, uint8_t* out);
void AppendBase64(std::string_view bytes, std::string& out);

}  // namespace weir::model::json
