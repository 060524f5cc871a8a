#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/config/yaml.h"

namespace weir::config {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool OneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

size_t SkipDigits(std::string_view text, size_t at) {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

// ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$
bool LooksLikeFloat(std::string_view text) {
  size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const size_t whole = SkipDigits(text, at);
  const bool has_whole = whole > at;
  at = whole;
  if (at < text.size() && text[at] == '.') {
    const size_t fraction = SkipDigits(text, at + 1);
    if (!has_whole && fraction == at + 1) return false;
    at = fraction;
  } else if (!has_whole) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const size_t end = SkipDigits(text, at);
    if (end == at) return false;
    at = end;
  }
  return at == text.size();
}

// Go's strconv with base 0: 0x, 0o, 0b, and a leading 0 for octal.
bool ParseInteger(std::string_view text, int64_t* value) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char mark = static_cast<char>(text[1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    text.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
  }
  uint64_t magnitude = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size() || text.empty())
    return false;
  const uint64_t limit = uint64_t{1} << 63;
  if (negative && magnitude > limit) return false;
  *value = static_cast<int64_t>(negative ? ~magnitude + 1 : magnitude);
  return true;
}

bool ParseFloat(std::string_view text, double* value) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *value);
  if (result.ec == std::errc::result_out_of_range) {
    *value = text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
    return true;
  }
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

Value ResolveWord(std::string_view text) {
  const double infinity = std::numeric_limits<double>::infinity();
  if (OneOf(text, {"", "~", "null", "Null", "NULL"})) return Value();
  if (OneOf(text, {"true", "True", "TRUE"})) return Value::OfBool(true);
  if (OneOf(text, {"false", "False", "FALSE"})) return Value::OfBool(false);
  if (OneOf(text, {".nan", ".NaN", ".NAN"})) return Value::OfFloat(std::nan(""));
  if (OneOf(text, {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"}))
    return Value::OfFloat(infinity);
  if (OneOf(text, {"-.inf", "-.Inf", "-.INF"})) return Value::OfFloat(-infinity);
  return Value::OfString(std::string(text));
}

}  // namespace

Value ResolveScalar(std::string_view text) {
  Value value = ResolveWord(text);
  if (value.is_string() &&
      (IsDigit(text[0]) || text[0] == '-' || text[0] == '+' || text[0] == '.')) {
    std::string plain(text);
    std::erase(plain, '_');
    int64_t integer = 0;
    double number = 0;
    if (text[0] != '.' && ParseInteger(plain, &integer)) {
      value = Value::OfInt(integer);
    } else if (LooksLikeFloat(plain) && ParseFloat(plain, &number)) {
      value = Value::OfFloat(number);
    }
  }
  value.set_text(std::string(text));
  return value;
}

}  // namespace weir::config
