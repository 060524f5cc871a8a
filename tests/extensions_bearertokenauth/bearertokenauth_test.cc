// Texts: those of the recorded answers (otlp-status/auth.yaml) and configurations.
#include "extensions/bearertokenauth/bearertokenauth.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "tests/support/captured_log.h"
#include "tests/support/manual_executor.h"

namespace weir::extensions::bearertokenauth {
namespace {

BearerTokenConfig ConfigOf(const std::string& yaml, std::string* error = nullptr) {
  const auto parsed = config::ParseYaml(yaml, nullptr);
  BearerTokenConfig config;
  config::Problems problems;
  config::Decode(*parsed.value, "x", config, problems);
  if (problems.ok()) config::Validate(*parsed.value, "x", config, problems);
  if (error != nullptr) *error = problems.ok() ? "" : problems.errors().front().text;
  return config;
}

class NoHost final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const pipeline::ComponentId&) override { return nullptr; }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}
};

struct Rig {
  std::unique_ptr<BearerTokenAuth> Make(const std::string& yaml) {
    pipeline::Settings settings{
        {"bearertokenauth", ""}, Logger(log), nullptr, executor, memory, build};
    return std::make_unique<BearerTokenAuth>(settings, ConfigOf(yaml));
  }
  static std::string Ask(BearerTokenAuth& auth, const pipeline::Headers& headers) {
    pipeline::ClientInfo client;
    const Status status = auth.Authenticate(headers, client);
    EXPECT_EQ(client.authenticated, status.ok());
    EXPECT_TRUE(status.ok() || status.code() == StatusCode::kUnauthenticated);
    return status.message();
  }

  tests::ManualExecutor executor;
  ByteBudget memory{1 << 20};
  pipeline::BuildInfo build;
  std::shared_ptr<tests::CapturedLog> log = std::make_shared<tests::CapturedLog>();
  NoHost host;
};

constexpr char kMismatch[] = "provided authorization does not match expected scheme or token";

TEST(BearerTokenAuth, AsksForSchemeAndToken) {
  Rig rig;
  const auto auth = rig.Make("token: t0ken");
  EXPECT_EQ(Rig::Ask(*auth, {{"authorization", "Bearer t0ken"}}), "");
  EXPECT_EQ(Rig::Ask(*auth, {}), "missing or empty authorization header: Authorization");
  for (const char* value : {"", "t0ken", "bearer t0ken", "Bearer  t0ken", "Bearer nope",
                            "Basic dXNlcjpwYXNz", "Bearer t0ken "}) {
    EXPECT_EQ(Rig::Ask(*auth, {{"authorization", value}}), kMismatch) << value;
  }
}

TEST(BearerTokenAuth, TakesAnyOfItsTokensInItsHeader) {
  Rig rig;
  const auto auth = rig.Make("{scheme: Custom, header: X-Token, tokens: [a, b]}");
  EXPECT_EQ(Rig::Ask(*auth, {{"x-token", "Custom a"}}), "");
  EXPECT_EQ(Rig::Ask(*auth, {{"x-token", "Custom b"}}), "");
  EXPECT_EQ(Rig::Ask(*auth, {{"x-token", "Custom c"}}), kMismatch);
  EXPECT_EQ(Rig::Ask(*auth, {{"authorization", "Custom a"}}),
            "missing or empty authorization header: X-Token");
}

TEST(BearerTokenAuth, SendsTheFirstToken) {
  Rig rig;
  const auto first = rig.Make("tokens: [a, b]")->Credentials();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(*first, (pipeline::Headers{{"authorization", "Bearer a"}}));
  const auto bare = rig.Make("{token: a, scheme: ''}")->Credentials();
  EXPECT_EQ(*bare, (pipeline::Headers{{"authorization", "a"}}));
}

TEST(BearerTokenAuth, ReadsTokensFromAFileThatChanges) {
  Rig rig;
  const std::string path = std::filesystem::path(testing::TempDir()) / "bearer.tokens";
  std::ofstream(path) << "one the first of two\n\n  two\t# comment\n";
  const auto auth = rig.Make("{token: ignored, filename: " + path + "}");
  EXPECT_EQ(rig.log->Count("a filename is specified. Configured token(s) is ignored!"), 1u);
  ASSERT_TRUE(auth->Start(rig.host).ok());
  EXPECT_EQ(Rig::Ask(*auth, {{"authorization", "Bearer one"}}), "");
  EXPECT_EQ(Rig::Ask(*auth, {{"authorization", "Bearer two"}}), "");
  EXPECT_EQ(Rig::Ask(*auth, {{"authorization", "Bearer ignored"}}), kMismatch);
  std::ofstream(path) << "three is the only one now, and longer than before, so that it differs";
  rig.executor.Advance(std::chrono::seconds(1));
  EXPECT_EQ(Rig::Ask(*auth, {{"authorization", "Bearer one"}}), kMismatch);
  EXPECT_EQ(auth->Credentials()->front().second, "Bearer three");
  auth->Shutdown();
  std::filesystem::remove(path);
}

TEST(BearerTokenAuth, DoesNotStartWithoutItsFile) {
  Rig rig;
  EXPECT_EQ(rig.Make("filename: absent")->Start(rig.host).message(),
            "failed to read credentials file \"absent\": open absent: no such file or directory");
}

TEST(BearerTokenAuth, DoesNotSendAnEmptyToken) {
  Rig rig;
  const std::string path = std::filesystem::path(testing::TempDir()) / "bearer.empty";
  std::ofstream(path) << "\n";
  const auto auth = rig.Make("filename: " + path);
  ASSERT_TRUE(auth->Start(rig.host).ok());
  EXPECT_FALSE(auth->Credentials().has_value());
  EXPECT_EQ(Rig::Ask(*auth, {{"authorization", "Bearer "}}), kMismatch);
  auth->Shutdown();
  std::filesystem::remove(path);
}

TEST(BearerTokenConfig, RefusesInTheCollectorsWords) {
  std::string error;
  ConfigOf("{}", &error);
  EXPECT_EQ(error, "no bearer token provided");
  ConfigOf("tokens: []", &error);
  EXPECT_EQ(error, "no bearer token provided");
  ConfigOf("{token: a, tokens: [b]}", &error);
  EXPECT_EQ(error, "either tokens or token should be provided, not both");
  ConfigOf("token: 5", &error);
  EXPECT_EQ(error, "'token' expected type 'configopaque.String', got unconvertible type 'int'");
  ConfigOf("{token: a, nope: 1}", &error);
  EXPECT_EQ(error, "'bearertokenauthextension.Config' has invalid keys: nope");
}

TEST(BearerTokenConfig, IsPrintedWithoutItsTokens) {
  BearerTokenConfig config = ConfigOf("{token: t0ken, scheme: Custom}");
  EXPECT_EQ(config::WriteYaml(config::Print(config, true)),
            "header: Authorization\nscheme: Custom\ntoken: '[REDACTED]'\n");
  BearerTokenConfig several = ConfigOf("tokens: [t0ken, other]");
  EXPECT_EQ(config::WriteYaml(config::Print(several, true)).find("t0ken"), std::string::npos);
}

}  // namespace
}  // namespace weir::extensions::bearertokenauth
