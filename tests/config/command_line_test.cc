#include "app/config/command_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/config/case.h"

namespace weir::tests {
namespace {

constexpr const char* kGood =
    "receivers: {otlp: {protocols: {grpc: }}}\n"
    "exporters: {debug: }\n"
    "service: {pipelines: {logs: {receivers: [otlp], exporters: [debug]}}}\n";

struct Invocation {
  std::ostringstream out, err;
  int exit = 0;
  bool ran = false;
  app::RunRequest request;

  explicit Invocation(const std::vector<std::string>& arguments, std::string graph_error = {}) {
    config::ResolveEnvironment resolve = config::ResolveEnvironment::OfProcess();
    resolve.read_file = [](const std::string&) { return Result<std::string>(kGood); };
    const pipeline::BuildInfo build;
    const app::CommandLineEnvironment environment{StandInComponents(), build, resolve, out, err};
    app::CommandLineHooks hooks;
    hooks.validate_graph = [&](const app::ServiceConfig&, const app::FeatureGates&,
                               config::Problems& problems) {
      if (!graph_error.empty()) problems.AddError({config::Phase::kBuild, {}, {}, graph_error, {}});
    };
    hooks.run = [&](app::RunRequest given) {
      ran = true;
      config::Problems problems;
      EXPECT_NE(given.load(problems), nullptr);
      request = std::move(given);
      return 7;
    };
    exit = app::RunCommandLine(arguments, environment, hooks);
  }
};

TEST(CommandLine, RunsTheBuiltInConfigurationWithoutConfig) {
  const Invocation run({});
  EXPECT_EQ(run.exit, 7) << run.err.str();
  EXPECT_TRUE(run.request.uses_default_config);
  EXPECT_EQ(run.request.service->pipelines.size(), 3u);
  EXPECT_NE(run.err.str().find("localhost:4317"), std::string::npos);
}

TEST(CommandLine, NamesTheFilesToWatch) {
  const Invocation run(
      {"--config", "a.yaml", "--config=file:b.yaml", "--set=exporters.debug.sampling_initial=1"});
  EXPECT_EQ(run.request.files, (std::vector<std::string>{"a.yaml", "b.yaml"}));
  EXPECT_FALSE(run.request.uses_default_config);
}

TEST(CommandLine, ValidatesTheGraphToo) {
  EXPECT_EQ(Invocation({"validate", "--config=a.yaml"}).exit, 0);
  const Invocation run({"validate", "--config=a.yaml"}, "failed to build pipelines: x");
  EXPECT_EQ(run.exit, 1);
  EXPECT_EQ(run.err.str(), "Error: failed to build pipelines: x\n");
}

TEST(CommandLine, RefusesInTheCollectorsWords) {
  EXPECT_EQ(Invocation({"nope"}).err.str(),
            "Error: unknown command \"nope\" for \"weir\"\nRun 'weir --help' for usage.\n");
  EXPECT_EQ(Invocation({"-v"}).err.str(), "Error: unknown shorthand flag: 'v' in -v\n");
  EXPECT_EQ(Invocation({"validate"}).err.str(),
            "Error: at least one config flag must be provided\n");
  EXPECT_EQ(Invocation({"--config"}).err.str(), "Error: flag needs an argument: --config\n");
  EXPECT_EQ(Invocation({"featuregate", "x"}).err.str(), "Error: feature \"x\" not found\n");
}

TEST(CommandLine, PrintsInBothFormats) {
  EXPECT_EQ(Invocation({"print-config", "--config=a", "--format=json"}).out.str().front(), '{');
  EXPECT_EQ(Invocation({"print-initial-config", "--config=a"}).out.str().substr(0, 11),
            "connectors:");
  EXPECT_NE(Invocation({"components"}).out.str().find("    - name: debug\n"), std::string::npos);
  EXPECT_EQ(Invocation({"featuregate", "service.profilesSupport",
                        "--feature-gates=+service.profilesSupport"})
                .out.str()
                .substr(0, 52),
            "Feature: service.profilesSupport\nEnabled: true\nStage");
}

// The part behind `buildinfo`, which every build has its own of.
std::string WithoutBuildInfo(const std::string& text) {
  const size_t at = text.find("\nreceivers:");
  return at == std::string::npos ? text : text.substr(at + 1);
}

TEST(Components, AreWhatTheReferenceLists) {
  const std::string path = WEIR_TESTS_CONFIG "/../../docs/reference/components.yaml";
  std::ostringstream out, err;
  const pipeline::BuildInfo build;
  const app::CommandLineEnvironment environment{BuiltComponents(), build,
                                                config::ResolveEnvironment::OfProcess(), out, err};
  ASSERT_EQ(app::RunCommandLine({"components"}, environment, {}), 0) << err.str();
  const std::string printed = WithoutBuildInfo(out.str());
  EXPECT_NE(printed.find("receivers:"), std::string::npos);
  if (std::getenv("WEIR_UPDATE_LISTS") != nullptr) {
    std::ofstream(path)
        << "# What `weir components` prints, its build information left out; compared by\n"
           "# config_command_line_test, which writes it anew with WEIR_UPDATE_LISTS=1.\n"
        << printed;
  }
  const std::string listed = ReadText(path);
  EXPECT_EQ(listed.substr(std::min(listed.find("receivers:"), listed.size())), printed);
}

}  // namespace
}  // namespace weir::tests
