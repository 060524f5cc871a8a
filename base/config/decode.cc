#include "base/config/decode.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

namespace weir::config {
namespace {

// reflect.Kind of a value, in the sentences that speak of kinds.
std::string_view KindOf(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "invalid";
    case Value::Kind::kBool:
      return "bool";
    case Value::Kind::kInt:
      return "int";
    case Value::Kind::kFloat:
      return "float64";
    case Value::Kind::kString:
      return "string";
    case Value::Kind::kList:
      return "slice";
    case Value::Kind::kMap:
      return "map";
  }
  return "invalid";
}

std::string Quoted(std::string_view name) { return "'" + std::string(name) + "' "; }

std::string ScalarWord(const Value& value) {
  if (!value.text().empty()) return value.text();
  if (value.kind() == Value::Kind::kInt) return std::to_string(value.as_int());
  return std::string(KindOf(value));
}

class Decoder final : public Fields {
 public:
  Decoder(const Value& section, std::string_view path, Problems& problems)
      : problems_(problems), current_(&section), full_path_(path) {}

 private:
  // One map whose keys are being taken: a struct, with the structs squashed into it.
  struct Level {
    const Value* map;
    std::string type_name;
    bool hide_enabled;
    std::set<std::string, std::less<>> known;
  };
  // How far the two paths were, to go back.
  struct Mark {
    size_t full;
    std::string name;
    const Value* current;
  };

  bool BeginField(std::string_view key, unsigned) override {
    Level& level = levels_.back();
    if (level.hide_enabled && key == "enabled") return false;
    level.known.emplace(key);
    const Value* found = level.map->Find(key);
    if (found == nullptr) return false;
    Enter(full_path_ + "::" + std::string(key),
          name_.empty() ? std::string(key) : name_ + "." + std::string(key), found);
    return true;
  }
  void EndField() override { Leave(); }
  bool decoding() const override { return true; }
  void BeginSquash(std::string_view) override {}
  void EndSquash() override {}

  void OnBool(bool& value) override {
    if (current_->is_null()) {
      value = false;
    } else if (current_->kind() == Value::Kind::kBool) {
      value = current_->as_bool();
    } else {
      Unconvertible("bool");
    }
  }

  void OnInt(int64_t& value, std::string_view go_type) override {
    if (current_->is_null()) {
      value = 0;
      return;
    }
    const bool is_unsigned = go_type.substr(0, 4) == "uint";
    if (current_->kind() == Value::Kind::kInt) {
      const int64_t number = current_->as_int();
      if (is_unsigned && number < 0 && current_->text().substr(0, 1) == "-") {
        Error("cannot parse value as '" + std::string(go_type) + "': " + std::to_string(number) +
              " overflows uint");
        return;
      }
      value = number;
    } else if (current_->kind() == Value::Kind::kFloat) {
      CutFloat(current_->as_float(), is_unsigned, go_type, value);
    } else {
      Unconvertible(go_type);
    }
  }

  void OnFloat(double& value, std::string_view go_type) override {
    if (current_->is_null()) {
      value = 0;
    } else if (current_->kind() == Value::Kind::kInt || current_->kind() == Value::Kind::kFloat) {
      value = current_->as_float();
    } else {
      Unconvertible(go_type);
    }
  }

  void OnString(std::string& value) override { TakeText("string", value); }

  void OnDuration(Duration& value) override {
    if (current_->is_null()) {
      value = Duration(0);
    } else if (current_->kind() == Value::Kind::kInt) {
      value = Duration(current_->as_int());
    } else if (current_->kind() == Value::Kind::kFloat) {
      int64_t nanos = value.count();
      CutFloat(current_->as_float(), false, "time.Duration", nanos);
      value = Duration(nanos);
    } else if (current_->is_string()) {
      std::string error;
      if (!ParseDuration(current_->as_string(), &value, &error)) {
        Error(error, "`" + current_->as_string() + "` is no duration; write 300ms, 5s, 1m30s, 2h");
      }
    } else {
      Unconvertible("time.Duration");
    }
  }

  void OnSecret(Secret& value) override {
    std::string text = value.reveal();
    TakeText("configopaque.String", text);
    value = Secret(std::move(text));
  }

  void OnHeaders(HeaderList& value) override {
    if (current_->is_null()) {
      value.items.clear();
    } else if (current_->is_map()) {
      value.items.clear();
      for (const auto& [key, text] : current_->map()) {
        Enter(full_path_ + "::" + key, "[" + key + "]", &text);
        Secret secret;
        OnSecret(secret);
        value.items.emplace_back(key, std::move(secret));
        Leave();
      }
      std::sort(value.items.begin(), value.items.end(),
                [](const auto& a, const auto& b) { return a.first < b.first; });
    } else if (current_->is_list()) {
      TakeHeaderItems(value);
    } else {
      Error("source data must be an array or slice, got " + std::string(KindOf(*current_)));
    }
  }

