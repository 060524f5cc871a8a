#include <algorithm>
#include <optional>

#include "base/config/decode.h"

namespace weir::config {
namespace {

// Walks a struct beside the section it came from, calling Validate. Decides nothing itself but the
// repeated names of a header list.
class Validator final : public Fields {
 public:
  Validator(const Value& section, std::string_view path, Problems& problems)
      : problems_(problems), path_(path), position_(section.position()), section_(&section) {}

 private:
  struct Mark {
    std::string path;
    std::string relative;
    Position position;
    const Value* section;
  };

  bool BeginField(std::string_view key, unsigned) override {
    Enter(key, section_ != nullptr ? section_->Find(key) : nullptr);
    return true;
  }
  void EndField() override { Leave(); }
  void BeginSquash(std::string_view name) override {
    Enter(name, section_);
    starts_.push_back(problems_.errors().size());
  }
  void EndSquash() override {
    OwnFirst();
    Leave();
  }
  bool BeginStruct(std::string_view) override {
    starts_.push_back(problems_.errors().size());
    return true;
  }
  void EndStruct() override { OwnFirst(); }

  void OnBool(bool&) override {}
  void OnInt(int64_t&, std::string_view) override {}
  void OnFloat(double&, std::string_view) override {}
  void OnString(std::string&) override {}
  void OnDuration(Duration&) override {}
  void OnSecret(Secret&) override {}
  void OnAny(Value&) override {}
  void OnEnum(const EnumRef&) override {}

  void OnHeaders(HeaderList& headers) override {
    std::vector<std::string> names, repeated;
    for (const auto& [name, value] : headers.items) {
      const bool seen = std::find(names.begin(), names.end(), name) != names.end();
      const bool told = std::find(repeated.begin(), repeated.end(), name) != repeated.end();
      if (seen && !told) repeated.push_back(name);
      names.push_back(name);
    }
    if (repeated.empty()) return;
    std::string list;
    for (const std::string& name : repeated) list += (list.empty() ? "" : " ") + name;
    checker()->Error("duplicate keys in map-style list: [" + list + "]");
    own_start_.reset();
  }
  void OnList(const ListRef& list) override {
    for (size_t i = 0; i < list.size(); ++i) {
      const bool written =
          section_ != nullptr && section_->is_list() && i < section_->list().size();
      Enter(std::to_string(i), written ? &section_->list()[i] : nullptr);
      list.visit(i, *this);
      Leave();
    }
  }
  void OnMap(const MapRef& map) override {
    for (const std::string& key : map.keys()) {
      Enter(key, section_ != nullptr ? section_->Find(key) : nullptr);
      map.visit(key, *this);
      Leave();
    }
  }
  bool BeginOptional(const OptionalRef& optional) override {
    if (!optional.enabled) return false;
    scopes_.push_back({prefix_, relative_, in_scope_});
    if (in_scope_) {
      if (!relative_.empty()) prefix_ += relative_ + ": ";
    } else {
      scope_path_ = path_;
    }
    in_scope_ = true;
    relative_.clear();
    return true;
  }
  void EndOptional() override {
    prefix_ = std::move(scopes_.back().prefix);
    relative_ = std::move(scopes_.back().relative);
    in_scope_ = scopes_.back().in_scope;
    scopes_.pop_back();
  }
  bool BeginPointer(bool set, const std::function<void(bool)>&) override { return set; }
  void EndPointer() override {}

  const Checker* checker() override {
    // What the structs inside found stands behind what this one is about to say.
    if (!starts_.empty()) own_start_ = problems_.errors().size();
    if (in_scope_) {
      checker_.emplace(problems_, scope_path_, position_,
                       prefix_ + (relative_.empty() ? std::string() : relative_ + ": "));
    } else {
      checker_.emplace(problems_, path_, position_);
    }
    return &*checker_;
  }

  void OwnFirst() {
    const size_t start = starts_.back();
    starts_.pop_back();
    if (!own_start_) return;
    std::vector<Problem>& errors = problems_.mutable_errors();
    if (*own_start_ >= start && *own_start_ <= errors.size()) {
      std::rotate(errors.begin() + static_cast<ptrdiff_t>(start),
                  errors.begin() + static_cast<ptrdiff_t>(*own_start_), errors.end());
    }
    own_start_.reset();
  }

  void Enter(std::string_view key, const Value* section) {
    marks_.push_back({path_, relative_, position_, section_});
    path_ += "::" + std::string(key);
    relative_ += (relative_.empty() ? "" : "::") + std::string(key);
    if (section != nullptr && section != section_) {
      position_ = section->key_position().line > 0 ? section->key_position() : section->position();
    }
    section_ = section;
  }
  void Leave() {
    path_ = std::move(marks_.back().path);
    relative_ = std::move(marks_.back().relative);
    position_ = std::move(marks_.back().position);
    section_ = marks_.back().section;
    marks_.pop_back();
  }

  struct Scope {
    std::string prefix;
    std::string relative;
    bool in_scope;
  };

  Problems& problems_;
  std::string path_;
  std::string relative_;    // within the innermost switched section
  std::string prefix_;      // of the switched sections around it
  std::string scope_path_;  // of the outermost switched section
  bool in_scope_ = false;
  Position position_;
  const Value* section_;
  std::vector<Mark> marks_;
  std::vector<Scope> scopes_;
  std::vector<size_t> starts_;
  std::optional<size_t> own_start_;
  std::optional<Checker> checker_;
};

}  // namespace

void Validate(const Value& section, std::string_view path, const Visitor& visit,
              Problems& problems) {
  Validator validator(section, path, problems);
  visit(validator);
}

}  // namespace weir::config
