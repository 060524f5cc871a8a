#include "pipeline/attributes/attribute_matcher.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "model/json/text.h"
#include "pipeline/attributes/values.h"

namespace weir::pipeline::attributes {
namespace {

using model::AnyValueView;
using model::ValueKind;

std::string_view KindName(const config::Value& value) {
  using Kind = config::Value::Kind;
  switch (value.kind()) {
    case Kind::kNull:
      return "Empty";
    case Kind::kBool:
      return "Bool";
    case Kind::kInt:
      return "Int";
    case Kind::kFloat:
      return "Double";
    case Kind::kString:
      return "Str";
    case Kind::kList:
      return "Slice";
    case Kind::kMap:
      return "Map";
  }
  return {};
}

std::string DoubleText(double value) {
  std::string out;
  if (!std::isfinite(value)) {
    model::json::AppendDouble(value, model::json::DoubleStyle::kGoDefault, out);
    return out;
  }
  std::array<char, 400> buffer;  // the longest is the smallest number, written out
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return std::string(buffer.data(), end.ptr);
}

// The text that expressions see; nothing for values without one.
std::optional<std::string> TextOf(const AnyValueView& value) {
  switch (value.kind) {
    case ValueKind::kString:
      return std::string(value.bytes);
    case ValueKind::kBool:
      return value.bool_value() ? "true" : "false";
    case ValueKind::kDouble:
      return DoubleText(value.double_value);
    case ValueKind::kInt:
      return std::to_string(value.int_value);
    default:
      return std::nullopt;
  }
}

bool SameList(const AnyValueView& a, const AnyValueView& b) {
  const auto left = a.array();
  const auto right = b.array();
  if (left.size() != right.size()) return false;
  auto other = right.begin();
  for (const AnyValueView element : left) {
    if (!SameValue(element, *other)) return false;
    ++other;
  }
  return true;
}

bool SameMap(const AnyValueView& a, const AnyValueView& b) {
  const auto right = b.kvlist();
  if (a.kvlist().size() != right.size()) return false;
  for (const model::KeyValueView entry : a.kvlist()) {
    const auto other = model::Find(right, entry.key);
    if (!other || !SameValue(entry.value(), *other)) return false;
  }
  return true;
}

}  // namespace

bool SameValue(const AnyValueView& a, const AnyValueView& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case ValueKind::kEmpty:
      return true;
    case ValueKind::kString:
    case ValueKind::kBytes:
      return a.bytes == b.bytes;
    case ValueKind::kBool:
    case ValueKind::kInt:
      return a.int_value == b.int_value;
    case ValueKind::kDouble:
      return a.double_value == b.double_value;
    case ValueKind::kArray:
      return SameList(a, b);
    case ValueKind::kKvlist:
      return SameMap(a, b);
  }
  return false;
}

Result<AttributeMatcher> AttributeMatcher::Make(const std::vector<AttributeMatch>& conditions,
                                                const std::string& match_type) {
  AttributeMatcher matcher;
  for (const AttributeMatch& config : conditions) {
    if (config.key.empty()) {
      return Fail(
          Status(StatusCode::kInvalidArgument, "can't have empty key in the list of attributes"));
    }
    Condition condition;
    condition.key = config.key;
    if (config.value.is_null()) {
      matcher.conditions_.push_back(std::move(condition));
      continue;
    }
    if (match_type == "regexp" && !config.value.is_string()) {
      return Fail(Status(StatusCode::kInvalidArgument, "match_type=regexp for \"" + config.key +
                                                           "\" only supports Str, but found " +
                                                           std::string(KindName(config.value))));
    }
    auto set = StringSet::Make(
        {config.value.is_string() ? config.value.as_string() : std::string()}, match_type);
    if (!set) return Fail(set.error());
    if (match_type == "regexp") {
      condition.expressions = std::move(*set);
    } else {
      condition.value = SerializeValue(config.value);
    }
    matcher.conditions_.push_back(std::move(condition));
  }
  return matcher;
}

bool AttributeMatcher::Holds(const Condition& condition, const AnyValueView& value) {
  if (condition.expressions) {
    const std::optional<std::string> text = TextOf(value);
    return text && condition.expressions->Contains(*text);
  }
  return !condition.value || SameValue(AnyValueView(*condition.value), value);
}

bool AttributeMatcher::Matches(const model::Attributes& attributes) const {
  for (const Condition& condition : conditions_) {
    const auto value = model::Find(attributes, condition.key);
    if (!value || !Holds(condition, *value)) return false;
  }
  return true;
}

}  // namespace weir::pipeline::attributes
