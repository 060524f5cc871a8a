#include "base/config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace weir::config {
namespace {

// Leaves the parser's callbacks; caught at the door.
struct Refusal {
  YamlError error;
};

struct Extent {
  size_t values = 1;
  size_t depth = 1;
};

Extent Measure(const Value& value) {
  Extent extent;
  const auto add = [&](const Value& child) {
    const Extent inner = Measure(child);
    extent.values += inner.values;
    extent.depth = std::max(extent.depth, inner.depth + 1);
  };
  for (const Value& item : value.list()) add(item);
  for (const auto& [key, item] : value.map()) add(item);
  return extent;
}

// What Go prints for a key that is no string.
std::string KeyText(const Value& key) {
  switch (key.kind()) {
    case Value::Kind::kNull:
      return "<nil>";
    case Value::Kind::kBool:
      return key.as_bool() ? "true" : "false";
    case Value::Kind::kInt:
      return std::to_string(key.as_int());
    case Value::Kind::kString:
      return key.as_string();
    default:
      return key.text();
  }
}

class Builder final : public YAML::EventHandler {
 public:
  Builder(std::shared_ptr<const std::string> source, const YamlLimits& limits)
      : source_(std::move(source)), limits_(limits) {}

  std::optional<Value> result;
  bool non_string_root_key = false;
  size_t last_scalar = 0;  // where the text of the last scalar begins

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Finish(At(mark, Value()), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) Refuse(mark, "anchor contains itself");
    const Extent extent = Measure(found->second);
    values_ += extent.values;
    if (stack_.size() + extent.depth > limits_.depth_max) Refuse(mark, "exceeded max depth");
    CheckCount(mark);
    Value value = found->second;
    Finish(At(mark, std::move(value)), 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    plain_merge_ = text == "<<" && (tag == "?" || tag.empty());
    last_scalar = static_cast<size_t>(mark.pos);
    Finish(At(mark, Scalar(tag, text)), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, Value::OfList({}), anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(mark, Value::OfMap({}), anchor);
  }
  void OnMapEnd() override {
    ApplyMerges(stack_.back());
    Close();
  }

 private:
  struct Frame {
    Value value;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    bool key_is_merge = false;
    Value key;
    std::vector<Value> merges;
    std::map<std::string, int> key_lines;
  };

  [[noreturn]] void Refuse(const YAML::Mark& mark, std::string text) const {
    throw Refusal{{PositionOf(mark), std::move(text)}};
  }
  Position PositionOf(const YAML::Mark& mark) const {
    return {source_, mark.line + 1, mark.column + 1};
  }
  Value At(const YAML::Mark& mark, Value value) const {
    value.set_position(PositionOf(mark));
    return value;
  }
  void CheckCount(const YAML::Mark& mark) const {
    if (values_ > limits_.values_max) Refuse(mark, "document contains excessive aliasing");
  }

  static Value Scalar(const std::string& tag, const std::string& text) {
    if (tag == "?" || tag.empty()) return ResolveScalar(text);
    if (tag == "tag:yaml.org,2002:int" || tag == "tag:yaml.org,2002:float" ||
        tag == "tag:yaml.org,2002:bool" || tag == "tag:yaml.org,2002:null")
      return ResolveScalar(text);
    Value value = Value::OfString(text);
    value.set_text(text);
    return value;
  }

  void Open(const YAML::Mark& mark, Value value, YAML::anchor_t anchor) {
    ++values_;
    CheckCount(mark);
    if (stack_.size() >= limits_.depth_max) Refuse(mark, "exceeded max depth");
    Frame frame;
    frame.value = At(mark, std::move(value));
    frame.anchor = anchor;
    stack_.push_back(std::move(frame));
  }

  void Close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    plain_merge_ = false;
    --values_;  // counted when it was opened
    Finish(std::move(frame.value), frame.anchor);
  }

  // A value is complete: it is the root, an item, a key or a member.
  void Finish(Value value, YAML::anchor_t anchor) {
    const bool merge = std::exchange(plain_merge_, false);
    ++values_;
    if (anchor != 0) anchors_[anchor] = value;
    if (stack_.empty()) {
      result = std::move(value);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.value.is_list()) {
      frame.value.list().push_back(std::move(value));
    } else if (!frame.has_key) {
      TakeKey(frame, std::move(value), merge);
    } else {
      TakeMember(frame, std::move(value));
    }
  }

