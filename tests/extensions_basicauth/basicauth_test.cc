// Texts: those of the recorded answers (otlp-status/auth.yaml) and configurations.
#include "extensions/basicauth/basicauth.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "pipeline/registry.h"
#include "tests/support/manual_executor.h"

void Register_extensions_basicauth(weir::pipeline::Registry& registry);

namespace weir::extensions::basicauth {
namespace {

namespace fs = std::filesystem;

class NoHost final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const pipeline::ComponentId&) override { return nullptr; }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}
};

struct Answer {
  std::string text;
  pipeline::ClientInfo client;
};

class BasicAuthTest : public testing::Test {
 protected:
  // The extension as the registry makes it; why not goes to `error`.
  std::unique_ptr<pipeline::Extension> Make(const std::string& yaml, std::string* error = nullptr) {
    pipeline::Registry registry;
    Register_extensions_basicauth(registry);
    const auto* const factory = registry.FindExtension("basicauth");
    config_ = factory->new_config();
    const auto visit = [this](config::Fields& f) { config_->Visit(f); };
    const auto parsed = config::ParseYaml(yaml, nullptr);
    config::Problems problems;
    config::Decode(*parsed.value, "x", visit, problems);
    if (problems.ok()) config::Validate(*parsed.value, "x", visit, problems);
    if (!problems.ok()) {
      if (error != nullptr) *error = problems.errors().front().text;
      return nullptr;
    }
    pipeline::Settings settings{{"basicauth", ""}, Logger(), nullptr, executor_, memory_, build_};
    auto made = factory->create(settings, *config_);
    if (made) return std::move(*made);
    if (error != nullptr) *error = made.error().message();
    return nullptr;
  }
  std::string ErrorOf(const std::string& yaml) {
    std::string error;
    Make(yaml, &error);
    return error;
  }
  static Answer Ask(pipeline::Extension& extension, const std::string& authorization) {
    auto& server = dynamic_cast<pipeline::ServerAuthenticator&>(extension);
    Answer answer;
    const Status status = server.Authenticate({{"authorization", authorization}}, answer.client);
    answer.text = status.message();
    EXPECT_EQ(answer.client.authenticated, status.ok());
    EXPECT_TRUE(status.ok() || status.code() == StatusCode::kUnauthenticated);
    return answer;
  }

  tests::ManualExecutor executor_;
  ByteBudget memory_{1 << 20};
  pipeline::BuildInfo build_;
  NoHost host_;
  std::unique_ptr<pipeline::ComponentConfig> config_;
};

TEST_F(BasicAuthTest, AsksForUserAndPassword) {
  const auto server = Make("htpasswd: {inline: 'user:pass'}");
  ASSERT_TRUE(server->Start(host_).ok());
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "no basic auth provided"},
      {"Basic dXNlcjpwYXNz", ""},
      {"basic dXNlcjpwYXNz", ""},
      {"Basic dXNlcjpub3Bl", "invalid credentials"},
      {"Basic eDpwYXNz", "invalid credentials"},
      {"Basic dXNlcg==", "invalid authorization format"},
      {"Basic ***", "invalid authorization format"},
      {"Basic  dXNlcjpwYXNz", "invalid authorization format"},
      {"Basic", "invalid authorization scheme prefix"},
      {"Bearer token", "invalid authorization scheme prefix"},
  };
  for (const auto& [header, text] : cases) EXPECT_EQ(Ask(*server, header).text, text) << header;
  pipeline::ClientInfo client;
  EXPECT_EQ(
      dynamic_cast<pipeline::ServerAuthenticator&>(*server).Authenticate({}, client).message(),
      "no basic auth provided");
}

TEST_F(BasicAuthTest, TellsWhoItWas) {
  const auto server = Make("htpasswd: {inline: 'user:pass'}");
  ASSERT_TRUE(server->Start(host_).ok());
  const Answer answer = Ask(*server, "Basic dXNlcjpwYXNz");
  ASSERT_NE(answer.client.FindAuth("username"), nullptr);
  EXPECT_EQ(*answer.client.FindAuth("username"), "user");
  EXPECT_EQ(*answer.client.FindAuth("raw"), "dXNlcjpwYXNz");
}

