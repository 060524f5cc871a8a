#include "model/json/text.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weir::model::json {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Whether a byte can stand in a JSON string as it is, looked at alone.
constexpr std::array<bool, 256> PlainBytes() {
  std::array<bool, 256> plain{};
  for (size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}
constexpr std::array<bool, 256> kPlain = PlainBytes();

bool IsContinuation(std::string_view text, size_t at, uint8_t low = 0x80, uint8_t high = 0xBF) {
  if (at >= text.size()) return false;
  const auto byte = static_cast<uint8_t>(text[at]);
  return byte >= low && byte <= high;
}

// The length of the valid multi-byte character at `at`, or 0 (Unicode 15, table 3-7).
size_t SequenceLength(std::string_view text, size_t at) {
  const auto lead = static_cast<uint8_t>(text[at]);
  if (lead >= 0xC2 && lead <= 0xDF) return IsContinuation(text, at + 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;
    const uint8_t high = lead == 0xED ? 0x9F : 0xBF;
    return IsContinuation(text, at + 1, low, high) && IsContinuation(text, at + 2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
    const uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;
    return IsContinuation(text, at + 1, low, high) && IsContinuation(text, at + 2) &&
                   IsContinuation(text, at + 3)
               ? 4
               : 0;
  }
  return 0;
}

// How many bytes from the front can stand as they are.
size_t PlainPrefix(std::string_view text) {
  size_t i = 0;
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i first_plain = _mm_set1_epi8(0x20);
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    // Compared as signed bytes, so that those from 0x80 on are below a space too.
    const __m128i odd =
        _mm_or_si128(_mm_cmplt_epi8(bytes, first_plain),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(odd));
    if (mask != 0) return i + static_cast<size_t>(std::countr_zero(mask));
  }
#endif
  while (i < text.size() && kPlain[static_cast<uint8_t>(text[i])]) ++i;
  return i;
}

void AppendEscape(uint8_t c, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += static_cast<char>(c);
      break;
    case '\n':
      out += 'n';
      break;
    case '\r':
      out += 'r';
      break;
    case '\t':
      out += 't';
      break;
    default:
      out += "u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

// The rest of `text` from `at` on, without quotes.
void AppendEscaped(std::string_view text, size_t at, std::string& out) {
  size_t copied = at;
  size_t i = at;
  while (i < text.size()) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (kPlain[c]) {
      ++i;
      continue;
    }
    const size_t length = c < 0x80 ? 0 : SequenceLength(text, i);
    if (length != 0) {
      i += length;
      continue;
    }
    out.append(text, copied, i - copied);
    if (c < 0x80) {
      AppendEscape(c, out);
    } else {
      out += kReplacement;
    }
    copied = ++i;
  }
  out.append(text, copied, text.size() - copied);
}

// The fewest digits that stand for a finite number: value = ± 0.DIGITS × 10^point.
struct Decimal {
  bool negative;
  std::string digits;
  int point;
};

Decimal Shortest(double value) {
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value),
                                    std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<size_t>(result.ptr - buffer.data()));
  const size_t e = text.find('e');
  Decimal decimal{std::signbit(value), std::string(text.substr(0, 1)), 0};
  if (e > 2) decimal.digits += text.substr(2, e - 2);
  decimal.point = std::atoi(buffer.data() + e + 1) + 1;
  if (value == 0) decimal.point = 1;
  return decimal;
}

void AppendPlain(const Decimal& decimal, std::string& out) {
  const size_t count = decimal.digits.size();
  if (decimal.point <= 0) {
    out += "0.";
    out.append(static_cast<size_t>(-decimal.point), '0');
    out += decimal.digits;
    return;
  }
  const auto point = static_cast<size_t>(decimal.point);
  if (count <= point) {
    out += decimal.digits;
    out.append(point - count, '0');
    return;
  }
  out.append(decimal.digits, 0, point);
  out += '.';
  out.append(decimal.digits, point, count - point);
}

void AppendWithExponent(const Decimal& decimal, bool pad_negative, std::string& out) {
  out += decimal.digits[0];
  if (decimal.digits.size() > 1) {
    out += '.';
    out.append(decimal.digits, 1);
  }
  const int exponent = decimal.point - 1;
  out += exponent < 0 ? "e-" : "e+";
  const int size = std::abs(exponent);
  if (size < 10 && (exponent > 0 || pad_negative)) out += '0';
  AppendInt(size, out);
}

void AppendNotFinite(double value, DoubleStyle style, std::string& out) {
  if (style == DoubleStyle::kGoDefault) {
    out += std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    return;
  }
  const std::string_view quote = style == DoubleStyle::kProtoJson ? "\"" : "";
  out += quote;
  out += std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  out += quote;
}

}  // namespace

void AppendString(std::string_view text, std::string& out) {
  const size_t plain = PlainPrefix(text);
  const size_t start = out.size();
  // One growth for a string that needs no escape, which is nearly every one.
  out.resize(start + plain + 2);
  out[start] = '"';
  if (plain != 0) std::memcpy(&out[start + 1], text.data(), plain);
  out.back() = '"';
  if (plain == text.size()) return;
  out.pop_back();
  AppendEscaped(text, plain, out);
  out += '"';
}

void AppendDouble(double value, DoubleStyle style, std::string& out) {
  if (!std::isfinite(value)) return AppendNotFinite(value, style, out);
  const Decimal decimal = Shortest(value);
  const int exponent = decimal.point - 1;
  // Go's %v turns to an exponent early (six digits), JSON late.
  const bool go = style == DoubleStyle::kGoDefault;
  const bool plain =
      value == 0 || (go ? exponent >= -4 && exponent < 6 : exponent >= -6 && exponent < 21);
  if (decimal.negative) out += '-';
  if (plain) {
    AppendPlain(decimal, out);
  } else {
    AppendWithExponent(decimal, style != DoubleStyle::kValueText, out);
  }
}

void AppendInt(int64_t value, std::string& out) {
  std::array<char, 24> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), result.ptr);
}

void AppendUint(uint64_t value, std::string& out) {
  std::array<char, 24> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), result.ptr);
}

}  // namespace weir::model::json
