#include "extensions/pprof/pprof.h"

#include <gtest/gtest.h>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "pipeline/registry.h"
#include "tests/support/captured_log.h"
#include "tests/support/manual_executor.h"
#include "tests/support/raw_http.h"

void Register_extensions_pprof(weir::pipeline::Registry& registry);

namespace weir::extensions::pprof {
namespace {

class TestHost final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const pipeline::ComponentId&) override { return nullptr; }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}
};

class PprofTest : public testing::Test {
 protected:
  void Start() {
    config_.endpoint = "127.0.0.1:0";
    const pipeline::Settings settings{{"pprof", ""}, Logger(log_), nullptr,
                                      executor_,     memory_,      build_};
    extension_ = std::make_unique<Pprof>(settings, config_);
    ASSERT_TRUE(extension_->Start(host_).ok());
  }
  tests::RawResponse Get(const std::string& target) {
    tests::RawHttp client(extension_->port());
    client.Send("GET " + target + " HTTP/1.1\r\nHost: t\r\n\r\n");
    return client.Receive().value_or(tests::RawResponse());
  }

  tests::ManualExecutor executor_;
  ByteBudget memory_{1 << 20};
  pipeline::BuildInfo build_;
  std::shared_ptr<tests::CapturedLog> log_ = std::make_shared<tests::CapturedLog>();
  TestHost host_;
  PprofConfig config_;
  std::unique_ptr<Pprof> extension_;
};

TEST_F(PprofTest, ServesAnIndexAndTheCommandLine) {
  Start();
  const auto index = Get("/debug/pprof/");
  EXPECT_EQ(index.status, 200);
  EXPECT_NE(index.body.find("perf record"), std::string::npos);
  const auto arguments = Get("/debug/pprof/cmdline");
  EXPECT_EQ(arguments.status, 200);
  EXPECT_NE(arguments.body.find("extensions_pprof_test"), std::string::npos);
  EXPECT_FALSE(arguments.body.ends_with('\0'));
  EXPECT_EQ(Get("/debug/pprof/nope").status, 404);
  EXPECT_EQ(Get("/").status, 404);
}

TEST_F(PprofTest, SaysWhichProfilesDoNotExist) {
  Start();
  for (const char* profile : {"profile?seconds=1", "heap", "goroutine?debug=1", "mutex"}) {
    const auto answer = Get(std::string("/debug/pprof/") + profile);
    EXPECT_EQ(answer.status, 501) << profile;
    EXPECT_NE(answer.body.find("perf record"), std::string::npos) << profile;
  }
}

TEST_F(PprofTest, WarnsOfWhatHasNoEffect) {
  config_.block_profile_fraction = 3;
  Start();
  ASSERT_EQ(log_->lines().size(), 2u);
  EXPECT_EQ(log_->lines()[1].level, LogLevel::kWarn);
  EXPECT_NE(log_->lines()[1].message.find("block_profile_fraction"), std::string::npos);
}

TEST(PprofFactory, TakesTheCollectorsKeysAndRefusesAnEmptyEndpoint) {
  pipeline::Registry registry;
  Register_extensions_pprof(registry);
  const auto* factory = registry.FindExtension("pprof");
  ASSERT_NE(factory, nullptr);
  const auto decode = [&](const std::string& yaml, config::Problems& problems) {
    auto config = factory->new_config();
    config::Decode(
        *config::ParseYaml(yaml, nullptr).value, "extensions::pprof",
        [&](config::Fields& f) { config->Visit(f); }, problems);
    return config;
  };
  config::Problems problems;
  const auto config = decode(
      "{endpoint: '', dialer: {timeout: 1s}, block_profile_fraction: 1, mutex_profile_fraction: 2, "
      "save_to_file: x}",
      problems);
  ASSERT_TRUE(problems.ok());
  tests::ManualExecutor executor;
  ByteBudget memory(1);
  const pipeline::BuildInfo build;
  const pipeline::Settings settings{{"pprof", ""}, {}, nullptr, executor, memory, build};
  const auto created = factory->create(settings, *config);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().message(),
            "\"endpoint\" is required when using the \"pprof\" extension");
  decode("{block_profile_fraction: half}", problems);
  ASSERT_EQ(problems.errors().size(), 1u);
  EXPECT_EQ(problems.errors()[0].text,
            "'block_profile_fraction' expected type 'int', got unconvertible type 'string'");
}

}  // namespace
}  // namespace weir::extensions::pprof
