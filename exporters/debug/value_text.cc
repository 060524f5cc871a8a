#include "exporters/debug/value_text.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "model/json/encoding.h"
#include "model/json/text.h"
#include "model/json/value_text.h"

namespace weir::exporters::debug {
namespace {

using model::AnyValueView;
using model::ValueKind;
using model::json::DoubleStyle;

std::string_view KindName(ValueKind kind) {
  switch (kind) {
    case ValueKind::kString:
      return "Str";
    case ValueKind::kBool:
      return "Bool";
    case ValueKind::kInt:
      return "Int";
    case ValueKind::kDouble:
      return "Double";
    case ValueKind::kArray:
      return "Slice";
    case ValueKind::kKvlist:
      return "Map";
    case ValueKind::kBytes:
      return "Bytes";
    default:
      return "Empty";
  }
}

void AppendPadded(uint64_t value, size_t digits, std::string& out) {
  const std::string text = std::to_string(value);
  if (text.size() < digits) out.append(digits - text.size(), '0');
  out += text;
}

}  // namespace

void AppendTypedValue(const AnyValueView& value, std::string& out) {
  out += KindName(value.kind);
  out += '(';
  model::json::AppendValueText(value, out);
  out += ')';
}

void AppendTime(uint64_t unix_nano, std::string& out) {
  using std::chrono::days;
  using std::chrono::nanoseconds;
  // The upper half of the range lies before 1970, as it does in the Collector.
  const std::chrono::sys_time<nanoseconds> time{nanoseconds(static_cast<int64_t>(unix_nano))};
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  AppendPadded(static_cast<uint64_t>(static_cast<int>(date.year())), 4, out);
  out += '-';
  AppendPadded(static_cast<unsigned>(date.month()), 2, out);
  out += '-';
  AppendPadded(static_cast<unsigned>(date.day()), 2, out);
  out += ' ';
  AppendPadded(static_cast<uint64_t>(clock.hours().count()), 2, out);
  out += ':';
  AppendPadded(static_cast<uint64_t>(clock.minutes().count()), 2, out);
  out += ':';
  AppendPadded(static_cast<uint64_t>(clock.seconds().count()), 2, out);
  if (const auto nanos = static_cast<uint64_t>(clock.subseconds().count()); nanos != 0) {
    out += '.';
    AppendPadded(nanos, 9, out);
    while (out.back() == '0') out.pop_back();
  }
  out += " +0000 UTC";
}

void AppendFixed(double value, std::string& out) {
  if (!std::isfinite(value)) {
    return model::json::AppendDouble(value, DoubleStyle::kGoDefault, out);
  }
  std::array<char, 384> buffer;  // the largest double has 309 digits before the point
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                    std::chars_format::fixed, 6);
  out.append(buffer.data(), result.ptr);
}

void AppendId(std::string_view id, std::string& out) {
  if (id.find_first_not_of('\0') == std::string_view::npos) return;
  model::json::AppendHex(id, out);
}

}  // namespace weir::exporters::debug
