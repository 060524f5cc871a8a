#include "pipeline/attributes/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace weir::pipeline::attributes {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && std::equal(text.begin(), text.end(), lower.begin(),
                                                   [](char a, char b) { return Lower(a) == b; });
}

bool HasHexPrefix(std::string_view text) {
  return text.size() >= 2 && text[0] == '0' && Lower(text[1]) == 'x';
}

// Each underscore stands between two digits, or between a base prefix and a digit.
bool UnderscoresSeparateDigits(std::string_view unsigned_text) {
  enum class Saw : uint8_t { kNothing, kDigit, kUnderscore } saw = Saw::kNothing;
  const bool hex = HasHexPrefix(unsigned_text);
  if (hex) {
    unsigned_text.remove_prefix(2);
    saw = Saw::kDigit;
  }
  for (const char c : unsigned_text) {
    if (IsDigit(c) || (hex && Lower(c) >= 'a' && Lower(c) <= 'f')) {
      saw = Saw::kDigit;
    } else if (c == '_') {
      if (saw != Saw::kDigit) return false;
      saw = Saw::kUnderscore;
    } else {
      if (saw == Saw::kUnderscore) return false;
      saw = Saw::kNothing;
    }
  }
  return saw != Saw::kUnderscore;
}

std::optional<double> ParseUnsigned(std::string_view text, std::chars_format format) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, format);
  if (result.ptr != end) return std::nullopt;
  if (result.ec == std::errc()) return value;
  if (result.ec != std::errc::result_out_of_range) return std::nullopt;
  // Too large or too small: strtod tells which.
  const std::string copy = (format == std::chars_format::hex ? "0x" : "") + std::string(text);
  value = std::strtod(copy.c_str(), nullptr);
  return std::isinf(value) ? std::nullopt : std::optional<double>(value);
}

}  // namespace

std::optional<int64_t> ParseInt(std::string_view text) {
  if (!text.empty() && text[0] == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text[0] == '-') return std::nullopt;
  }
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::optional<double> ParseFloat(std::string_view text) {
  if (EqualsIgnoringCase(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
  double sign = 1;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    if (text[0] == '-') sign = -1;
    text.remove_prefix(1);
  }
  if (EqualsIgnoringCase(text, "inf") || EqualsIgnoringCase(text, "infinity")) {
    return sign * std::numeric_limits<double>::infinity();
  }
  std::string without;
  if (text.find('_') != std::string_view::npos) {
    if (!UnderscoresSeparateDigits(text)) return std::nullopt;
    std::copy_if(text.begin(), text.end(), std::back_inserter(without),
                 [](char c) { return c != '_'; });
    text = without;
  }
  auto format = std::chars_format::general;
  if (HasHexPrefix(text)) {
    text.remove_prefix(2);
    if (text.find_first_of("pP") == std::string_view::npos) return std::nullopt;
    format = std::chars_format::hex;
  } else if (text.empty() || !(IsDigit(text[0]) || text[0] == '.')) {
    return std::nullopt;
  }
  const auto value = ParseUnsigned(text, format);
  if (!value) return std::nullopt;
  return sign * *value;
}

int64_t TruncateToInt(double value) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (!(value >= -kLimit && value < kLimit)) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(value);
}

}  // namespace weir::pipeline::attributes
