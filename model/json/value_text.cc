#include "model/json/value_text.h"

#include <cmath>
#include <map>
#include <string_view>

#include "model/json/encoding.h"
#include "model/json/text.h"

namespace weir::model::json {
namespace {

// Inside lists and maps.
void AppendElement(const AnyValueView& value, std::string& out) {
  switch (value.kind) {
    case ValueKind::kEmpty:
      out += "null";
      return;
    case ValueKind::kString:
      return AppendString(value.bytes, out);
    case ValueKind::kBytes:
      out += '"';
      AppendBase64(value.bytes, out);
      out += '"';
      return;
    case ValueKind::kDouble:
      // JSON has no word for these but a string.
      if (!std::isfinite(value.double_value)) {
        return AppendDouble(value.double_value, DoubleStyle::kProtoJson, out);
      }
      return AppendValueText(value, out);
    default:
      return AppendValueText(value, out);
  }
}

void AppendList(const AnyValueView& value, std::string& out) {
  char separator = '[';
  for (const AnyValueView element : value.array()) {
    out += separator;
    separator = ',';
    AppendElement(element, out);
  }
  out += separator == '[' ? "[]" : "]";
}

void AppendMap(const AnyValueView& value, std::string& out) {
  // Of equal keys the last counts.
  std::map<std::string_view, std::string_view> sorted;
  for (const KeyValueView entry : value.kvlist()) sorted[entry.key] = entry.value_message;
  out += '{';
  for (const auto& [key, message] : sorted) {
    AppendString(key, out);
    out += ':';
    AppendElement(AnyValueView(message), out);
    out += ',';
  }
  if (!sorted.empty()) out.pop_back();
  out += '}';
}

}  // namespace

void AppendValueText(const AnyValueView& value, std::string& out) {
  switch (value.kind) {
    case ValueKind::kEmpty:
      return;
    case ValueKind::kString:
      out += value.bytes;
      return;
    case ValueKind::kBool:
      out += value.bool_value() ? "true" : "false";
      return;
    case ValueKind::kInt:
      return AppendInt(value.int_value, out);
    case ValueKind::kDouble:
      return AppendDouble(value.double_value, DoubleStyle::kValueText, out);
    case ValueKind::kArray:
      return AppendList(value, out);
    case ValueKind::kKvlist:
      return AppendMap(value, out);
    case ValueKind::kBytes:
      return AppendBase64(value.bytes, out);
  }
}

}  // namespace weir::model::json
