#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/config/yaml.h"

namespace weir::config {
namespace {

std::string FloatText(double number) {
  if (std::isnan(number)) return ".nan";
  if (std::isinf(number)) return number < 0 ? "-.inf" : ".inf";
  // Go's %g of the shortest digits: an exponent below 1e-4 and from 1e21 on.
  const double size = std::abs(number);
  const bool exponent = size != 0 && (size < 1e-4 || size >= 1e21);
  char buffer[64];
  const auto result =
      std::to_chars(buffer, buffer + sizeof buffer, number,
                    exponent ? std::chars_format::scientific : std::chars_format::fixed);
  return std::string(buffer, result.ptr);
}

std::vector<const Value::Member*> Sorted(const Value& map) {
  std::vector<const Value::Member*> members;
  for (const Value::Member& member : map.map()) members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  return members;
}

void AppendJsonString(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

// What YAML 1.1 readers take for more than a string.
bool IsOldBool(std::string_view text) {
  for (const std::string_view word : {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N",
                                      "no", "No", "NO", "off", "Off", "OFF", "<<", "="}) {
    if (text == word) return true;
  }
  return false;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// One to `digits_max` digits off the front of `text`, as a number of at most `max`.
bool TakeNumber(std::string_view& text, size_t digits_max, int max) {
  int number = 0;
  size_t digits = 0;
  while (digits < digits_max && digits < text.size() && IsDigit(text[digits]))
    number = number * 10 + (text[digits++] - '0');
  text.remove_prefix(digits);
  return digits > 0 && number <= max;
}
bool TakeChar(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// "2024-01-02", "2024-01-02 15:04:05.5", "2024-01-02T15:04:05Z": what yaml.v3 reads as a time.
bool IsTimestamp(std::string_view text) {
  if (text.find('-') != 4 || !TakeNumber(text, 4, 9999)) return false;
  if (!TakeChar(text, "-") || !TakeNumber(text, 2, 12)) return false;
  if (!TakeChar(text, "-") || !TakeNumber(text, 2, 31)) return false;
  if (text.empty()) return true;
  const bool zoned = text.front() != ' ';
  if (!TakeChar(text, "Tt ") || !TakeNumber(text, 2, 23)) return false;
  if (!TakeChar(text, ":") || !TakeNumber(text, 2, 59)) return false;
  if (!TakeChar(text, ":") || !TakeNumber(text, 2, 59)) return false;
  if (TakeChar(text, ".") && !TakeNumber(text, 9, 999'999'999)) return false;
  if (!zoned) return text.empty();
  if (text == "Z") return true;
  return TakeChar(text, "+-") && TakeNumber(text, 2, 24) && TakeChar(text, ":") &&
         TakeNumber(text, 2, 60) && text.empty();
}

// "12:30", "-1:05:00.5": a float to the base of 60 in YAML 1.1.
bool IsBase60Float(std::string_view text) {
  TakeChar(text, "+-");
  size_t at = 0;
  while (at < text.size() && (IsDigit(text[at]) || (at > 0 && text[at] == '_'))) ++at;
  if (at == 0 || at == text.size() || text[at] != ':') return false;
  text.remove_prefix(at);
  while (TakeChar(text, ":")) {
    if (!TakeNumber(text, 2, 59)) return false;
  }
  if (text.empty()) return true;
  return TakeChar(text, ".") && text.find_first_not_of("0123456789_") == std::string_view::npos;
}

// Whether `text`, unquoted, means more than a string to this or an older reader.
bool ReadsAsMore(std::string_view text) {
  return !ResolveScalar(text).is_string() || IsOldBool(text) || IsBase60Float(text) ||
         IsTimestamp(text);
}

// Whether a plain scalar would read as this string again.
bool IsPlainSafe(std::string_view text) {
  if (ReadsAsMore(text)) return false;
  constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@` \t";
  const char first = text.front();
  if (kIndicators.find(first) != std::string_view::npos) {
    const bool starts_word =
        (first == '-' || first == '?' || first == ':') && text.size() > 1 && text[1] != ' ';
    if (!starts_word || text.substr(0, 3) == "---") return false;
  }
  if (text.back() == ' ' || text.back() == ':') return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return false;
    if (text[i] == ':' && i + 1 < text.size() && text[i + 1] == ' ') return false;
    if (text[i] == '#' && i > 0 && text[i - 1] == ' ') return false;
  }
  return true;
}

std::string ScalarText(std::string_view text) {
  if (!text.empty() && IsPlainSafe(text)) return std::string(text);
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  // What would read as another type is quoted doubly, as upstream does; the rest simply.
  if (control || text.empty() || ReadsAsMore(text)) {
    std::string out;
    AppendJsonString(text, out);
    return out;
  }
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

std::string ScalarText(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case Value::Kind::kInt:
      return std::to_string(value.as_int());
    case Value::Kind::kFloat:
      return FloatText(value.as_float());
    case Value::Kind::kString:
      return ScalarText(value.as_string());
    default:
      return "null";
  }
}

// Text of lines that a literal block can hold: nothing but line feeds and tabs to control it, and
// no spaces at the end of a line, which readers would lose. One that begins with a space or an
// empty line would need its indent told; upstream tells it wrongly inside lists, so it is quoted.
bool IsLiteral(const Value& value) {
  if (!value.is_string()) return false;
  const std::string& text = value.as_string();
  if (text.find('\n') == std::string::npos || text.back() == ' ') return false;
  if (text.front() == ' ' || text.front() == '\n') return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f) return false;
    if (byte == ' ' && text[i + 1] == '\n') return false;
    // U+0080 to U+009F, and the line breaks U+2028 and U+2029.
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte == 0xc2 && next < 0xa0) return false;
    if (byte == 0xe2 && next == 0x80 && (text[i + 2] & 0xfe) == 0xa8) return false;
  }
  return true;
}

// "|" with what readers must be told: "-" when no line feed ends the text, "+" when several do.
void AppendLiteral(std::string_view text, size_t indent, std::string& out) {
  out += '|';
  if (text.back() != '\n') {
    out += '-';
  } else if (text[text.size() - 2] == '\n') {
    out += '+';
  }
  out += '\n';
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) out.append(indent, ' ').append(text.substr(0, end));
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool IsBlock(const Value& value) {
  return (value.is_map() && !value.map().empty()) || (value.is_list() && !value.list().empty());
}

// The keys or dashes of `value` at `indent`, what is below them at `child`.
void AppendYaml(const Value& value, size_t indent, size_t child, bool inline_first,
                std::string& out);

// Behind "key:" or "-": a scalar on the same line, a block below.
void AppendChild(const Value& value, size_t indent, std::string& out) {
  if (IsBlock(value)) {
    out += '\n';
    AppendYaml(value, indent, indent + 4, false, out);
  } else if (IsLiteral(value)) {
    out += ' ';
    AppendLiteral(value.as_string(), indent, out);
  } else {
    out += ' ';
    out += value.is_map() ? "{}" : value.is_list() ? "[]" : ScalarText(value);
    out += '\n';
  }
}

// "key: value"; a key too long for a reader to look ahead stands behind "?", its value behind ":".
void AppendMember(const Value::Member& member, size_t indent, size_t child, std::string& out) {
  constexpr size_t kSimpleKeyBytesMax = 128;
  const auto& [key, value] = member;
  if (key.size() <= kSimpleKeyBytesMax) {
    out += ScalarText(key) + ":";
    AppendChild(value, child, out);
    return;
  }
  out += "? " + ScalarText(key) + '\n';
  out.append(indent, ' ') += ':';
  if (IsBlock(value)) {
    out.append(child - indent - 1, ' ');
    AppendYaml(value, child, child + 4, true, out);
  } else {
    AppendChild(value, child, out);
  }
}

void AppendYaml(const Value& value, size_t indent, size_t child, bool inline_first,
                std::string& out) {
  bool first = inline_first;
  if (value.is_map()) {
    for (const Value::Member* member : Sorted(value)) {
      if (!first) out.append(indent, ' ');
      first = false;
      AppendMember(*member, indent, child, out);
    }
    return;
  }
  for (const Value& item : value.list()) {
    if (!first) out.append(indent, ' ');
    first = false;
    out += '-';
    if (IsBlock(item)) {
      out += ' ';
      AppendYaml(item, indent + 2, indent + 4, true, out);
    } else {
      AppendChild(item, indent + 4, out);
    }
  }
}

void AppendJson(const Value& value, size_t indent, std::string& out) {
  const bool map = value.is_map();
  const size_t count = map ? value.map().size() : value.list().size();
  if (!map && !value.is_list()) {
    if (value.is_string()) {
      AppendJsonString(value.as_string(), out);
    } else {
      out += ScalarText(value);
    }
    return;
  }
  out += map ? '{' : '[';
  if (count > 0) {
    size_t left = count;
    const auto begin_line = [&] { out.append(1, '\n').append(indent + 2, ' '); };
    const auto end_line = [&] {
      if (--left > 0) out += ',';
    };
    for (const Value::Member* member : Sorted(value)) {
      begin_line();
      AppendJsonString(member->first, out);
      out += ": ";
      AppendJson(member->second, indent + 2, out);
      end_line();
    }
    for (const Value& item : value.list()) {
      begin_line();
      AppendJson(item, indent + 2, out);
      end_line();
    }
    out.append(1, '\n').append(indent, ' ');
  }
  out += map ? '}' : ']';
}

}  // namespace

std::string WriteYaml(const Value& value) {
  std::string out;
  if (IsBlock(value)) {
    AppendYaml(value, 0, 4, false, out);
  } else {
    out = (value.is_map() ? "{}" : value.is_list() ? "[]" : ScalarText(value)) + "\n";
  }
  return out;
}

std::string WriteJson(const Value& value) {
  std::string out;
  AppendJson(value, 0, out);
  return out + "\n";
}

}  // namespace weir::config
