#include "pipeline/attributes/values.h"

#include "model/fields.h"
#include "model/message_editor.h"
#include "model/wire.h"

namespace weir::pipeline::attributes {
namespace {

namespace fields = model::fields;

std::string SerializeList(const config::Value& value) {
  std::string elements;
  for (const config::Value& element : value.list()) {
    model::AppendBytesField(elements, fields::Values::kValues, SerializeValue(element));
  }
  std::string out;
  model::AppendBytesField(out, fields::AnyValue::kArray, elements);
  return out;
}

std::string SerializeMap(const config::Value& value) {
  std::string entries;
  for (const auto& [key, member] : value.map()) {
    std::string entry;
    model::AppendBytesField(entry, fields::KeyValue::kKey, key);
    model::AppendBytesField(entry, fields::KeyValue::kValue, SerializeValue(member));
    model::AppendBytesField(entries, fields::Values::kValues, entry);
  }
  std::string out;
  model::AppendBytesField(out, fields::AnyValue::kKvlist, entries);
  return out;
}

}  // namespace

std::string SerializeValue(const config::Value& value) {
  using Kind = config::Value::Kind;
  switch (value.kind()) {
    case Kind::kNull:
      return {};
    case Kind::kBool:
      return model::BoolValue(value.as_bool());
    case Kind::kInt:
      return model::IntValue(value.as_int());
    case Kind::kFloat:
      return model::DoubleValue(value.as_float());
    case Kind::kString:
      return model::StringValue(value.as_string());
    case Kind::kList:
      return SerializeList(value);
    case Kind::kMap:
      return SerializeMap(value);
  }
  return {};
}

}  // namespace weir::pipeline::attributes