  void OnAny(Value& value) override { value = *current_; }

  void OnEnum(const EnumRef& value) override {
    std::string text;
    if (current_->expanded()) {
      text = current_->text();
    } else if (current_->is_string()) {
      text = current_->as_string();
    } else if (current_->is_null()) {
      std::string ignored;
      value.from_text("", &ignored);
      return;
    } else if (value.go_type == "component.ID" ||
               value.go_type == "exporterhelper.RequestSizerType") {
      RefuseIdentifier(value.go_type);
      return;
    } else {
      Unconvertible(value.go_type);
      return;
    }
    std::string error;
    if (!value.from_text(text, &error)) Error(std::move(error));
  }

  void OnList(const ListRef& list) override {
    if (current_->is_null()) {
      list.resize(0);
      return;
    }
    if (!current_->is_list()) {
      Error("source data must be an array or slice, got " + std::string(KindOf(*current_)));
      return;
    }
    const std::vector<Value>& items = current_->list();
    list.resize(0);
    list.resize(items.size());
    for (size_t i = 0; i < items.size(); ++i) {
      const std::string index = std::to_string(i);
      Enter(full_path_ + "::" + index, name_ + "[" + index + "]", &items[i]);
      list.visit(i, *this);
      Leave();
    }
  }

  void OnMap(const MapRef& map) override {
    if (current_->is_null()) {
      map.clear();
      return;
    }
    if (!current_->is_map()) {
      Unconvertible(map.go_type);
      return;
    }
    for (const auto& [key, item] : current_->map()) {
      Enter(full_path_ + "::" + key, name_ + "[" + key + "]", &item);
      map.visit(key, *this);
      Leave();
    }
  }

  bool BeginOptional(const OptionalRef& optional) override {
    if (current_->is_null()) {
      if (optional.on_null == OnNull::kOn) optional.set_enabled(true);
      return false;
    }
    const std::string outer = Quoted(name_);
    name_before_optional_.push_back(std::exchange(name_, std::string()));
    if (!current_->is_map()) {
      RefuseStruct({}, outer);
      name_ = std::move(name_before_optional_.back());
      name_before_optional_.pop_back();
      return false;
    }
    bool enabled = true;
    if (const Value* written = current_->Find("enabled"); written != nullptr) {
      if (written->kind() == Value::Kind::kBool) {
        enabled = written->as_bool();
      } else {
        ErrorAt(written->position(),
                outer + "unexpected type " + std::string(written->GoTypeName()) +
                    " for 'enabled': got '" + ScalarWord(*written) +
                    "' value expected 'true' or 'false'",
                {});
      }
    }
    optional.set_enabled(enabled);
    hide_enabled_ = true;
    return true;
  }
  void EndOptional() override {
    name_ = std::move(name_before_optional_.back());
    name_before_optional_.pop_back();
    hide_enabled_ = false;
  }

  bool BeginPointer(bool, const std::function<void(bool)>& set_present) override {
    if (current_->is_null()) {
      set_present(false);
      return false;
    }
    set_present(true);
    return true;
  }
  void EndPointer() override {}

  bool BeginStruct(std::string_view type_name) override {
    const bool hide_enabled = std::exchange(hide_enabled_, false);
    if (current_->is_null()) {
      static const Value kEmpty = Value::OfMap({});
      levels_.push_back({&kEmpty, std::string(type_name), hide_enabled, {}});
      return true;
    }
    if (!current_->is_map()) {
      RefuseStruct(type_name);
      return false;
    }
    levels_.push_back({current_, std::string(type_name), hide_enabled, {}});
    return true;
  }

  void EndStruct() override {
    const Level level = std::move(levels_.back());
    levels_.pop_back();
    std::vector<std::string> unknown;
    Position position;
    for (const auto& [key, value] : level.map->map()) {
      if (level.known.count(key) > 0 || (level.hide_enabled && key == "enabled")) continue;
      if (unknown.empty()) position = value.key_position();
      unknown.push_back(key);
    }
    if (unknown.empty()) return;
    const std::string first = unknown.front();
    std::sort(unknown.begin(), unknown.end());
    std::string keys;
    for (const std::string& key : unknown) keys += (keys.empty() ? "" : ", ") + key;
    std::string name = name_.empty() ? level.type_name : name_;
    if (name.empty() && level.known.empty()) name = "struct {}";
    problems_.AddError({Phase::kDecode, position, full_path_,
                        Quoted(name) + "has invalid keys: " + keys,
                        NearestHint(first, {level.known.begin(), level.known.end()})});
  }

