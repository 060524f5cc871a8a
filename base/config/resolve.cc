#include "base/config/resolve.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/config/expand.h"
#include "base/config/yaml.h"

namespace weir::config {
namespace {

bool HasDrive(std::string_view location) {
  return location.size() > 1 && location[1] == ':' &&
         std::isalpha(static_cast<unsigned char>(location[0])) != 0;
}

// Where merging with the gate joins lists.
bool IsJoined(std::string_view path) {
  if (path == "service::extensions") return true;
  if (path.substr(0, 9) != "service::") return false;
  const auto ends = [&](std::string_view tail) {
    return path.size() > tail.size() && path.substr(path.size() - tail.size()) == tail;
  };
  return ends("::receivers") || ends("::exporters");
}

void MergeAt(const Value& from, Value& into, bool append, const std::string& path) {
  for (const auto& [key, value] : from.map()) {
    std::string here = path;
    if (!here.empty()) here += "::";
    here += key;
    Value* old = into.Find(key);
    if (old == nullptr) {
      into.map().emplace_back(key, value);
    } else if (value.is_map() && old->is_map()) {
      MergeAt(value, *old, append, here);
    } else if (append && value.is_list() && old->is_list() && IsJoined(here)) {
      for (const Value& item : value.list()) {
        bool seen = false;
        for (const Value& present : old->list()) seen = seen || present == item;
        if (!seen) old->list().push_back(item);
      }
    } else {
      *old = value;
    }
  }
}

// `a::b: c` at the root means a map in a map.
Value SplitKeys(const Value& root) {
  Value out = Value::OfMap({});
  out.set_position(root.position());
  for (const auto& [key, value] : root.map()) {
    Value member = value;
    std::string rest = key;
    for (size_t at = rest.rfind("::"); at != std::string::npos; at = rest.rfind("::")) {
      const Position position = member.key_position();
      member = Value::OfMap({{rest.substr(at + 2), std::move(member)}});
      member.set_position(position);
      member.set_key_position(position);
      rest.resize(at);
    }
    MergeAt(Value::OfMap({{rest, std::move(member)}}), out, false, {});
  }
  return out;
}

class Loader {
 public:
  Loader(const ResolveEnvironment& environment, Problems& problems)
      : environment_(environment), problems_(problems) {}

  // The map at one location; absent when it was refused.
  std::optional<Value> Load(const std::string& location) {
    std::string uri = location;
    const size_t colon = location.find(':');
    if (colon == std::string::npos || HasDrive(location)) uri = "file:" + location;
    const std::string scheme = uri.substr(0, uri.find(':'));
    if (!IsKnownScheme(scheme)) {
      Refuse({}, "unsupported scheme on URI \"" + uri + "\"", "known: env, file, yaml");
      return std::nullopt;
    }
    Retriever retriever(environment_, problems_);
    const Result<Retrieved> retrieved = retriever.Retrieve(uri, {});
    if (!retrieved) {
      Refuse({}, "cannot retrieve the configuration: " + retrieved.error().message(), {});
      return std::nullopt;
    }
    return AsMap(*retrieved);
  }

 private:
  std::optional<Value> AsMap(const Retrieved& retrieved) {
    const Value& value = retrieved.value;
    if (retrieved.non_string_root_key) {
      Refuse(value.position(),
             "cannot retrieve the configuration: unsupported type=map[interface {}]interface {} "
             "for retrieved config, ensure that values are wrapped in quotes",
             {});
      return std::nullopt;
    }
    if (value.is_null()) return Value::OfMap({});
    if (value.is_map()) return SplitKeys(value);
    std::string text =
        "retrieved value (type=" + std::string(value.GoTypeName()) + ") cannot be used as a Conf";
    Position position = value.position();
    if (retrieved.yaml_error) {
      text += ": assuming string type since contents are not valid YAML: yaml: " +
              retrieved.yaml_error->text;
      position = retrieved.yaml_error->position;
    }
    Refuse(position, std::move(text), {});
    return std::nullopt;
  }
  void Refuse(Position position, std::string text, std::string hint) {
    problems_.AddError(
        {Phase::kResolve, std::move(position), {}, std::move(text), std::move(hint)});
  }

  const ResolveEnvironment& environment_;
  Problems& problems_;
};

Result<std::string> ReadWholeFile(const std::string& path) {
  const auto fail = [&](std::string_view verb, int error) {
    std::string words = std::strerror(error);
    if (!words.empty()) words[0] = static_cast<char>(std::tolower(words[0]));
    return Fail(Status(StatusCode::kNotFound, std::string(verb) + " " + path + ": " + words));
  };
  struct stat info {};
  if (stat(path.empty() ? "." : path.c_str(), &info) != 0) return fail("open", errno);
  if (S_ISDIR(info.st_mode)) {
    return Fail(Status(StatusCode::kNotFound,
                       "read " + (path.empty() ? std::string(".") : path) + ": is a directory"));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail("open", errno);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace

ResolveEnvironment ResolveEnvironment::OfProcess() {
  ResolveEnvironment environment;
  environment.variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
  environment.read_file = ReadWholeFile;
  return environment;
}

Result<std::string> SetLocation(std::string_view set) {
  const auto trimmed = [](std::string_view text) {
    const size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return std::string();
    return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
  };
  const size_t equal = set.find('=');
  if (equal == std::string_view::npos)
    return Fail(Status(StatusCode::kInvalidArgument, "missing equal sign"));
  std::string key;
  for (const char c : trimmed(set.substr(0, equal))) key += c == '.' ? "::" : std::string(1, c);
  return "yaml:" + key + ": " + trimmed(set.substr(equal + 1));
}

void Merge(const Value& from, Value& into) { MergeAt(from, into, false, {}); }

std::optional<Value> Resolve(const ResolveOptions& options, const ResolveEnvironment& environment,
                             Problems& problems) {
  std::vector<std::string> locations = options.locations;
  for (const std::string& set : options.sets) {
    Result<std::string> location = SetLocation(set);
    if (!location) {
      problems.AddError({Phase::kResolve, {}, {}, location.error().message(), {}});
      return std::nullopt;
    }
    locations.push_back(std::move(*location));
  }
  Loader loader(environment, problems);
  Value merged = Value::OfMap({});
  for (const std::string& location : locations) {
    const std::optional<Value> loaded = loader.Load(location);
    if (!loaded) return std::nullopt;
    if (merged.position().line == 0) merged.set_position(loaded->position());
    MergeAt(*loaded, merged, options.merge_append, {});
  }
  Retriever retriever(environment, problems);
  if (!ExpandAll(retriever, merged, problems)) return std::nullopt;
  return merged;
}

}  // namespace weir::config
