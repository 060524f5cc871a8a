// JSON requests that were sent to a Collector, what it answered and what it sent on; and examples
// of other projects.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <string>

#include "model/check.h"
#include "model/json/encoding.h"
#include "model/json/read.h"
#include "model/json/text.h"
#include "model/json/write.h"
#include "tests/model_json/support.h"
#include "tests/support/otlp_random.h"

namespace weir::model::json {
namespace {

namespace fs = std::filesystem;
using google::protobuf::Message;

// The node as JSON; quoted scalars are strings, others stand as they are.
void AppendJson(const YAML::Node& node, std::string& out) {
  if (node.IsMap()) {
    out += '{';
    for (const auto& entry : node) {
      AppendString(entry.first.Scalar(), out);
      out += ':';
      AppendJson(entry.second, out);
      out += ',';
    }
    if (out.back() == ',') out.pop_back();
    out += '}';
  } else if (node.IsSequence()) {
    out += '[';
    for (const auto& element : node) {
      AppendJson(element, out);
      out += ',';
    }
    if (out.back() == ',') out.pop_back();
    out += ']';
  } else if (node.Tag() == "!" ||
             node.Scalar().find_first_not_of("0123456789.-") != std::string::npos) {
    AppendString(node.Scalar(), out);
  } else {
    out += node.Scalar();
  }
}

// Submessages that are there and empty are taken away: the Collector adds some.
void DropEmpty(Message& message) {
  using google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& access = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  access.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->is_repeated()) {
      for (int i = 0; i < access.FieldSize(message, field); ++i) {
        DropEmpty(*access.MutableRepeatedMessage(&message, field, i));
      }
      continue;
    }
    DropEmpty(*access.MutableMessage(&message, field));
    const bool empty = access.GetMessage(message, field).ByteSizeLong() == 0;
    if (empty && field->real_containing_oneof() == nullptr) access.ClearField(&message, field);
  }
}

std::string BodyOf(const YAML::Node& request) {
  if (request["body"]) return request["body"].Scalar();
  if (!request["body_base64"]) return {};
  const std::string text = request["body_base64"].Scalar();
  std::string body(text.size(), '\0');
  const ptrdiff_t size = DecodeBase64(text, reinterpret_cast<uint8_t*>(body.data()));
  body.resize(size < 0 ? 0 : static_cast<size_t>(size));
  return body;
}

Signal SignalOfPath(const std::string& path) {
  for (const Signal signal : kSignals) {
    if (path == "/v1/" + std::string(SignalName(signal))) return signal;
  }
  ADD_FAILURE() << path;
  return Signal::kTraces;
}

void ExpectForwarded(const YAML::Node& forwarded, Signal signal, const Slice& bytes) {
  const auto actual = test::NewRequest(signal);
  ASSERT_TRUE(actual->ParseFromString(std::string(bytes.view())));
  if (forwarded.IsScalar()) {  // "nothing"
    EXPECT_EQ(test::CountItems(*actual), 0u);
    return;
  }
  std::string text;
  AppendJson(forwarded, text);
  const auto expected = test::NewRequest(signal);
  const auto status = google::protobuf::util::JsonStringToMessage(text, expected.get());
  ASSERT_TRUE(status.ok()) << status.ToString() << "\n" << text;
  DropEmpty(*actual);
  DropEmpty(*expected);
  std::string difference;
  EXPECT_TRUE(test::SameMessage(*expected, *actual, &difference)) << difference;
}

TEST(JsonRecorded, AcceptsAndForwardsWhatTheCollectorDoes) {
  const fs::path file = test::DataFolder() / "otelcol-golden/otlp-status/http.yaml";
  if (!fs::exists(file)) GTEST_SKIP() << "no recorded requests in " << file;
  const YAML::Node cases = YAML::LoadFile(file.string())["cases"];
  size_t count = 0;
  for (const YAML::Node& one : cases) {
    const std::string name = one["name"].Scalar();
    const bool of_json = name.starts_with("json-") || name.starts_with("good-json") ||
                         name.starts_with("malformed-json") || name.starts_with("empty-");
    // Its 1000 levels are beyond Weir's own limit.
    if (!of_json || name == "json-deep-nesting" || name.find("proto") != std::string::npos)
      continue;
    SCOPED_TRACE(name);
    ++count;
    const YAML::Node request = one["request"];
    const Signal signal = SignalOfPath(request["path"].Scalar());
    const Result<Slice> bytes = ReadJsonRequest(signal, BodyOf(request), nullptr);
    EXPECT_EQ(bytes.has_value(), one["response"]["status"].Scalar() == "200")
        << (bytes ? "accepted" : bytes.error().message());
    if (!bytes) {
      EXPECT_EQ(bytes.error().code(), StatusCode::kInvalidArgument);
    } else if (one["forwarded_as"]) {
      ExpectForwarded(one["forwarded_as"], signal, *bytes);
    }
  }
  EXPECT_GT(count, 70u);
}

TEST(JsonRecorded, ReadsTheSpecificationsExamples) {
  const fs::path folder = test::DataFolder() / "otlp/proto-examples";
  if (!fs::exists(folder)) GTEST_SKIP() << "no examples in " << folder;
  for (const char* name : {"events", "logs", "metrics", "trace"}) {
    SCOPED_TRACE(name);
    const Signal signal = test::SignalOfFile(name);
    const std::string text = test::ReadFile(folder / (std::string(name) + ".json"));
    const Result<Slice> bytes = ReadJsonRequest(signal, text, nullptr);
    ASSERT_TRUE(bytes) << bytes.error().message();
    const auto expected = test::NewRequest(signal);
    ASSERT_TRUE(expected->ParseFromString(test::ReadFile(folder / (std::string(name) + ".binpb"))));
    const auto actual = test::NewRequest(signal);
    ASSERT_TRUE(actual->ParseFromString(std::string(bytes->view())));
    DropEmpty(*actual);
    DropEmpty(*expected);
    std::string difference;
    EXPECT_TRUE(test::SameMessage(*expected, *actual, &difference)) << difference;
  }
}

TEST(JsonRecorded, RewritesOtherProjectsRequestsStably) {
  const fs::path folder = test::DataFolder() / "otlp/fluent-bit";
  if (!fs::exists(folder)) GTEST_SKIP() << "no requests in " << folder;
  size_t read = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".json") continue;
    SCOPED_TRACE(name);
    const Signal signal = name.find("logs") != std::string::npos      ? Signal::kLogs
                          : name.find("metrics") != std::string::npos ? Signal::kMetrics
                                                                      : Signal::kTraces;
    const Result<Slice> bytes = ReadJsonRequest(signal, test::ReadFile(entry.path()), nullptr);
    if (!bytes) continue;  // the folder also has test plans around requests
    ++read;
    std::string once, twice;
    AppendJsonRequest(test::BatchOf(signal, std::string(bytes->view())), once);
    const Result<Slice> again = ReadJsonRequest(signal, once, nullptr);
    ASSERT_TRUE(again) << again.error().message();
    AppendJsonRequest(test::BatchOf(signal, std::string(again->view())), twice);
    EXPECT_EQ(once, twice);
  }
  EXPECT_GT(read, 3u);
}

}  // namespace
}  // namespace weir::model::json
