// Texts of refusal: those of the recorded configurations memory_limiter-*.
#include <gtest/gtest.h>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "pipeline/memory_limit.h"

namespace weir::pipeline {
namespace {

std::string ErrorOf(const std::string& yaml) {
  const auto parsed = config::ParseYaml(yaml, nullptr);
  MemoryLimitConfig config;
  config::Problems problems;
  config::Decode(*parsed.value, "x", config, problems);
  if (problems.ok()) config::Validate(*parsed.value, "x", config, problems);
  return problems.ok() ? "" : problems.errors().front().text;
}

TEST(MemoryLimitConfig, RefusesInTheCollectorsWords) {
  EXPECT_EQ(ErrorOf("{}"), "'check_interval' must be greater than zero");
  EXPECT_EQ(ErrorOf("{check_interval: -1s, limit_mib: 1}"),
            "'check_interval' must be greater than zero");
  EXPECT_EQ(ErrorOf("{check_interval: 1s}"),
            "'limit_mib' or 'limit_percentage' must be greater than zero");
  EXPECT_EQ(ErrorOf("{check_interval: 1s, limit_mib: 100, spike_limit_mib: 100}"),
            "'spike_limit_mib' must be smaller than 'limit_mib'");
  EXPECT_EQ(ErrorOf("{check_interval: 1s, limit_percentage: 50, spike_limit_percentage: 60}"),
            "'spike_limit_percentage' must be smaller than 'limit_percentage'");
  EXPECT_EQ(ErrorOf("{check_interval: 1s, limit_percentage: 101}"),
            "'limit_percentage' and 'spike_limit_percentage' must be greater than zero and less "
            "than or equal to hundred");
  EXPECT_EQ(ErrorOf("{check_interval: 1s, limit_mib: 9, min_gc_interval_when_soft_limited: 1s, "
                    "min_gc_interval_when_hard_limited: 5s}"),
            "'min_gc_interval_when_soft_limited' should be larger than "
            "'min_gc_interval_when_hard_limited'");
  EXPECT_EQ(ErrorOf("{check_interval: 1s, limit_mib: -1}"),
            "'limit_mib' cannot parse value as 'uint32': -1 overflows uint");
  EXPECT_EQ(ErrorOf("{check_interval: 1s, limit_mib: 1, ballast_size_mib: 1}"),
            "'memorylimiter.Config' has invalid keys: ballast_size_mib");
  EXPECT_EQ(ErrorOf("{check_interval: 1s, limit_mib: 100, limit_percentage: 50}"), "");
}

}  // namespace
}  // namespace weir::pipeline
