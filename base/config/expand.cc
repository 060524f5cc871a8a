#include "base/config/expand.h"

#include <algorithm>
#include <cctype>

namespace weir::config {
namespace {

constexpr int kRoundsMax = 1000;
// All text that the references of one value may bring, together: one that holds itself would fill
// the memory, or take minutes, long before the rounds end.
constexpr size_t kTextBytesMax = size_t{16} << 20;

bool IsSchemeChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '.' || c == '-';
}

// Length of the scheme in front of ':', or 0 when the text does not begin with one.
size_t SchemeLength(std::string_view uri) {
  const size_t colon = uri.find(':');
  if (colon == std::string_view::npos || colon < 2) return 0;
  if (std::isalpha(static_cast<unsigned char>(uri[0])) == 0) return 0;
  const std::string_view scheme = uri.substr(0, colon);
  return std::all_of(scheme.begin(), scheme.end(), IsSchemeChar) ? colon : 0;
}

bool IsVariableName(std::string_view name) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
}

Retrieved FromText(std::string text, std::string_view source) {
  YamlResult parsed = ParseYaml(text, std::make_shared<const std::string>(source));
  Retrieved retrieved;
  if (!parsed.value) {
    retrieved.value = Value::OfString(text);
    retrieved.yaml_error = std::move(parsed.error);
  } else if (parsed.value->is_string()) {
    retrieved.value = Value::OfString(text);
    retrieved.value.set_position(parsed.value->position());
  } else {
    retrieved.value = std::move(*parsed.value);
    retrieved.non_string_root_key = parsed.non_string_root_key;
  }
  retrieved.text = std::move(text);
  return retrieved;
}

// The first reference to expand in `input`, with its `${` and `}`: the innermost that ends first.
// Empty when there is none, or when the first is escaped by an odd number of `$` before it.
std::string_view FindReference(std::string_view input) {
  while (true) {
    const size_t close = input.find('}');
    if (close == std::string_view::npos) return {};
    const size_t open = input.substr(0, close + 1).rfind("${");
    if (open == std::string_view::npos) {
      input.remove_prefix(close + 1);
      continue;
    }
    size_t dollars = 0;
    while (dollars < open && input[open - 1 - dollars] == '$') ++dollars;
    if (dollars % 2 == 1) return {};
    return input.substr(open, close + 1 - open);
  }
}

std::string ReplaceEvery(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (size_t at = text.find(from); at != std::string_view::npos; at = text.find(from)) {
    out.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
  }
  return out.append(text);
}

class Expander {
 public:
  Expander(Retriever& retriever, Problems& problems) : retriever_(retriever), problems_(problems) {}

  bool ExpandFully(Value& value) {
    text_bytes_ = 0;
    for (int round = 0; round < kRoundsMax; ++round) {
      bool changed = false;
      if (!Expand(value, &changed)) return false;
      if (!changed) return true;
    }
    return Refuse(value.position(), "too many recursive expansions");
  }

 private:
  // One round. The position of a reference is kept by what replaces it.
  bool Expand(Value& value, bool* changed) {
    if (value.is_string()) return ExpandText(value, changed);
    for (Value& item : value.list()) {
      if (!Expand(item, changed)) return false;
    }
    for (auto& [key, item] : value.map()) {
      if (!Expand(item, changed)) return false;
    }
    if (value.expanded() && *changed) return ExpandOriginal(value, changed);
    return true;
  }

  bool ExpandOriginal(Value& value, bool* changed) {
    Value text = Value::OfString(value.text());
    Problems ignored;
    Expander quiet(retriever_, ignored);
    const bool understood = quiet.ExpandText(text, changed);
    text_bytes_ += quiet.text_bytes_;
    if (!understood) {
      value.set_expanded(false);
    } else if (text.is_string() || text.expanded()) {
      value.set_text(text.expanded() ? text.text() : text.as_string());
    } else {
      value.set_expanded(false);
    }
    return true;
  }

  bool ExpandText(Value& value, bool* changed) {
    const std::string input = value.as_string();
    const std::string reference(FindReference(input));
    if (reference.empty()) return true;
    Result<Retrieved> retrieved = Follow(reference, value.position());
    if (!retrieved) return Refuse(value.position(), retrieved.error().message());
    *changed = true;
    text_bytes_ += input.size() + retrieved->text.size();
    if (text_bytes_ > kTextBytesMax)
      return Refuse(value.position(), "too many recursive expansions");
    const Position position = value.position();
    const Position key_position = value.key_position();
    if (reference == input) {
      value = std::move(retrieved->value);
      value.set_text(std::move(retrieved->text));
      value.set_expanded(true);
    } else {
      value = Value::OfString(ReplaceEvery(input, reference, retrieved->text));
    }
    value.set_position(position);
    value.set_key_position(key_position);
    return true;
  }

