// A configuration as read: YAML values that remember where they stand and how they were written.
//
// The position makes errors useful (`weir.yaml:12:5: ...`); the original text keeps the Collector's
// rule that
// `${env:N}` with N=0123 is "0123" for a string and 83 for an integer. Plain data, copied freely;
// the one door to yaml-cpp is base/config/yaml.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::config {

// Where a value was written. `source` is a file name, "env:X", "--set", ...; line and column count
// from 1, 0 = unknown.
struct Position {
  std::shared_ptr<const std::string> source;
  int line = 0;
  int column = 0;

  std::string ToString() const;  // "file:line:column", as much of it as is known
};

class Value {
 public:
  enum class Kind : uint8_t { kNull, kBool, kInt, kFloat, kString, kList, kMap };
  using Member = std::pair<std::string, Value>;

  Value() = default;  // null
  static Value OfBool(bool v);
  static Value OfInt(int64_t v);
  static Value OfFloat(double v);
  static Value OfString(std::string v);
  static Value OfList(std::vector<Value> v);
  static Value OfMap(std::vector<Member> v);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_map() const { return kind_ == Kind::kMap; }
  bool is_list() const { return kind_ == Kind::kList; }
  bool is_string() const { return kind_ == Kind::kString; }

  // Each requires the kind; as_float also takes an integer.
  bool as_bool() const;
  int64_t as_int() const;
  double as_float() const;
  const std::string& as_string() const;
  const std::vector<Value>& list() const { return list_; }
  std::vector<Value>& list() { return list_; }
  const std::vector<Member>& map() const { return map_; }  // in file order, keys unique
  std::vector<Member>& map() { return map_; }

  // The member `key` of a map; null pointer when absent or not a map.
  const Value* Find(std::string_view key) const;
  Value* Find(std::string_view key);

  // The text this scalar was written as ("0123"); empty when it was not read from text. Of an
  // expanded value (below) it is the whole text that came for the reference, whatever its kind.
  const std::string& text() const { return text_; }
  void set_text(std::string text) { text_ = std::move(text); }
  // The value of a `${...}` that stood alone: a string field takes text(), any other the value.
  bool expanded() const { return expanded_; }
  void set_expanded(bool expanded) { expanded_ = expanded; }
  const Position& position() const { return position_; }
  void set_position(Position position) { position_ = std::move(position); }
  // Of the key in front of this value, when it is a map's member; for "unknown key" errors.
  const Position& key_position() const { return key_position_; }
  void set_key_position(Position position) { key_position_ = std::move(position); }

  // The name Go gives this value's type in errors: "string", "int", "bool", "float64", "[]interface
  // {}", "map[string]interface {}", "<nil>".
  std::string_view GoTypeName() const;

  // Equality of content, positions ignored.
  friend bool operator==(const Value& a, const Value& b);

 private:
  Kind kind_ = Kind::kNull;
  bool bool_ = false;
  bool expanded_ = false;
  int64_t int_ = 0;
  double float_ = 0;
  std::string string_;
  std::vector<Value> list_;
  std::vector<Member> map_;
  std::string text_;
  Position position_;
  Position key_position_;
};

}  // namespace weir::config
