#include <charconv>

#include "base/config/decode.h"

namespace weir::config {
namespace {

// The double whose shortest text is the shortest text of this float: 0.001, not
// 0.0010000000474974513.
double ShortestOfFloat32(double value) {
  char text[32];
  const auto written = std::to_chars(text, text + sizeof text, static_cast<float>(value));
  double shortest = value;
  std::from_chars(text, written.ptr, shortest);
  return shortest;
}

class Printer final : public Fields {
 public:
  explicit Printer(bool redact) : redact_(redact) {}
  Value TakeResult() { return std::move(result_); }

 private:
  bool BeginField(std::string_view key, unsigned flags) override {
    pending_.push_back({std::string(key), (flags & kOmitEmpty) != 0});
    Put(Value(), true);
    return true;
  }
  void EndField() override {
    const Pending pending = std::move(pending_.back());
    pending_.pop_back();
    if (pending.omit_empty && zero_) return;
    maps_.back().map().emplace_back(pending.key, std::move(result_));
  }
  void BeginSquash(std::string_view) override {}
  void EndSquash() override {}

  void OnBool(bool& value) override { Put(Value::OfBool(value), !value); }
  void OnInt(int64_t& value, std::string_view) override { Put(Value::OfInt(value), value == 0); }
  void OnFloat(double& value, std::string_view go_type) override {
    Put(Value::OfFloat(go_type == "float32" ? ShortestOfFloat32(value) : value), value == 0);
  }
  void OnString(std::string& value) override { Put(Value::OfString(value), value.empty()); }
  void OnDuration(Duration& value) override {
    Put(Value::OfString(FormatDuration(value)), value.count() == 0);
  }
  void OnSecret(Secret& value) override { Put(SecretText(value), value.empty()); }
  void OnHeaders(HeaderList& value) override {
    std::vector<Value> items;
    items.reserve(value.items.size());
    for (const auto& [name, secret] : value.items) {
      items.push_back(
          Value::OfMap({{"name", Value::OfString(name)}, {"value", SecretText(secret)}}));
    }
    Put(Value::OfList(std::move(items)), value.items.empty());
  }
  void OnAny(Value& value) override { Put(value, value.is_null()); }
  void OnEnum(const EnumRef& value) override {
    Put(value.prints_empty ? Value::OfMap({}) : Value::OfString(value.to_text()), value.is_zero());
  }
  void OnList(const ListRef& list) override {
    std::vector<Value> items;
    for (size_t i = 0; i < list.size(); ++i) {
      list.visit(i, *this);
      items.push_back(std::move(result_));
    }
    const bool empty = items.empty();
    Put(Value::OfList(std::move(items)), empty);
  }
  void OnMap(const MapRef& map) override {
    std::vector<Value::Member> members;
    for (const std::string& key : map.keys()) {
      map.visit(key, *this);
      members.emplace_back(key, std::move(result_));
    }
    const bool empty = members.empty();
    Put(Value::OfMap(std::move(members)), empty);
  }
  bool BeginOptional(const OptionalRef& optional) override {
    Put(Value(), true);
    if (optional.enabled) ++switched_sections_;
    return optional.enabled;
  }
  void EndOptional() override {
    --switched_sections_;
    zero_ = false;
  }
  bool BeginPointer(bool set, const std::function<void(bool)>&) override {
    Put(Value(), true);
    return set;
  }
  void EndPointer() override { zero_ = false; }
  bool BeginStruct(std::string_view) override {
    maps_.push_back(Value::OfMap({}));
    return true;
  }
  void EndStruct() override {
    Value map = std::move(maps_.back());
    maps_.pop_back();
    const bool empty = map.map().empty();
    Put(std::move(map), empty);
  }

  Value SecretText(const Secret& secret) const {
    const bool redact = redact_ || switched_sections_ > 0;
    return Value::OfString(redact ? "[REDACTED]" : secret.reveal());
  }
  void Put(Value value, bool zero) {
    result_ = std::move(value);
    zero_ = zero;
  }

  struct Pending {
    std::string key;
    bool omit_empty;
  };
  const bool redact_;
  // Switched sections around the value at hand. Upstream prints each as a configuration of its own
  // and the wish for plain secrets does not reach it, so they stay hidden there.
  int switched_sections_ = 0;
  std::vector<Pending> pending_;
  std::vector<Value> maps_;
  Value result_;
  bool zero_ = true;
};

}  // namespace

Value Print(const Visitor& visit, bool redact) {
  Printer printer(redact);
  visit(printer);
  return printer.TakeResult();
}

}  // namespace weir::config
