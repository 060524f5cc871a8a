#include "base/config/value.h"

#include "base/check.h"

namespace weir::config {

std::string Position::ToString() const {
  std::string text = source ? *source : std::string();
  if (line > 0) {
    if (!text.empty()) text += ':';
    text += std::to_string(line);
    if (column > 0) text += ':' + std::to_string(column);
  }
  return text;
}

Value Value::OfBool(bool v) {
  Value value;
  value.kind_ = Kind::kBool;
  value.bool_ = v;
  return value;
}

Value Value::OfInt(int64_t v) {
  Value value;
  value.kind_ = Kind::kInt;
  value.int_ = v;
  return value;
}

Value Value::OfFloat(double v) {
  Value value;
  value.kind_ = Kind::kFloat;
  value.float_ = v;
  return value;
}

Value Value::OfString(std::string v) {
  Value value;
  value.kind_ = Kind::kString;
  value.string_ = std::move(v);
  return value;
}

Value Value::OfList(std::vector<Value> v) {
  Value value;
  value.kind_ = Kind::kList;
  value.list_ = std::move(v);
  return value;
}

Value Value::OfMap(std::vector<Member> v) {
  Value value;
  value.kind_ = Kind::kMap;
  value.map_ = std::move(v);
  return value;
}

bool Value::as_bool() const {
  CHECK(kind_ == Kind::kBool) << "a " << GoTypeName() << " read as a boolean";
  return bool_;
}

int64_t Value::as_int() const {
  CHECK(kind_ == Kind::kInt) << "a " << GoTypeName() << " read as an integer";
  return int_;
}

double Value::as_float() const {
  if (kind_ == Kind::kInt) return static_cast<double>(int_);
  CHECK(kind_ == Kind::kFloat) << "a " << GoTypeName() << " read as a number";
  return float_;
}

const std::string& Value::as_string() const {
  CHECK(kind_ == Kind::kString) << "a " << GoTypeName() << " read as a string";
  return string_;
}

const Value* Value::Find(std::string_view key) const {
  if (kind_ != Kind::kMap) return nullptr;
  for (const Member& member : map_) {
    if (member.first == key) return &member.second;
  }
  return nullptr;
}

Value* Value::Find(std::string_view key) {
  return const_cast<Value*>(static_cast<const Value*>(this)->Find(key));
}

std::string_view Value::GoTypeName() const {
  switch (kind_) {
    case Kind::kNull:
      return "<nil>";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kFloat:
      return "float64";
    case Kind::kString:
      return "string";
    case Kind::kList:
      return "[]interface {}";
    case Kind::kMap:
      return "map[string]interface {}";
  }
  return "<nil>";
}

bool operator==(const Value& a, const Value& b) {
  if (a.kind_ != b.kind_) return false;
  switch (a.kind_) {
    case Value::Kind::kNull:
      return true;
    case Value::Kind::kBool:
      return a.bool_ == b.bool_;
    case Value::Kind::kInt:
      return a.int_ == b.int_;
    case Value::Kind::kFloat:
      return a.float_ == b.float_;
    case Value::Kind::kString:
      return a.string_ == b.string_;
    case Value::Kind::kList:
      return a.list_ == b.list_;
    case Value::Kind::kMap:
      break;
  }
  if (a.map_.size() != b.map_.size()) return false;
  for (const auto& [key, value] : a.map_) {
    const Value* other = b.Find(key);
    if (other == nullptr || !(*other == value)) return false;
  }
  return true;
}

}  // namespace weir::config