  void TakeKey(Frame& frame, Value key, bool merge) {
    if (key.is_list() || key.is_map()) {
      throw Refusal{{key.position(), "invalid map key: a list or map"}};
    }
    if (!key.is_string() && stack_.size() == 1) non_string_root_key = true;
    frame.key_is_merge = merge;
    frame.has_key = true;
    frame.key = std::move(key);
  }

  void TakeMember(Frame& frame, Value value) {
    frame.has_key = false;
    if (frame.key_is_merge) {
      CollectMerge(frame, std::move(value));
      return;
    }
    const Position& at = frame.key.position();
    std::string key = KeyText(frame.key);
    const auto [first, added] = frame.key_lines.emplace(key, at.line);
    if (!added) {
      throw Refusal{{at, "unmarshal errors:\n  line " + std::to_string(at.line) +
                             ": mapping key \"" + key + "\" already defined at line " +
                             std::to_string(first->second)}};
    }
    value.set_key_position(at);
    frame.value.map().emplace_back(std::move(key), std::move(value));
  }

  static void CollectMerge(Frame& frame, Value value) {
    const auto refuse = [&] {
      throw Refusal{
          {frame.key.position(), "map merge requires map or sequence of maps as the value"}};
    };
    if (value.is_map()) {
      frame.merges.push_back(std::move(value));
    } else if (value.is_list()) {
      for (Value& item : value.list()) {
        if (!item.is_map()) refuse();
        frame.merges.push_back(std::move(item));
      }
    } else {
      refuse();
    }
  }

  // Written keys win; of several merged maps the first.
  static void ApplyMerges(Frame& frame) {
    for (Value& merged : frame.merges) {
      for (auto& [key, value] : merged.map()) {
        if (frame.value.Find(key) == nullptr) frame.value.map().emplace_back(key, value);
      }
    }
  }

  const std::shared_ptr<const std::string> source_;
  const YamlLimits& limits_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, Value> anchors_;
  size_t values_ = 0;
  bool plain_merge_ = false;
};

// Whether the quoted scalar at `begin` is never closed: the library takes the end of the text for
// its end. False when nothing quoted stands there.
bool EndsInsideQuotes(std::string_view text, size_t begin) {
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  if (begin >= text.size()) return false;
  const char quote = text[begin];
  if (quote != '"' && quote != '\'') return false;
  for (size_t i = begin + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) return false;
      ++i;
    }
  }
  return true;
}

YamlResult Failure(Position position, std::string text) {
  YamlResult result;
  result.error.position = std::move(position);
  result.error.text = std::move(text);
  return result;
}

}  // namespace

YamlResult ParseYaml(std::string_view text, std::shared_ptr<const std::string> source,
                     const YamlLimits& limits) {
  if (text.size() > limits.text_bytes_max) {
    return Failure({source, 0, 0},
                   "text is longer than " + std::to_string(limits.text_bytes_max) + " bytes");
  }
  Builder builder(source, limits);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
  } catch (const Refusal& refusal) {
    return Failure(refusal.error.position, refusal.error.text);
  } catch (const YAML::Exception& e) {
    Position position{source, e.mark.is_null() ? 0 : e.mark.line + 1,
                      e.mark.is_null() ? 0 : e.mark.column + 1};
    std::string words = e.msg;
    if (position.line > 0) words.insert(0, "line " + std::to_string(position.line) + ": ");
    return Failure(std::move(position), std::move(words));
  } catch (const std::exception& e) {
    return Failure({source, 0, 0}, e.what());
  }
  if (EndsInsideQuotes(text, builder.last_scalar)) {
    const auto line = 1 + std::count(text.begin(), text.end(), '\n');
    return Failure({source, static_cast<int>(line), 1},
                   "line " + std::to_string(line) + ": found unexpected end of stream");
  }
  YamlResult result;
  result.value = builder.result ? std::move(*builder.result) : Value();
  result.non_string_root_key = builder.non_string_root_key;
  return result;
}

}  // namespace weir::config
