#include "pipeline/attributes/apply.h"

#include <openssl/evp.h>
#include <re2/re2.h>

#include <array>
#include <bit>
#include <string_view>

#include "base/check.h"
#include "model/json/encoding.h"
#include "model/json/value_text.h"
#include "pipeline/attributes/number.h"

namespace weir::pipeline::attributes {
namespace {

using model::AnyValueView;
using model::AttributeEditor;
using model::ValueKind;
using Action = AttributeActions::Action;

std::string Sha256Hex(std::string_view bytes) {
  std::array<unsigned char, 32> digest;
  unsigned size = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1)
      << "SHA-256 is not available";
  std::string out;
  model::json::AppendHex({reinterpret_cast<const char*>(digest.data()), size}, out);
  return out;
}

std::string_view BytesOf(const uint64_t& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};  // wire.h: little endian
}

// The hash of a string, of 0 or 1, of eight little-endian bytes; nothing for other kinds.
std::string HashOf(const AnyValueView& value) {
  switch (value.kind) {
    case ValueKind::kString:
      return Sha256Hex(value.bytes);
    case ValueKind::kBool:
      return Sha256Hex(value.bool_value() ? std::string_view("\1", 1) : std::string_view("\0", 1));
    case ValueKind::kInt:
      return Sha256Hex(BytesOf(static_cast<uint64_t>(value.int_value)));
    case ValueKind::kDouble:
      return Sha256Hex(BytesOf(std::bit_cast<uint64_t>(value.double_value)));
    default:
      return {};
  }
}

void HashEntry(size_t index, AttributeEditor& attributes) {
  attributes.SetValue(index, model::StringValue(HashOf(attributes.value(index))));
}

// The value as a serialised AnyValue of another type; empty when it stays as it is.
std::string ToInt(const AnyValueView& value) {
  switch (value.kind) {
    case ValueKind::kDouble:
      return model::IntValue(TruncateToInt(value.double_value));
    case ValueKind::kBool:
      return model::IntValue(value.bool_value() ? 1 : 0);
    case ValueKind::kString:
      if (const auto number = ParseInt(value.bytes)) return model::IntValue(*number);
      return {};
    default:
      return {};
  }
}

std::string ToDouble(const AnyValueView& value) {
  switch (value.kind) {
    case ValueKind::kInt:
      return model::DoubleValue(static_cast<double>(value.int_value));
    case ValueKind::kBool:
      return model::DoubleValue(value.bool_value() ? 1 : 0);
    case ValueKind::kString:
      if (const auto number = ParseFloat(value.bytes)) return model::DoubleValue(*number);
      return {};
    default:
      return {};
  }
}

std::string Converted(const AnyValueView& value, ConvertedType type) {
  switch (type) {
    case ConvertedType::kString:
      if (value.kind == ValueKind::kString) return {};
      return model::StringValue(model::json::ValueText(value));
    case ConvertedType::kInt:
      return ToInt(value);
    case ConvertedType::kDouble:
      return ToDouble(value);
  }
  return {};
}

}  // namespace

void ApplyDelete(const Action& action, AttributeEditor& attributes) {
  attributes.Remove(action.key);
  if (!action.pattern) return;
  attributes.RemoveIf(
      [&](std::string_view key, const AnyValueView&) { return action.pattern->Matches(key); });
}

void ApplyHash(const Action& action, AttributeEditor& attributes) {
  const size_t index = attributes.Find(action.key);
  if (index != AttributeEditor::kNone) HashEntry(index, attributes);
  if (!action.pattern) return;
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (action.pattern->Matches(attributes.key(i))) HashEntry(i, attributes);
  }
}

void ApplyExtract(const Action& action, AttributeEditor& attributes) {
  const auto value = attributes.Get(action.key);
  if (!value || value->kind != ValueKind::kString) return;
  const re2::StringPiece text(value->bytes.data(), value->bytes.size());
  std::vector<re2::StringPiece> groups(action.group_names.size() + 1);
  const re2::RE2& re = action.pattern->re2();
  if (!re.Match(text, 0, text.size(), re2::RE2::UNANCHORED, groups.data(),
                static_cast<int>(groups.size()))) {
    return;
  }
  for (size_t i = 0; i < action.group_names.size(); ++i) {
    const re2::StringPiece& group = groups[i + 1];
    attributes.Upsert(action.group_names[i], model::StringValue({group.data(), group.size()}));
  }
}

void ApplyConvert(const Action& action, AttributeEditor& attributes) {
  const size_t index = attributes.Find(action.key);
  if (index == AttributeEditor::kNone) return;
  const std::string converted = Converted(attributes.value(index), action.converted_type);
  if (!converted.empty()) attributes.SetValue(index, converted);
}

}  // namespace weir::pipeline::attributes
