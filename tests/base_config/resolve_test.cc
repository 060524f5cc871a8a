#include "base/config/resolve.h"

#include <gtest/gtest.h>

#include <map>

#include "base/config/yaml.h"

namespace weir::config {
namespace {

struct World {
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;
  bool append = false;
  std::vector<std::string> sets;

  // The resolved configuration as YAML, or the first error.
  std::string Resolve(std::vector<std::string> locations) {
    ResolveEnvironment environment;
    environment.variable = [&](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
    environment.read_file = [&](const std::string& path) -> Result<std::string> {
      const auto found = files.find(path);
      if (found == files.end())
        return Fail(Status(StatusCode::kNotFound, "open " + path + ": no such file or directory"));
      return found->second;
    };
    Problems problems;
    const auto value = config::Resolve({std::move(locations), sets, append}, environment, problems);
    return value ? WriteYaml(*value) : problems.errors().front().text;
  }
  std::string Expand(const std::string& text) { return Resolve({"yaml:v: '" + text + "'"}); }
};

TEST(Resolve, EscapesDollarsAsTheCollector) {
  World world{{{"N", "5"}, {"DOLLAR", "p$$w$x"}}, {}, false, {}};
  EXPECT_EQ(world.Expand("$${env:N}"), "v: ${env:N}\n");
  EXPECT_EQ(world.Expand("$$${env:N}"), "v: $5\n");
  EXPECT_EQ(world.Expand("$$$${env:N}"), "v: $${env:N}\n");
  EXPECT_EQ(world.Expand("$${A} ${env:N}"), "v: ${A} ${env:N}\n");
  EXPECT_EQ(world.Expand("${env:N} $${A}"), "v: 5 ${A}\n");
  EXPECT_EQ(world.Expand("${DOLLAR}"), "v: p$w$x\n");
  EXPECT_EQ(world.Expand("${env:X"), "v: ${env:X\n");
}

TEST(Resolve, KeepsTheTypeOfALoneReference) {
  World world{{{"N", "0123"}, {"L", "[a, b]"}}, {}, false, {}};
  EXPECT_EQ(world.Resolve({"yaml:v: ${N}"}), "v: 83\n");
  EXPECT_EQ(world.Resolve({"yaml:v: a${N}b"}), "v: a0123b\n");
  EXPECT_EQ(world.Resolve({"yaml:v: ${L}"}), "v:\n    - a\n    - b\n");
  EXPECT_EQ(world.Resolve({"yaml:v: ${env:U:-7}"}), "v: 7\n");
  EXPECT_EQ(world.Resolve({"yaml:v: ${U}"}), "v: null\n");
}

TEST(Resolve, RefusesInTheCollectorsWords) {
  World world{{{"A", "${env:B}"}, {"B", "${env:A}"}}, {}, false, {}};
  EXPECT_EQ(world.Expand("${x:y}"), "invalid uri: \"x:y\"");
  EXPECT_EQ(world.Expand("${foo:bar}"), "scheme \"foo\" is not supported for uri \"foo:bar\"");
  EXPECT_EQ(world.Expand("${A}"), "too many recursive expansions");
  EXPECT_EQ(world.Resolve({"x.yaml"}),
            "cannot retrieve the configuration: unable to read the file file:x.yaml: open x.yaml: "
            "no such file or directory");
  EXPECT_EQ(world.Resolve({"s3:b/k"}), "unsupported scheme on URI \"s3:b/k\"");
}

TEST(Resolve, MergesLeftToRight) {
  World world{{}, {{"a", "x: {p: 1, q: [1]}\n"}, {"b", "x: {q: [2], r: }\n"}}, false, {"x.p=9"}};
  EXPECT_EQ(world.Resolve({"a", "b"}), "x:\n    p: 9\n    q:\n        - 2\n    r: null\n");
}

TEST(Resolve, JoinsListsOnlyWhereTheGateSays) {
  World world{{}, {{"a", "service: {extensions: [x], other: [x]}\n"}}, true, {}};
  EXPECT_EQ(
      world.Resolve({"a", "yaml:service: {extensions: [y, x], other: [y]}"}),
      "service:\n    extensions:\n        - x\n        - \"y\"\n    other:\n        - \"y\"\n");
}

}  // namespace
}  // namespace weir::config