TEST_F(BasicAuthTest, RemembersARightPasswordOnly) {
  const auto server = Make(
      "htpasswd: {inline: 'user:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW'}");
  ASSERT_TRUE(server->Start(host_).ok());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Ask(*server, "Basic dXNlcjpzZWNyZXQ=").text, "");
    EXPECT_EQ(Ask(*server, "Basic dXNlcjpub3Bl").text, "invalid credentials");
  }
}

TEST_F(BasicAuthTest, ReadsTheFileAndLetsInlineWin) {
  const std::string path = fs::path(testing::TempDir()) / "basicauth.htpasswd";
  std::ofstream(path) << "user:other\nann:pass";
  const auto server = Make("htpasswd: {file: " + path + ", inline: 'user:pass'}");
  ASSERT_TRUE(server->Start(host_).ok());
  EXPECT_EQ(Ask(*server, "Basic dXNlcjpwYXNz").text, "");
  EXPECT_EQ(Ask(*server, "Basic YW5uOnBhc3M=").text, "");
  fs::remove(path);
}

TEST_F(BasicAuthTest, DoesNotStartWithoutItsFile) {
  EXPECT_EQ(Make("htpasswd: {file: absent}")->Start(host_).message(),
            "open htpasswd file: open absent: no such file or directory");
}

TEST_F(BasicAuthTest, SendsCredentials) {
  const auto client = Make("client_auth: {username: user, password: pass}");
  ASSERT_TRUE(client->Start(host_).ok());
  auto& role = dynamic_cast<pipeline::ClientAuthenticator&>(*client);
  EXPECT_EQ(*role.Credentials(), (pipeline::Headers{{"authorization", "Basic dXNlcjpwYXNz"}}));
  EXPECT_TRUE(role.requires_transport_security());
  EXPECT_EQ(dynamic_cast<pipeline::ServerAuthenticator*>(client.get()), nullptr);
}

TEST_F(BasicAuthTest, SendsWhatTheFilesSayNow) {
  const std::string path = fs::path(testing::TempDir()) / "basicauth.password";
  std::ofstream(path) << " pass\n";
  const auto client =
      Make("client_auth: {username: user, password: no, password_file: " + path + "}");
  auto& role = dynamic_cast<pipeline::ClientAuthenticator&>(*client);
  ASSERT_TRUE(client->Start(host_).ok());
  EXPECT_EQ(role.Credentials()->front().second, "Basic dXNlcjpwYXNz");
  std::ofstream(path) << "longer-pass";
  executor_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(role.Credentials()->front().second, "Basic dXNlcjpsb25nZXItcGFzcw==");
  client->Shutdown();
  fs::remove(path);
}

TEST_F(BasicAuthTest, RefusesAUserWithAColon) {
  const auto client = Make("client_auth: {username: 'a:b', password: c}");
  auto& role = dynamic_cast<pipeline::ClientAuthenticator&>(*client);
  EXPECT_EQ(role.Credentials().error().message(), "invalid authorization format");
}

TEST_F(BasicAuthTest, RefusesConfigurationsInTheCollectorsWords) {
  EXPECT_EQ(ErrorOf("{}"), "no credential source provided");
  EXPECT_EQ(ErrorOf("htpasswd: {}"), "no credential source provided");
  EXPECT_EQ(ErrorOf("{htpasswd: {inline: 'a:b'}, client_auth: {username: a, password: b}}"),
            "only one of `htpasswd` or `client_auth` can be specified");
  EXPECT_EQ(ErrorOf("nope: 1"), "'basicauthextension.Config' has invalid keys: nope");
  EXPECT_EQ(ErrorOf("client_auth: {username: a}"), "");
  EXPECT_EQ(ErrorOf("htpasswd: {inline: nocolon}"), "");
}

TEST_F(BasicAuthTest, IsPrintedWithoutThePassword) {
  BasicAuthConfig config;
  config.client_auth.emplace();
  config.client_auth->username = "u";
  config.client_auth->password = config::Secret("p");
  EXPECT_EQ(config::WriteYaml(config::Print(config, true)),
            "client_auth:\n    password: '[REDACTED]'\n    password_file: \"\"\n    username: u\n"
            "    username_file: \"\"\n");
}

}  // namespace
}  // namespace weir::extensions::basicauth
