// Scenario: configurations people use and upstream tests with (shared data otelcol-configs).
// Guarantees: EXPECT.tsv's verdict and words for every component this program has; every whole file
// loads, or is refused for components this program lacks and then stands in missing_components.txt.
// WEIR_UPDATE_LISTS=1 writes that list anew.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "app/config/service_config.h"
#include "base/config/decode.h"
#include "base/config/resolve.h"
#include "base/config/yaml.h"
#include "tests/config/case.h"

namespace weir::tests {
namespace {

constexpr const char* kFolder = "/otelcol-configs/";
constexpr const char* kMissing = WEIR_TESTS_CONFIG "/missing_components.txt";

std::vector<std::vector<std::string>> Rows(const std::string& path) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream stream(ReadText(path));
  for (std::string line; std::getline(stream, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> cells;
    std::istringstream cells_of(line);
    for (std::string cell; std::getline(cells_of, cell, '\t');) cells.push_back(cell);
    cells.resize(4);
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::set<std::string> Lines(const std::string& path) {
  std::set<std::string> lines;
  std::istringstream stream(ReadText(path));
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line[0] != '#') lines.insert(line);
  }
  return lines;
}

config::ResolveEnvironment Environment() {
  config::ResolveEnvironment environment = config::ResolveEnvironment::OfProcess();
  environment.variable = [](const std::string&) -> std::optional<std::string> {
    return "localhost:4000";
  };
  return environment;
}

std::optional<config::Value> Resolved(const std::string& path, config::Problems& problems) {
  config::ResolveOptions options;
  options.locations = {"file:" + path};
  return config::Resolve(options, Environment(), problems);
}

// "exporter-otlp.default-batch.yaml" names the kind and type.
const pipeline::FactoryBase* FactoryOf(const std::string& file) {
  const size_t dash = file.find('-');
  const std::string kind = file.substr(0, dash);
  const std::string type = file.substr(dash + 1, file.find('.') - dash - 1);
  for (const auto candidate :
       {pipeline::ComponentKind::kReceiver, pipeline::ComponentKind::kProcessor,
        pipeline::ComponentKind::kExporter, pipeline::ComponentKind::kConnector,
        pipeline::ComponentKind::kExtension}) {
    if (pipeline::KindName(candidate) == kind) return BuiltComponents().Find(candidate, type);
  }
  return nullptr;
}

// The section that a row is about: `id` in the file; "*" is the file, or in a whole configuration
// its one component of this type.
const config::Value* SectionOf(const pipeline::FactoryBase& factory, const config::Value& file,
                               const std::string& id) {
  if (id != "*") return file.Find(id);
  for (const char* kind : {"receivers", "processors", "exporters", "connectors", "extensions"}) {
    const config::Value* components = file.Find(kind);
    if (components == nullptr) continue;
    for (const auto& [name, section] : components->map()) {
      if (name.substr(0, name.find('/')) == factory.type) return &section;
    }
  }
  return &file;
}

std::string CheckSection(const pipeline::FactoryBase& factory, const config::Value& section) {
  const auto component = factory.new_config();
  const auto visit = [&](config::Fields& f) { component->Visit(f); };
  config::Problems problems;
  config::Decode(section, "x", visit, problems);
  if (problems.ok()) config::Validate(section, "x", visit, problems);
  std::string text;
  for (const config::Problem& problem : problems.errors()) text += problem.ToString() + "\n";
  return text;
}

TEST(SharedConfigs, GetUpstreamsVerdictForEachComponent) {
  if (SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  int compared = 0, lacking = 0;
  std::set<std::string> differing = Lines(WEIR_TESTS_CONFIG "/component_differences.txt");
  for (const auto& row : Rows(SharedData() + kFolder + "EXPECT.tsv")) {
    const std::string name = row[0] + " " + row[1];
    const pipeline::FactoryBase* factory = FactoryOf(row[0]);
    if (factory == nullptr || (row[2] != "accept" && row[2] != "reject")) {
      ++lacking;
      continue;
    }
    config::Problems problems;
    std::optional<config::Value> file = Resolved(SharedData() + kFolder + row[0], problems);
    if (!file) continue;
    const config::Value* section = SectionOf(*factory, *file, row[1]);
    if (section == nullptr) continue;
    ++compared;
    const std::string errors = CheckSection(*factory, *section);
    const bool agrees =
        errors.empty() == (row[2] == "accept") && errors.find(row[3]) != std::string::npos;
    if (differing.count(name) > 0) {
      EXPECT_FALSE(agrees) << name << " agrees; drop it from component_differences.txt";
    } else {
      EXPECT_TRUE(agrees) << name << ": " << row[2] << " " << row[3] << "\nours:\n" << errors;
    }
  }
  std::printf("EXPECT.tsv: %d compared, %d about components not built in\n", compared, lacking);
}

TEST(SharedConfigs, LoadUnlessAComponentIsMissing) {
  if (SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  std::set<std::string> missing;
  int loaded = 0, refused = 0;
  for (const auto& row : Rows(SharedData() + kFolder + "INDEX.tsv")) {
    if (row[1] != "full") continue;
    config::Problems problems;
    const std::optional<config::Value> file = Resolved(SharedData() + kFolder + row[0], problems);
    if (file) app::LoadServiceConfig(BuiltComponents(), *file, {}, problems);
    bool only_unknown = !problems.ok();
    for (const config::Problem& problem : problems.errors())
      only_unknown = only_unknown && problem.text.find("unknown type: ") == 0;
    if (problems.ok()) ++loaded;
    if (!problems.ok() && !only_unknown) {
      ++refused;
      for (const config::Problem& problem : problems.errors()) {
        if (problem.text.find("unknown type: ") == 0) continue;
        std::printf("%s: %s\n", row[0].c_str(), problem.ToString().c_str());
        break;
      }
    }
    if (only_unknown) {
      missing.insert(row[0]);
      EXPECT_GT(problems.errors().front().position.line, 0) << row[0];
    }
  }
  std::printf("whole files: %d load, %zu lack components, %d refused otherwise\n", loaded,
              missing.size(), refused);
  if (std::getenv("WEIR_UPDATE_LISTS") != nullptr) {
    std::ofstream list(kMissing);
    list << "# Files of otelcol-configs refused only because a component is not built in.\n";
    for (const std::string& file : missing) list << file << "\n";
  }
  const std::set<std::string> listed = Lines(kMissing);
  for (const std::string& file : missing)
    EXPECT_EQ(listed.count(file), 1u) << file << " lacks a component and is not listed";
  for (const std::string& file : listed)
    EXPECT_EQ(missing.count(file), 1u) << file << " is listed but lacks nothing; drop it";
}

}  // namespace
}  // namespace weir::tests
