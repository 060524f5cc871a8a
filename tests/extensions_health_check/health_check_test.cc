// The health_check extension beside the recorded answers of the Collector's.
#include "extensions/health_check/health_check.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <fstream>
#include <iterator>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "pipeline/registry.h"
#include "tests/support/captured_log.h"
#include "tests/support/golden_status.h"
#include "tests/support/manual_executor.h"
#include "tests/support/raw_http.h"

void Register_extensions_health_check(weir::pipeline::Registry& registry);

namespace weir::extensions::health_check {
namespace {

using config::Value;

// A program with at most one authenticator.
class TestHost final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const pipeline::ComponentId& id) override {
    return id.ToString() == "basicauth" ? found : nullptr;
  }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}
  pipeline::Component* found = nullptr;
};

class Locked final : public pipeline::Extension, public pipeline::ServerAuthenticator {
 public:
  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
  Status Authenticate(const pipeline::Headers& headers, pipeline::ClientInfo&) override {
    for (const auto& [name, value] : headers) {
      if (name == "authorization" && value == "let me in") return {};
    }
    return {StatusCode::kUnauthenticated, "no basic auth provided"};
  }
};

class HealthCheckTest : public testing::Test {
 protected:
  // Starts the extension with `section` of a configuration, on a port of its own.
  Status Start(Value section) {
    config::Problems problems;
    config_ = {};
    config::Decode(section, "extensions::health_check", config_, problems);
    EXPECT_TRUE(problems.ok()) << problems.errors().front().ToString();
    if (!keep_endpoint_) config_.versioned.legacy.server.endpoint = "127.0.0.1:0";
    const pipeline::Settings settings{
        {"health_check", ""}, Logger(log_), nullptr, executor_, memory_, build_};
    extension_ = std::make_unique<HealthCheck>(settings, config_);
    return extension_->Start(host_);
  }
  Status Start(const std::string& yaml) { return Start(*config::ParseYaml(yaml, nullptr).value); }
  std::optional<tests::RawResponse> Ask(const std::string& method, const std::string& target,
                                        const std::string& headers = "") {
    tests::RawHttp client(extension_->port());
    client.Send(method + " " + target + " HTTP/1.1\r\nHost: t\r\n" + headers + "\r\n");
    return client.Receive(method == "HEAD");
  }

  tests::ManualExecutor executor_;
  ByteBudget memory_{1 << 20};
  pipeline::BuildInfo build_;
  std::shared_ptr<tests::CapturedLog> log_ = std::make_shared<tests::CapturedLog>();
  TestHost host_;
  HealthCheckConfig config_;
  bool keep_endpoint_ = false;
  std::unique_ptr<HealthCheck> extension_;
};

