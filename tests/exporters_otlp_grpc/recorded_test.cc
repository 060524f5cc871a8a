// Scenario: every answer of a backend that the real Collector's exporter was given
// (otelcol-golden/otlp-status), given to ours.
// Guarantees: what is retried, after which delay, and the texts with which failures travel back
// are the recorded ones; what goes out is too. Differences on purpose:
//   user-agent     ends in grpc-c++'s name and version where theirs ends in grpc-go's
//   retry          how often and when is the exporter helper's matter; here: whether, and the delay
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <string>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "net/status_mapping.h"
#include "tests/exporters_otlp_grpc/support.h"
#include "tests/support/golden_status.h"

namespace weir::exporters::otlp_grpc {
namespace {

using std::chrono::milliseconds;

YAML::Node Load(const std::string& file) {
  const std::string path = tests::SharedData() + "/otelcol-golden/otlp-status/" + file;
  if (tests::SharedData().empty() || !std::filesystem::exists(path)) return {};
  return YAML::LoadFile(path);
}

int CodeOf(const std::string& name) {
  static const std::vector<std::string> kNames = {"OK",
                                                  "CANCELLED",
                                                  "UNKNOWN",
                                                  "INVALID_ARGUMENT",
                                                  "DEADLINE_EXCEEDED",
                                                  "NOT_FOUND",
                                                  "ALREADY_EXISTS",
                                                  "PERMISSION_DENIED",
                                                  "RESOURCE_EXHAUSTED",
                                                  "FAILED_PRECONDITION",
                                                  "ABORTED",
                                                  "OUT_OF_RANGE",
                                                  "UNIMPLEMENTED",
                                                  "INTERNAL",
                                                  "UNAVAILABLE",
                                                  "DATA_LOSS",
                                                  "UNAUTHENTICATED"};
  const auto it = std::find(kNames.begin(), kNames.end(), name);
  return static_cast<int>(it - kNames.begin());
}

tests::BackendAnswer AnswerOf(const YAML::Node& node) {
  tests::BackendAnswer answer;
  if (const auto body = node["body"]) {
    const auto bytes = YAML::DecodeBase64(body["body_base64"].as<std::string>());
    answer.body.assign(bytes.begin(), bytes.end());
  }
  if (!node["code"]) return answer;
  const int code = CodeOf(node["code"].as<std::string>());
  const auto message = node["message"].as<std::string>();
  std::string details;
  if (const auto retry = node["retry"]) {
    const milliseconds delay(retry.IsNull() ? 0 : retry.as<int>());
    details = tests::RetryDetails(code, message, delay);
  }
  answer.status = grpc::Status(static_cast<grpc::StatusCode>(code), message, details);
  return answer;
}

// The text with which the exporter helper passes a failure on (its contract, exporter_helper.h).
std::string Framed(const Status& status) {
  if (status.permanent()) return "Permanent error: " + status.ToString();
  const auto delay = status.retry_after();
  if (delay && delay->count() > 0) {
    return "Throttle (" + config::FormatDuration(*delay) + "), error: " + status.ToString();
  }
  return status.message();
}

using RecordedAnswers = SenderTest;

TEST_F(RecordedAnswers, AreToldAsTheCollectorTellsThem) {
  const YAML::Node golden = Load("downstream-grpc.yaml");
  if (!golden) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  ASSERT_TRUE(Start(Plain(), model::Signal::kTraces).ok());
  size_t count = 0;
  for (const auto& recorded : golden["cases"]) {
    SCOPED_TRACE(recorded["name"].as<std::string>());
    backend_.AnswerWith({AnswerOf(recorded["backend_answers"])});
    const Status status = Send(One(model::Signal::kTraces));
    const YAML::Node seen = recorded["clients_see"]["grpc"];
    EXPECT_EQ(static_cast<int>(status.code()), CodeOf(seen["code"].as<std::string>()));
    if (!status.ok()) {
      EXPECT_EQ(Framed(status), seen["message"].as<std::string>());
      const auto wire = net::DecodeRpcStatus(status.wire_status());
      ASSERT_TRUE(wire);
      EXPECT_EQ(wire->details.size(), seen["details"] ? seen["details"].size() : 0);
    }
    ++count;
  }
  EXPECT_GE(count, 27U);
}

TEST_F(RecordedAnswers, AreRetriedAsTheCollectorRetriesThem) {
  const YAML::Node golden = Load("exporter-grpc.yaml");
  if (!golden) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  ASSERT_TRUE(Start(Plain(), model::Signal::kTraces).ok());
  const milliseconds own_delay(200);  // of the recorded configuration
  size_t count = 0;
  for (const auto& recorded : golden["cases"]) {
    const auto name = recorded["name"].as<std::string>();
    // The retry is the helper's: it gave up because the delay passed max_elapsed_time.
    if (!recorded["backend_answers"] || name == "unavailable-retry-far") continue;
    SCOPED_TRACE(name);
    backend_.AnswerWith({AnswerOf(recorded["backend_answers"][0])});
    const Status status = Send(One(model::Signal::kTraces));
    const bool retried = recorded["attempts"].as<int>() > 1;
    EXPECT_EQ(status.retryable(), retried);
    if (retried) {
      const auto wait =
          std::max<Status::Delay>(status.retry_after().value_or(own_delay), own_delay);
      EXPECT_EQ(std::chrono::duration<double>(wait).count(), recorded["waits_s"][0].as<double>());
    }
    ++count;
  }
  EXPECT_GE(count, 30U);
}

TEST_F(RecordedAnswers, OfNobodyAreTheRecordedWords) {
  const YAML::Node golden = Load("exporter-grpc.yaml");
  if (!golden) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  const OtlpGrpcConfig config = Plain();
  backend_.Stop();
  const Status status = StartAndSend(config, OneLog());
  for (const auto& recorded : golden["cases"]) {
    if (recorded["name"].as<std::string>() != "backend-down") continue;
    auto text = recorded["client_sees"]["message"].as<std::string>();
    const std::string port = "127.0.0.1:14213";
    text.replace(text.find(port), port.size(), config.client.endpoint);
    EXPECT_EQ("no more retries left: " + status.ToString(), text);
  }
}

using RecordedRequests = SenderTest;

TEST_F(RecordedRequests, GoOutAsTheCollectorSendsThem) {
  const YAML::Node golden = Load("exporter-requests-grpc.yaml");
  if (!golden) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  size_t expected = 0;
  for (const auto& recorded : golden["cases"]) {
    SCOPED_TRACE(recorded["name"].as<std::string>());
    const auto parsed = config::ParseYaml(recorded["exporter"].as<std::string>(),
                                          std::make_shared<std::string>("recorded"));
    ASSERT_TRUE(parsed.value);
    OtlpGrpcConfig config;
    config::Problems problems;
    config::Decode(*parsed.value->Find("otlp_grpc"), "x", config, problems);
    ASSERT_TRUE(problems.ok());
    config.client.endpoint = backend_.address();
    for (const model::Signal signal : model::kSignals) {
      ASSERT_TRUE(StartAndSend(config, One(signal)).ok());
      const YAML::Node request = recorded["requests"][model::SignalIndex(signal)];
      const auto got = backend_.requests().at(expected++);
      EXPECT_EQ(got.method, request["path"].as<std::string>());
      EXPECT_EQ(got.body, One(signal).Flatten().view());
      size_t headers = 0;
      for (const auto& header : request["headers"]) {
        ++headers;
        const auto name = header[0].as<std::string>();
        if (name == "user-agent") continue;
        EXPECT_EQ(got.Find(name), header[1].as<std::string>());
      }
      EXPECT_EQ(got.metadata.size(), headers);
    }
  }
  EXPECT_EQ(expected, 15U);
}

}  // namespace
}  // namespace weir::exporters::otlp_grpc