  const Value* decoded_from() override { return levels_.back().map; }
  const Checker* decode_checker() override {
    decode_checker_.emplace(problems_, full_path_, current_->position(), Quoted(name_),
                            Phase::kDecode);
    return &*decode_checker_;
  }

  void TakeHeaderItems(HeaderList& value) {
    struct Item {
      std::string name;
      Secret value;
      void Fields(config::Fields& f) {
        f("name", name);
        f("value", value);
      }
    };
    value.items.clear();
    size_t index = 0;
    for (const Value& written : current_->list()) {
      const std::string number = std::to_string(index++);
      Enter(full_path_ + "::" + number, name_ + "[" + number + "]", &written);
      Item item;
      Visit(item);
      value.items.emplace_back(std::move(item.name), std::move(item.value));
      Leave();
    }
  }

  void TakeText(std::string_view go_type, std::string& value) {
    if (current_->expanded()) {
      value = current_->text();
    } else if (current_->is_null()) {
      value.clear();
    } else if (current_->is_string()) {
      value = current_->as_string();
    } else {
      Unconvertible(go_type);
    }
  }

  // Go's conversion: cut towards zero; what does not fit is its smallest number.
  void CutFloat(double number, bool is_unsigned, std::string_view go_type, int64_t& value) {
    if (is_unsigned && number < 0) {
      Error("cannot parse value as '" + std::string(go_type) + "': " + std::to_string(number) +
            " overflows uint");
    } else if (number >= -9223372036854775808.0 && number < 9223372036854775808.0) {
      value = static_cast<int64_t>(number);
    } else {
      value = std::numeric_limits<int64_t>::min();
    }
  }

  void Enter(std::string full, std::string name, const Value* value) {
    marks_.push_back({full_path_.size(), std::move(name_), current_});
    full_path_ = std::move(full);
    name_ = std::move(name);
    current_ = value;
  }
  void Leave() {
    full_path_.resize(marks_.back().full);
    name_ = std::move(marks_.back().name);
    current_ = marks_.back().current;
    marks_.pop_back();
  }

  void Unconvertible(std::string_view go_type) {
    Error("expected type '" + std::string(go_type) + "', got unconvertible type '" +
          std::string(current_->GoTypeName()) + "'");
  }
  // Upstream a struct without keys stands behind the text.
  void RefuseIdentifier(std::string_view type_name) {
    if (!current_->is_map()) {
      RefuseStruct(type_name);
      return;
    }
    std::set<std::string> keys;
    for (const auto& [key, value] : current_->map()) keys.insert(key);
    std::string list;
    for (const std::string& key : keys) list += (list.empty() ? "" : ", ") + key;
    if (!keys.empty()) Error("has invalid keys: " + list);
  }
  void RefuseStruct(std::string_view type_name, const std::string& outer = {}) {
    ErrorAt(current_->position(),
            outer + Quoted(name_.empty() ? type_name : name_) + "expected a map or struct, got \"" +
                std::string(KindOf(*current_)) + "\"",
            {});
  }
  void Error(std::string text, std::string hint = {}) {
    ErrorAt(current_->position(), Quoted(name_) + std::move(text), std::move(hint));
  }
  void ErrorAt(Position position, std::string text, std::string hint) {
    problems_.AddError(
        {Phase::kDecode, std::move(position), full_path_, std::move(text), std::move(hint)});
  }

  Problems& problems_;
  const Value* current_;
  std::string full_path_;  // "exporters::otlp_grpc::sending_queue"
  std::string name_;       // within the innermost switched section: "actions[0].key"
  std::vector<Mark> marks_;
  std::vector<Level> levels_;
  std::vector<std::string> name_before_optional_;
  bool hide_enabled_ = false;
  std::optional<Checker> decode_checker_;
};

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replace});
    }
  }
  return row[b.size()];
}

}  // namespace

void Decode(const Value& section, std::string_view path, const Visitor& visit, Problems& problems) {
  Decoder decoder(section, path, problems);
  visit(decoder);
}

std::string Nearest(std::string_view name, const std::vector<std::string>& known) {
  if (name.size() > 128) return {};
  std::string best;
  size_t best_distance = (name.size() < 4 ? 1 : std::max<size_t>(2, name.size() / 3)) + 1;
  for (const std::string& candidate : known) {
    const size_t distance = EditDistance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string NearestHint(std::string_view name, std::vector<std::string> known) {
  if (const std::string nearest = Nearest(name, known); !nearest.empty())
    return "did you mean `" + nearest + "`?";
  std::sort(known.begin(), known.end());
  std::string hint;
  for (const std::string& key : known) hint += (hint.empty() ? "known: " : ", ") + key;
  return hint;
}

}  // namespace weir::config
