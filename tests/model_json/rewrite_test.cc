// Requests read and written again, beside what the Collector makes of them.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "model/check.h"
#include "model/json/read.h"
#include "model/json/write.h"
#include "tests/model_json/support.h"
#include "tests/support/otlp_random.h"

namespace weir::model::json {
namespace {

namespace fs = std::filesystem;

std::string Read(Signal signal, const std::string& text) {
  const Result<Slice> bytes = ReadJsonRequest(signal, text, nullptr);
  if (!bytes) {
    ADD_FAILURE() << bytes.error().message();
    return {};
  }
  return std::string(bytes->view());
}

std::string Write(const Batch& batch) {
  std::string text;
  AppendJsonRequest(batch, text);
  return text;
}

std::string Rewrite(Signal signal, const std::string& text) {
  return Write(test::BatchOf(signal, Read(signal, text)));
}

std::vector<fs::path> FilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  return files;
}

// `rewritten/` holds what the Collector's own library (pdata 1.61, of 0.155) makes of each request.
void ExpectRewritten(const fs::path& request) {
  SCOPED_TRACE(request);
  const fs::path expected = fs::path(TEST_FOLDER) / "rewritten" / request.filename();
  EXPECT_EQ(Rewrite(test::SignalOfFile(request), test::ReadFile(request)) + "\n",
            test::ReadFile(expected));
}

TEST(JsonRewrite, EqualsTheCollectorOnOddRequests) {
  const std::vector<fs::path> requests = FilesIn(fs::path(TEST_FOLDER) / "requests");
  EXPECT_EQ(requests.size(), 3u);
  for (const fs::path& request : requests) ExpectRewritten(request);
}

TEST(JsonRewrite, EqualsTheCollectorOnRecordedRequests) {
  const fs::path folder = test::DataFolder() / "otelcol-golden/debug-exporter/requests";
  if (!fs::exists(folder)) GTEST_SKIP() << "no recorded requests in " << folder;
  const std::vector<fs::path> requests = FilesIn(folder);
  EXPECT_GT(requests.size(), 40u);
  for (const fs::path& request : requests) ExpectRewritten(request);
}

TEST(JsonRewrite, ShowsInvalidTextAsReplacementCharacters) {
  const std::string text =
      "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"severityText\":"
      "\"a\xff\xfe\xc3\xa9\xe2\x82\xed\xa0\x80z\"}]}]}]}";
  EXPECT_THAT(Rewrite(Signal::kLogs, text),
              ::testing::HasSubstr("\"severityText\":\"a\uFFFD\uFFFD\u00e9\uFFFD\uFFFD\uFFFD"
                                   "\uFFFD\uFFFDz\""));
  EXPECT_THAT(Read(Signal::kLogs, text), ::testing::HasSubstr("a\xff\xfe\xc3\xa9\xe2\x82\xed"));
}

TEST(JsonRewrite, WritesFieldsInItsOwnOrder) {
  // A span: kind, name, an unknown field, name again.
  const std::string span("\x30\x02\x2a\x01x\xa0\x06\x07\x2a\x01y", 11);
  const std::string scope = "\x12" + std::string(1, static_cast<char>(span.size())) + span;
  const std::string resource = "\x12" + std::string(1, static_cast<char>(scope.size())) + scope;
  const std::string request =
      "\x0a" + std::string(1, static_cast<char>(resource.size())) + resource;
  EXPECT_EQ(Write(test::BatchOf(Signal::kTraces, request)),
            R"({"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[)"
            R"({"name":"y","kind":2,"status":{}}]}]}]})");
}

TEST(JsonRewrite, WritesNothingAsAnEmptyObject) { EXPECT_EQ(Write(Batch(Signal::kTraces)), "{}"); }

double Plain(double value, bool keep_sign_of_zero) {
  if (std::isnan(value)) return std::numeric_limits<double>::quiet_NaN();
  return value == 0 && !keep_sign_of_zero ? 0.0 : value;
}

// Takes away what JSON does not tell: the payload of NaN, the sign of a zero that means absent, and
// whether an empty submessage is there. libprotobuf does not read the sign of other zeros either.
void Normalize(google::protobuf::Message& message, bool keep_sign_of_zero = true) {
  using google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& access = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  access.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) {
      const int count = access.FieldSize(message, field);
      for (int i = 0; i < count && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE; ++i) {
        Normalize(*access.MutableRepeatedMessage(&message, field, i), keep_sign_of_zero);
      }
      for (int i = 0; i < count && field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE; ++i) {
        const double value = access.GetRepeatedDouble(message, field, i);
        access.SetRepeatedDouble(&message, field, i, Plain(value, keep_sign_of_zero));
      }
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      google::protobuf::Message& child = *access.MutableMessage(&message, field);
      Normalize(child, keep_sign_of_zero);
      const bool empty = child.ByteSizeLong() == 0;
      if (empty && field->real_containing_oneof() == nullptr) access.ClearField(&message, field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
      const double value = access.GetDouble(message, field);
      access.SetDouble(&message, field, Plain(value, keep_sign_of_zero));
      if (value == 0 && !field->has_presence()) access.ClearField(&message, field);
    }
  }
}

