#include <array>
#include <limits>

#include "base/config/fields.h"

namespace weir::config {
namespace {

constexpr uint64_t kMax = uint64_t{1} << 63;

struct Unit {
  std::string_view name;
  uint64_t nanos;
};
// The two spellings of the micro sign are U+00B5 and U+03BC.
constexpr std::array<Unit, 8> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"\u00b5s", 1'000},
                                         {"\u03bcs", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", 1'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"h", 3'600'000'000'000}}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Digits at the front of `text` as a number; false on overflow.
bool TakeInteger(std::string_view& text, uint64_t* number) {
  *number = 0;
  while (!text.empty() && IsDigit(text.front())) {
    if (*number > kMax / 10) return false;
    *number = *number * 10 + static_cast<uint64_t>(text.front() - '0');
    if (*number > kMax) return false;
    text.remove_prefix(1);
  }
  return true;
}

// Digits behind the point as numerator and scale; digits beyond the precision are dropped.
void TakeFraction(std::string_view& text, uint64_t* numerator, double* scale) {
  *numerator = 0;
  *scale = 1;
  bool full = false;
  while (!text.empty() && IsDigit(text.front())) {
    const uint64_t digit = static_cast<uint64_t>(text.front() - '0');
    text.remove_prefix(1);
    if (full || *numerator > (kMax - 1) / 10 || *numerator * 10 + digit > kMax) {
      full = true;
      continue;
    }
    *numerator = *numerator * 10 + digit;
    *scale *= 10;
  }
}

uint64_t TakeUnit(std::string_view& text, bool* missing) {
  size_t length = 0;
  while (length < text.size() && text[length] != '.' && !IsDigit(text[length])) ++length;
  const std::string_view name = text.substr(0, length);
  text.remove_prefix(length);
  *missing = name.empty();
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return unit.nanos;
  }
  return 0;
}

// One number with its unit, in nanoseconds; false with Go's words.
bool TakeTerm(std::string_view& text, uint64_t* nanos, std::string* error) {
  *error = "time: invalid duration";
  if (!IsDigit(text.front()) && text.front() != '.') return false;
  const size_t before = text.size();
  uint64_t whole = 0;
  if (!TakeInteger(text, &whole)) return false;
  bool digits = text.size() != before;
  uint64_t fraction = 0;
  double scale = 1;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    const size_t behind_point = text.size();
    TakeFraction(text, &fraction, &scale);
    digits = digits || text.size() != behind_point;
  }
  if (!digits) return false;
  bool missing = false;
  const uint64_t unit = TakeUnit(text, &missing);
  if (unit == 0) {
    *error = missing ? "time: missing unit in duration" : "time: unknown unit";
    return false;
  }
  if (whole > kMax / unit) return false;
  *nanos = whole * unit;
  if (fraction > 0) {
    *nanos +=
        static_cast<uint64_t>(static_cast<double>(fraction) * (static_cast<double>(unit) / scale));
  }
  return *nanos <= kMax;
}

// `value` / 10^digits with trailing zeros of the fraction cut.
std::string Decimal(uint64_t value, int digits) {
  std::string text = std::to_string(value);
  if (digits == 0) return text;
  const auto width = static_cast<size_t>(digits);
  if (text.size() <= width) text.insert(0, width + 1 - text.size(), '0');
  text.insert(text.size() - width, 1, '.');
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

bool ParseDuration(std::string_view text, Duration* duration, std::string* error) {
  *error = "time: invalid duration";
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text == "0") {
    *duration = Duration(0);
    return true;
  }
  if (text.empty()) return false;
  uint64_t sum = 0;
  while (!text.empty()) {
    uint64_t term = 0;
    if (!TakeTerm(text, &term, error)) return false;
    sum += term;
    *error = "time: invalid duration";
    if (sum > kMax) return false;
  }
  if (!negative && sum > kMax - 1) return false;
  *duration = Duration(static_cast<int64_t>(negative ? ~sum + 1 : sum));
  return true;
}

std::string FormatDuration(Duration duration) {
  const int64_t count = duration.count();
  if (count == 0) return "0s";
  const std::string sign = count < 0 ? "-" : "";
  const uint64_t nanos =
      count < 0 ? ~static_cast<uint64_t>(count) + 1 : static_cast<uint64_t>(count);
  if (nanos < 1'000) return sign + std::to_string(nanos) + "ns";
  if (nanos < 1'000'000) return sign + Decimal(nanos, 3) + "\u00b5s";
  if (nanos < 1'000'000'000) return sign + Decimal(nanos, 6) + "ms";
  const uint64_t minutes = nanos / 60'000'000'000;
  std::string text = Decimal(nanos % 60'000'000'000, 9) + "s";
  if (minutes > 0) text.insert(0, std::to_string(minutes % 60) + "m");
  if (minutes >= 60) text.insert(0, std::to_string(minutes / 60) + "h");
  return sign + text;
}

const Secret* HeaderList::Find(std::string_view name) const {
  for (const auto& [key, value] : items) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace weir::config