std::string Normalised(std::string body) {
  RE2::GlobalReplace(&body, R"("upSince":"[^"]*")", R"("upSince":"<time>")");
  RE2::GlobalReplace(&body, R"("uptime":"[^"]*")", R"("uptime":"<duration>")");
  return body;
}

Value Cases() {
  std::ifstream in(tests::SharedData() + "/otelcol-golden/health-check/cases.yaml");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const config::YamlResult parsed = config::ParseYaml(text, nullptr);
  return parsed.value ? *parsed.value->Find("cases") : Value();
}

void ExpectAnswer(const std::optional<tests::RawResponse>& got, const Value& recorded) {
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, recorded.Find("status")->as_int());
  for (const auto& [name, value] : recorded.Find("headers")->map())
    EXPECT_EQ(got->Header(name), value.as_string());
  if (const Value* body = recorded.Find("body")) {
    EXPECT_EQ(Normalised(got->body), body->as_string());
  }
}

TEST_F(HealthCheckTest, AnswersAsTheCollectorDoesInEachState) {
  if (tests::SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  int compared = 0;
  const Value cases = Cases();
  for (const Value& one : cases.list()) {
    const std::string name = one.Find("name")->as_string();
    if (one.Find("config") == nullptr || name.starts_with("v2")) continue;
    SCOPED_TRACE(name);
    const Value file = *config::ParseYaml(one.Find("config")->as_string(), nullptr).value;
    ASSERT_TRUE(Start(*file.Find("extensions")->Find("health_check")).ok());
    extension_->PipelinesReady();
    for (const char* state : {"ready", "shutting-down"}) {
      if (state[0] == 's') extension_->PipelinesNotReady();
      for (const auto& [target, recorded] : one.Find("states")->Find(state)->map()) {
        SCOPED_TRACE(std::string(state) + " " + target);
        ExpectAnswer(Ask("GET", target), recorded);
        ++compared;
      }
    }
  }
  EXPECT_EQ(compared, 18);
}

TEST_F(HealthCheckTest, AnswersEveryMethodAlike) {
  if (tests::SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  ASSERT_TRUE(Start("{}").ok());
  extension_->PipelinesReady();
  int compared = 0;
  const Value cases = Cases();
  for (const Value& one : cases.list()) {
    if (one.Find("name")->as_string() != "methods") continue;
    for (const auto& [method, recorded] : one.Find("states")->map()) {
      SCOPED_TRACE(method);
      ExpectAnswer(Ask(method, "/"), recorded);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 6);
}

TEST_F(HealthCheckTest, IsUnavailableUntilThePipelinesAreReady) {
  ASSERT_TRUE(Start("{}").ok());
  EXPECT_EQ(Ask("GET", "/")->status, 503);
  EXPECT_EQ(Ask("GET", "/")->body,
            R"({"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":""})");
  extension_->PipelinesReady();
  executor_.Advance(std::chrono::milliseconds(4100));
  extension_->PipelinesReady();
  const std::string body = Ask("GET", "/")->body;
  EXPECT_NE(body.find(R"("uptime":"4.1s")"), std::string::npos) << body;
  EXPECT_EQ(log_->Count("Health Check state change"), 2u);
}

TEST_F(HealthCheckTest, ClosesConnectionsUnlessToldOtherwise) {
  ASSERT_TRUE(Start("{}").ok());
  EXPECT_EQ(Ask("GET", "/")->Header("Connection"), "close");
  ASSERT_TRUE(Start("{keep_alives_enabled: true}").ok());
  EXPECT_EQ(Ask("GET", "/")->Header("Connection"), "");
}

TEST_F(HealthCheckTest, AddsConfiguredHeaders) {
  ASSERT_TRUE(Start("{response_headers: {x-a: b}}").ok());
  EXPECT_EQ(Ask("GET", "/")->Header("x-a"), "b");
}

TEST_F(HealthCheckTest, AsksItsAuthenticator) {
  Locked locked;
  host_.found = &locked;
  ASSERT_TRUE(Start("{auth: {authenticator: basicauth}}").ok());
  EXPECT_EQ(Ask("GET", "/")->status, 401);
  EXPECT_EQ(Ask("GET", "/", "Authorization: let me in\r\n")->status, 503);
  host_.found = nullptr;
  EXPECT_EQ(Start("{auth: {authenticator: basicauth}}").message(),
            "failed to resolve authenticator \"basicauth\": authenticator not found");
  EXPECT_EQ(Start("{middlewares: [{id: nope}]}").message(),
            "failed to resolve middleware \"nope\": middleware not found");
}

TEST_F(HealthCheckTest, SaysWhereItCannotListen) {
  keep_endpoint_ = true;
  EXPECT_EQ(Start("{endpoint: localhost}").message(),
            "failed to bind to address localhost: listen tcp: address localhost: missing port in "
            "address");
}

TEST(HealthCheckConfig, IsCheckedInTheCollectorsWords) {
  pipeline::Registry registry;
  Register_extensions_health_check(registry);
  const auto problem = [&](const std::string& yaml) {
    const Value section = *config::ParseYaml(yaml, nullptr).value;
    const auto config = registry.FindExtension("healthcheck")->new_config();
    const auto visit = [&](config::Fields& f) { config->Visit(f); };
    config::Problems problems;
    config::Decode(section, "extensions::health_check", visit, problems);
    if (problems.ok()) config::Validate(section, "extensions::health_check", visit, problems);
    if (problems.ok()) return std::string();
    return problems.errors().front().path + ": " + problems.errors().front().text;
  };
  EXPECT_EQ(problem("{path: /x, check_collector_pipeline: {enabled: true, interval: 1m, "
                    "exporter_failure_threshold: 1}, use_v2: true, http: null}"),
            "");
  EXPECT_EQ(problem("{path: health}"), "extensions::health_check::config: path must start with /");
  EXPECT_EQ(problem("{endpoint: ''}"), "extensions::health_check::config: http endpoint required");
  EXPECT_EQ(problem("{nope: 1}"),
            "extensions::health_check: 'healthcheck.Config' has invalid keys: nope");
  EXPECT_EQ(problem("{http: {endpoint: 'localhost:1'}}"),
            "extensions::health_check: v2 healthcheck configuration (http/grpc fields) detected "
            "but feature gate is disabled. Either remove the v2 config fields or enable the "
            "feature gate with: --feature-gates=+extension.healthcheck.useComponentStatus");
  EXPECT_NE(problem("{tls: {cert_file: a}}").find("legacyconfig::serverconfig::tls"),
            std::string::npos);
}

}  // namespace
}  // namespace weir::extensions::health_check