// Ids are hexadecimal here and base64 in libprotobuf's form.
void ClearIds(google::protobuf::Message& message) {
  using google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& access = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  access.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->type() == FieldDescriptor::TYPE_BYTES && field->name().ends_with("_id")) {
      access.ClearField(&message, field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const int count = field->is_repeated() ? access.FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) {
        ClearIds(field->is_repeated() ? *access.MutableRepeatedMessage(&message, field, i)
                                      : *access.MutableMessage(&message, field));
      }
    }
  }
}

class JsonRoundTrip : public ::testing::TestWithParam<Signal> {};

TEST_P(JsonRoundTrip, KeepsRandomRequests) {
  std::mt19937_64 random(20240501);
  for (int i = 0; i < 150; ++i) {
    const auto request = test::RandomRequest(GetParam(), random, {.full = i % 10 == 0});
    const std::string text = Write(test::BatchOf(GetParam(), *request));
    const auto again = test::NewRequest(GetParam());
    ASSERT_TRUE(again->ParseFromString(Read(GetParam(), text)));
    Normalize(*again);
    Normalize(*request);
    std::string difference;
    EXPECT_TRUE(test::SameMessage(*again, *request, &difference)) << difference;
  }
}

TEST_P(JsonRoundTrip, ReadsWhatLibprotobufWrites) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100; ++i) {
    const auto request = test::RandomRequest(GetParam(), random, {.full = i % 10 == 0});
    ClearIds(*request);
    std::string text;
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = i % 2 == 0;
    options.always_print_enums_as_ints = i % 3 == 0;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(*request, &text, options).ok());
    const auto again = test::NewRequest(GetParam());
    ASSERT_TRUE(again->ParseFromString(Read(GetParam(), text)));
    Normalize(*again);
    Normalize(*request);
    std::string difference;
    EXPECT_TRUE(test::SameMessage(*again, *request, &difference)) << difference;
  }
}

TEST_P(JsonRoundTrip, IsReadByLibprotobuf) {
  std::mt19937_64 random(8);
  for (int i = 0; i < 100; ++i) {
    const auto request = test::RandomRequest(GetParam(), random, {.full = i % 10 == 0});
    ClearIds(*request);
    const std::string text = Write(test::BatchOf(GetParam(), *request));
    const auto again = test::NewRequest(GetParam());
    const auto status = google::protobuf::util::JsonStringToMessage(text, again.get());
    ASSERT_TRUE(status.ok()) << status.ToString() << "\n" << text;
    Normalize(*again, false);
    Normalize(*request, false);
    std::string difference;
    EXPECT_TRUE(test::SameMessage(*again, *request, &difference)) << difference;
  }
}

INSTANTIATE_TEST_SUITE_P(Signals, JsonRoundTrip, ::testing::ValuesIn(kSignals),
                         [](const auto& info) { return std::string(SignalName(info.param)); });

}  // namespace
}  // namespace weir::model::json
