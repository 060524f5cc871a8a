#include "tests/config/case.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/components.h"
#include "app/config/command_line.h"
#include "app/graph_spec.h"
#include "base/config/yaml.h"
#include "pipeline/registry.h"
#include "tests/config/stand_ins.h"

namespace weir::tests {
namespace {

namespace fs = std::filesystem;

struct Components {
  pipeline::Registry registry;
  std::vector<RecordedType> stand_ins;
};

const Components& AllComponents() {
  static const Components* components = [] {
    auto* all = new Components();
    app::RegisterAllComponents(all->registry);
    all->stand_ins = AddStandIns(all->registry);
    return all;
  }();
  return *components;
}

// `type` as a whole component type behind `mark` in `text`.
bool Names(const std::string& text, std::string_view mark, std::string_view type) {
  if (type.empty()) return false;
  const std::string wanted = std::string(mark) + std::string(type);
  for (size_t at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) {
    const size_t end = at + wanted.size();
    if (end == text.size() || std::string_view(":/\"").find(text[end]) != std::string_view::npos)
      return true;
  }
  return false;
}

std::string TextOf(const config::Value* value) {
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? value->as_string() : value->text();
}

std::map<std::string, std::string> Texts(const config::Value* value) {
  std::map<std::string, std::string> texts;
  if (value == nullptr) return texts;
  for (const auto& [key, text] : value->map()) texts[key] = TextOf(&text);
  return texts;
}

std::vector<std::string> Items(const config::Value* value) {
  std::vector<std::string> items;
  if (value == nullptr) return items;
  for (const config::Value& item : value->list()) items.push_back(TextOf(&item));
  return items;
}

Result<std::string> ReadFrom(const ConfigCase& c, const std::string& path) {
  const auto fail = [](std::string text) {
    return Fail(Status(StatusCode::kNotFound, std::move(text)));
  };
  if (path.empty() || path == ".") return fail("read .: is a directory");
  const auto found = c.files.find(path);
  if (found == c.files.end()) return fail("open " + path + ": no such file or directory");
  return found->second;
}

// A new folder with the files of a case, and the working directory as long as this lives: some
// components look at the disk while they validate.
class CaseFolder {
 public:
  explicit CaseFolder(const ConfigCase& c) : before_(fs::current_path()) {
    std::string pattern = (fs::temp_directory_path() / "config_case_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) return;
    folder_ = pattern;
    fs::current_path(folder_);
    for (const auto& [path, text] : c.files) {
      if (fs::path(path).is_absolute()) continue;
      if (fs::path(path).has_parent_path()) fs::create_directories(fs::path(path).parent_path());
      std::ofstream(path, std::ios::binary) << text;
    }
  }
  ~CaseFolder() {
    std::error_code ignored;
    fs::current_path(before_, ignored);
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  CaseFolder(const CaseFolder&) = delete;
  CaseFolder& operator=(const CaseFolder&) = delete;

 private:
  const fs::path before_;
  fs::path folder_;
};

}  // namespace

const pipeline::Registry& BuiltComponents() {
  static const pipeline::Registry* registry = [] {
    auto* all = new pipeline::Registry();
    app::RegisterAllComponents(*all);
    return all;
  }();
  return *registry;
}

const pipeline::Registry& StandInComponents() { return AllComponents().registry; }

std::string SharedData() {
  const char* given = std::getenv("WEIR_DATA");
  const fs::path folder = fs::absolute(given != nullptr ? given : WEIR_SHARED_DATA);
  return fs::exists(folder) ? folder.string() : std::string();
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> YamlFiles(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<ConfigCase> LoadCases(const std::string& folder) {
  std::vector<ConfigCase> cases;
  for (const std::string& path : YamlFiles(SharedData() + "/" + folder)) {
    const config::YamlResult parsed = config::ParseYaml(ReadText(path), nullptr);
    ConfigCase c;
    c.name = fs::path(path).stem().string();
    if (parsed.value) {
      const config::Value& root = *parsed.value;
      c.args = Items(root.Find("args"));
      c.env = Texts(root.Find("env"));
      c.files = Texts(root.Find("files"));
      c.phase = TextOf(root.Find("phase"));
      c.error = TextOf(root.Find("error"));
      c.error_variants = Items(root.Find("error_variants"));
      c.resolved = TextOf(root.Find("resolved"));
    }
    cases.push_back(std::move(c));
  }
  return cases;
}

Outcome RunCase(const ConfigCase& c, const std::vector<std::string>& command) {
  const CaseFolder folder(c);
  config::ResolveEnvironment resolve;
  resolve.variable = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = c.env.find(name);
    if (found == c.env.end()) return std::nullopt;
    return found->second;
  };
  resolve.read_file = [&](const std::string& path) { return ReadFrom(c, path); };
  std::ostringstream out, err;
  const pipeline::BuildInfo build;
  const app::CommandLineEnvironment environment{AllComponents().registry, build, resolve, out, err};
  std::vector<std::string> arguments = command;
  arguments.insert(arguments.end(), c.args.begin(), c.args.end());
  Outcome outcome;
  app::CommandLineHooks hooks;
  hooks.validate_graph = &app::ValidateGraph;
  outcome.exit = app::RunCommandLine(arguments, environment, hooks);
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

bool IsAboutStandIn(const std::string& error) {
  for (const RecordedType& recorded : AllComponents().stand_ins) {
    for (const std::string_view type : {recorded.type, recorded.alias}) {
      const std::string section(pipeline::SectionName(recorded.kind));
      if (Names(error, section + "::", type)) return true;
      if (Names(error, "'" + section + "' error reading configuration for \"", type)) return true;
      // Which signals a component takes is known of stand-ins; what else a factory refuses is not.
      if (error.find("telemetry type is not supported") == std::string::npos &&
          Names(error, "failed to create \"", type) &&
          error.find(" " + std::string(pipeline::KindName(recorded.kind))) != std::string::npos)
        return true;
    }
  }
  return false;
}

bool UsesStandIn(const std::string& resolved) {
  std::string section;
  std::istringstream stream(resolved);
  for (std::string line; std::getline(stream, line);) {
    if (line.empty()) continue;
    if (line[0] != ' ') section = line.substr(0, line.find(':'));
    if (line.size() < 5 || line.substr(0, 4) != "    " || line[4] == ' ') continue;
    for (const RecordedType& recorded : AllComponents().stand_ins) {
      if (section != pipeline::SectionName(recorded.kind)) continue;
      if (Names(line, "    ", recorded.type) || Names(line, "    ", recorded.alias)) return true;
    }
  }
  return false;
}

std::vector<std::string> EssentialLines(const std::string& error) {
  std::vector<std::string> lines;
  std::istringstream stream(error);
  for (std::string line; std::getline(stream, line);) {
    if (line.substr(0, 7) == "Error: ") line.erase(0, 7);
    const std::string_view frame = "following error(s):";
    if (line.empty() || line.find(frame) != std::string::npos) continue;
    // Lists of what a build has, and the YAML library's own words, differ.
    for (const std::string_view cut : {" (valid values", "valid gates:", " yaml: "}) {
      if (const size_t at = line.find(cut); at != std::string::npos) line.resize(at);
    }
    // 'section' of a list of errors stands in our path.
    for (const std::string_view section :
         {"'receivers' ", "'processors' ", "'exporters' ", "'connectors' ", "'extensions' "}) {
      if (line.find(section) == 0) line.erase(0, section.size());
    }
    if (line.find("error reading configuration for") == 0) {
      const size_t at = line.find("\": ");
      if (at != std::string::npos) line.erase(0, at + 3);
    }
    if (line.find("'sending_queue' ''") == 0) line.erase(0, 16);
    lines.push_back(line);
  }
  return lines;
}

}  // namespace weir::tests
