// Scenario: every configuration the real Collector was shown, accepted and refused.
// Guarantees: our verdict is its verdict, our words hold its words, and what a file resolves to is
// the same, except for differences.yaml. Components this program lacks are stood in for; cases
// about them are counted and left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <string>

#include "base/config/yaml.h"
#include "tests/config/case.h"

namespace weir::tests {
namespace {

// Case name to reason.
std::map<std::string, std::string> Differences() {
  std::map<std::string, std::string> reasons;
  const config::YamlResult parsed =
      config::ParseYaml(ReadText(WEIR_TESTS_CONFIG "/differences.yaml"), nullptr);
  if (!parsed.value) return reasons;
  for (const auto& [name, reason] : parsed.value->map()) reasons[name] = reason.as_string();
  return reasons;
}

// A crash of the Collector is no verdict to repeat.
bool IsCrash(const std::string& error) { return error.find("panic: ") == 0; }

// Why our answer is not the recorded one; empty when it is.
std::string Disagreement(const ConfigCase& c, const Outcome& outcome) {
  const bool refused = c.phase == "validate";
  if (outcome.exit != (refused ? 1 : 0))
    return "verdict is " + std::to_string(outcome.exit) + "; ours:\n" + outcome.err +
           "recorded:\n" + c.error;
  if (!refused) return {};
  std::vector<std::string> texts = c.error_variants;
  texts.push_back(c.error);
  std::string missing;
  for (const std::string& text : texts) {
    missing.clear();
    for (const std::string& line : EssentialLines(text)) {
      if (outcome.err.find(line) == std::string::npos) missing += line + "\n";
    }
    if (missing.empty()) return {};
  }
  return "words missing:\n" + missing + "ours:\n" + outcome.err;
}

std::string ServicePart(const std::string& resolved) {
  const size_t at = resolved.find("\nservice:");
  return at == std::string::npos ? resolved : resolved.substr(at);
}

struct Tally {
  int compared = 0;
  int lacking = 0;
  int crashes = 0;
  int differing = 0;
};

void Report(const char* what, const Tally& tally) {
  std::printf(
      "%s: %d compared, %d about components not built in, %d crashes of the Collector, %d known "
      "differences\n",
      what, tally.compared, tally.lacking, tally.crashes, tally.differing);
}

TEST(ConfigGolden, RefusesWhatTheCollectorRefusesInItsWords) {
  if (SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  const auto differences = Differences();
  Tally tally;
  for (const ConfigCase& c : LoadCases("otelcol-golden/config-errors")) {
    if (IsCrash(c.error)) {
      ++tally.crashes;
      continue;
    }
    if (c.phase == "validate" && IsAboutStandIn(c.error)) {
      ++tally.lacking;
      continue;
    }
    const Outcome outcome = RunCase(c, {"validate"});
    const std::string disagreement = Disagreement(c, outcome);
    if (differences.count(c.name) > 0) {
      ++tally.differing;
      EXPECT_FALSE(disagreement.empty()) << c.name << " agrees; drop it from differences.yaml";
      continue;
    }
    ++tally.compared;
    EXPECT_EQ(disagreement, "") << c.name;
  }
  Report("config-errors", tally);
  EXPECT_GT(tally.compared, 50);
}

TEST(ConfigGolden, AcceptsWhatTheCollectorAcceptsAndPrintsTheSame) {
  if (SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  const auto differences = Differences();
  Tally tally;
  for (const ConfigCase& c : LoadCases("otelcol-golden/config-accepts")) {
    const Outcome validated = RunCase(c, {"validate"});
    Outcome printed = RunCase(c, {"print-config", "--mode=unredacted"});
    std::string resolved = c.resolved;
    if (UsesStandIn(resolved)) {
      ++tally.lacking;
      printed.out = ServicePart(printed.out);
      resolved = ServicePart(resolved);
    }
    if (differences.count(c.name) > 0) {
      ++tally.differing;
      EXPECT_NE(printed.out, resolved) << c.name << " agrees; drop it from differences.yaml";
      continue;
    }
    ++tally.compared;
    EXPECT_EQ(validated.exit, 0) << c.name << "\n" << validated.err;
    EXPECT_EQ(printed.out, resolved) << c.name << "\n" << printed.err;
  }
  Report("config-accepts", tally);
  EXPECT_GT(tally.compared, 3);
}

TEST(ConfigGolden, AcceptsTheMistakesNobodyRefuses) {
  if (SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  const auto differences = Differences();
  Tally tally;
  for (const ConfigCase& c : LoadCases("otelcol-golden/config-accepts/lenient")) {
    const Outcome outcome = RunCase(c, {"validate"});
    if (differences.count(c.name) > 0) {
      ++tally.differing;
      continue;
    }
    ++tally.compared;
    EXPECT_EQ(outcome.exit, 0) << c.name << "\n" << outcome.err;
  }
  Report("config-accepts/lenient", tally);
}

}  // namespace
}  // namespace weir::tests
