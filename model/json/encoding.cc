#include "model/json/encoding.h"

#include <array>

namespace weir::model::json {
namespace {

constexpr uint8_t kBad = 0xFF;
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHexDigits = "0123456789abcdef";

constexpr std::array<uint8_t, 256> InverseOf(std::string_view alphabet) {
  std::array<uint8_t, 256> inverse{};
  for (uint8_t& value : inverse) value = kBad;
  for (size_t i = 0; i < alphabet.size(); ++i) {
    inverse[static_cast<uint8_t>(alphabet[i])] = static_cast<uint8_t>(i);
  }
  return inverse;
}

constexpr std::array<uint8_t, 256> HexValues() {
  std::array<uint8_t, 256> values = InverseOf(kHexDigits);
  for (uint8_t i = 0; i < 6; ++i)
    values[static_cast<size_t>('A') + i] = static_cast<uint8_t>(10 + i);
  return values;
}

constexpr std::array<uint8_t, 256> kHexValue = HexValues();
constexpr std::array<uint8_t, 256> kBase64Value = InverseOf(kAlphabet);

}  // namespace

bool DecodeHex(std::string_view digits, uint8_t* out) {
  uint8_t bad = 0;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    const uint8_t high = kHexValue[static_cast<uint8_t>(digits[i])];
    const uint8_t low = kHexValue[static_cast<uint8_t>(digits[i + 1])];
    bad |= static_cast<uint8_t>((high | low) & 0xF0);
    *out++ = static_cast<uint8_t>(high << 4 | (low & 0x0F));
  }
  return bad == 0;
}

void AppendHex(std::string_view bytes, std::string& out) {
  size_t at = out.size();
  out.resize(at + bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    out[at++] = kHexDigits[byte >> 4];
    out[at++] = kHexDigits[byte & 0x0F];
  }
}

ptrdiff_t DecodeBase64(std::string_view text, uint8_t* out) {
  uint8_t* to = out;
  uint32_t bits = 0;
  size_t digits = 0;
  size_t padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const uint8_t value = kBase64Value[static_cast<uint8_t>(c)];
    if (value == kBad || padding != 0) return -1;
    bits = bits << 6 | value;
    if (++digits % 4 == 0) {
      *to++ = static_cast<uint8_t>(bits >> 16);
      *to++ = static_cast<uint8_t>(bits >> 8);
      *to++ = static_cast<uint8_t>(bits);
    }
  }
  const size_t rest = digits % 4;
  if (rest == 1 || padding != (4 - rest) % 4) return -1;
  if (rest == 2) {
    *to++ = static_cast<uint8_t>(bits >> 4);
  } else if (rest == 3) {
    *to++ = static_cast<uint8_t>(bits >> 10);
    *to++ = static_cast<uint8_t>(bits >> 2);
  }
  return to - out;
}

void AppendBase64(std::string_view bytes, std::string& out) {
  size_t i = 0;
  const auto at = [&](size_t k) { return uint32_t{static_cast<uint8_t>(bytes[k])}; };
  for (; i + 3 <= bytes.size(); i += 3) {
    const uint32_t bits = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    for (const int shift : {18, 12, 6, 0}) out += kAlphabet[bits >> shift & 63];
  }
  if (bytes.size() - i == 1) {
    const uint32_t bits = at(i) << 16;
    out += kAlphabet[bits >> 18 & 63];
    out += kAlphabet[bits >> 12 & 63];
    out += "==";
  } else if (bytes.size() - i == 2) {
    const uint32_t bits = at(i) << 16 | at(i + 1) << 8;
    for (const int shift : {18, 12, 6}) out += kAlphabet[bits >> shift & 63];
    out += '=';
  }
}

}  // namespace weir::model::json
