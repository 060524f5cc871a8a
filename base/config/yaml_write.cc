#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/config/yaml.h"

namespace weir::config {
namespace {

std::string FloatText(double number) {
  if (std::isnan(number)) return ".nan";
  if (std::isinf(number)) return number < 0 ? "-.inf" : ".inf";
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, number);
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

// Whether a plain scalar would read as this string again.
bool IsPlainSafe(std::string_view text) {
  if (!ResolveScalar(text).is_string()) return false;
  if (IsOldBool(text)) return false;
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
  if (control || text.empty() || IsOldBool(text) || !ResolveScalar(text).is_string()) {
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

// The keys or dashes of `value` at `indent`, what is below them at `child`.
void AppendYaml(const Value& value, size_t indent, size_t child, bool inline_first,
                std::string& out);

// Behind "key:" or "-": a scalar on the same line, a block below.
void AppendChild(const Value& value, size_t indent, std::string& out) {
  if (value.is_map() && !value.map().empty()) {
    out += '\n';
    AppendYaml(value, indent, indent + 4, false, out);
  } else if (value.is_list() && !value.list().empty()) {
    out += '\n';
    AppendYaml(value, indent, indent + 4, false, out);
  } else {
    out += ' ';
    out += value.is_map() ? "{}" : value.is_list() ? "[]" : ScalarText(value);
    out += '\n';
  }
}

void AppendYaml(const Value& value, size_t indent, size_t child, bool inline_first,
                std::string& out) {
  bool first = inline_first;
  if (value.is_map()) {
    for (const Value::Member* member : Sorted(value)) {
      if (!first) out.append(indent, ' ');
      first = false;
      out += ScalarText(member->first) + ":";
      AppendChild(member->second, child, out);
    }
    return;
  }
  for (const Value& item : value.list()) {
    if (!first) out.append(indent, ' ');
    first = false;
    out += '-';
    const bool block =
        (item.is_map() && !item.map().empty()) || (item.is_list() && !item.list().empty());
    if (block) {
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
  if (value.is_map() && !value.map().empty()) {
    AppendYaml(value, 0, 4, false, out);
  } else if (value.is_list() && !value.list().empty()) {
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