  Result<Retrieved> Follow(const std::string& reference, const Position& position) {
    std::string uri = reference.substr(2, reference.size() - 3);
    if (uri.find(':') == std::string::npos) uri = "env:" + uri;
    const auto fail = [](std::string text) {
      return Fail(Status(StatusCode::kInvalidArgument, std::move(text)));
    };
    const size_t scheme = SchemeLength(uri);
    if (scheme == 0) return fail("invalid uri: \"" + uri + "\"");
    if (uri.find('$', scheme) != std::string::npos)
      return fail("the uri \"" + uri + "\" contains unsupported characters ('$')");
    if (!IsKnownScheme(uri.substr(0, scheme)))
      return fail("scheme \"" + uri.substr(0, scheme) + "\" is not supported for uri \"" + uri +
                  "\"");
    return retriever_.Retrieve(uri, position);
  }

  bool Refuse(Position position, std::string text) {
    problems_.AddError({Phase::kResolve, std::move(position), {}, std::move(text), {}});
    return false;
  }

  Retriever& retriever_;
  Problems& problems_;
  size_t text_bytes_ = 0;  // brought by references since ExpandFully began
};

void UnescapeDollars(Value& value) {
  if (value.is_string()) {
    if (value.as_string().find("$$") != std::string::npos || value.expanded()) {
      Value plain = Value::OfString(ReplaceEvery(value.as_string(), "$$", "$"));
      plain.set_position(value.position());
      plain.set_key_position(value.key_position());
      plain.set_text(ReplaceEvery(value.text(), "$$", "$"));
      plain.set_expanded(value.expanded());
      value = std::move(plain);
    }
    return;
  }
  if (value.expanded()) value.set_text(ReplaceEvery(value.text(), "$$", "$"));
  for (Value& item : value.list()) UnescapeDollars(item);
  for (auto& [key, item] : value.map()) UnescapeDollars(item);
}

}  // namespace

bool IsKnownScheme(std::string_view scheme) {
  return scheme == "file" || scheme == "env" || scheme == "yaml" || scheme == "http" ||
         scheme == "https";
}

Result<Retrieved> Retriever::Retrieve(const std::string& uri, const Position& position) {
  const size_t colon = uri.find(':');
  const std::string scheme = uri.substr(0, colon);
  const std::string rest = uri.substr(colon + 1);
  if (scheme == "env") return FromEnvironment(rest, position);
  if (scheme == "yaml") return FromText(rest, uri.size() > 60 ? "yaml:" : uri);
  if (scheme == "file") {
    Result<std::string> content = environment_.read_file(rest);
    if (!content) {
      return Fail(Status(StatusCode::kNotFound,
                         "unable to read the file " + uri + ": " + content.error().message()));
    }
    return FromText(std::move(*content), rest);
  }
  return Fail(Status(StatusCode::kUnimplemented,
                     "unable to download the file via HTTP GET for uri \"" + uri +
                         "\": configurations over http are not supported; use a file"));
}

Result<Retrieved> Retriever::FromEnvironment(const std::string& reference,
                                             const Position& position) {
  const size_t split = reference.find(":-");
  const std::string name = reference.substr(0, split);
  if (!IsVariableName(name)) {
    return Fail(Status(StatusCode::kInvalidArgument,
                       "environment variable \"" + name +
                           "\" has invalid name: must match regex ^[a-zA-Z_][a-zA-Z0-9_]*$"));
  }
  std::optional<std::string> value = environment_.variable(name);
  if (!value && split != std::string::npos) {
    value = reference.substr(split + 2);
  } else if (!value) {
    problems_.AddWarning({Phase::kResolve,
                          position,
                          {},
                          "Configuration references unset environment variable",
                          name});
    value.emplace();
  }
  return FromText(std::move(*value), "env:" + name);
}

bool ExpandAll(Retriever& retriever, Value& value, Problems& problems) {
  Expander expander(retriever, problems);
  // Members one by one, so that one long chain of references does not walk the whole again.
  if (value.is_map()) {
    for (auto& [key, member] : value.map()) {
      if (!expander.ExpandFully(member)) return false;
    }
  } else if (!expander.ExpandFully(value)) {
    return false;
  }
  UnescapeDollars(value);
  return true;
}

}  // namespace weir::config
