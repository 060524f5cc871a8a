#include "model/json/read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace weir::model::json {
namespace {

using ::testing::HasSubstr;

// The bytes as hexadecimal digits, or the failure.
std::string Read(Signal signal, std::string_view text) {
  const Result<Slice> slice = ReadJsonRequest(signal, text, nullptr);
  if (!slice) return "error: " + slice.error().message();
  std::string hex;
  for (const char c : slice->view()) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[static_cast<uint8_t>(c) >> 4];
    hex += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return hex;
}

// The bytes of one span with these fields, the frames around it removed.
std::string ReadSpan(std::string_view fields) {
  const std::string text =
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{)" + std::string(fields) + "}]}]}]}";
  std::string hex = Read(Signal::kTraces, text);
  if (hex.starts_with("error")) return hex;
  return hex.size() < 12 ? hex : hex.substr(12);
}

TEST(JsonRead, TakesAnEmptyRequest) {
  EXPECT_EQ(Read(Signal::kTraces, "{}"), "");
  EXPECT_EQ(Read(Signal::kLogs, " \n null"), "");
  EXPECT_EQ(Read(Signal::kMetrics, R"({"nope":1})"), "");
  EXPECT_EQ(Read(Signal::kTraces, R"({"resourceSpans":null})"), "");
  EXPECT_EQ(Read(Signal::kTraces, R"({"resourceSpans":[null,{}]})"), "0a000a00");
}

TEST(JsonRead, WritesFieldsAsProtobuf) {
  EXPECT_EQ(ReadSpan(R"("name":"op","kind":2)"), "2a026f703002");
  EXPECT_EQ(ReadSpan(R"("flags":257)"), "850101010000");
  EXPECT_EQ(ReadSpan(R"("startTimeUnixNano":"258")"), "390201000000000000");
  EXPECT_EQ(ReadSpan(R"("start_time_unix_nano":258)"), "390201000000000000");
}

TEST(JsonRead, MovesAMessageWhoseLengthWasGuessedWrong) {
  const std::string name(200, 'x');
  const std::string hex =
      Read(Signal::kTraces,
           R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"name":")" + name + R"("}]}]}]})");
  EXPECT_EQ(hex.substr(0, 24), "0ad10112ce0112cb012ac801");
  EXPECT_EQ(hex.size(), 24 + 400);
}

TEST(JsonRead, IgnoresWhatItDoesNotKnow) {
  EXPECT_EQ(ReadSpan(R"("nope":{"a":[1,"]}\"",{"b":null}]},"name":"x","x":-1.5e3,"y":true)"),
            "2a0178");
  EXPECT_EQ(Read(Signal::kTraces, "{} x"), "");
  EXPECT_EQ(Read(Signal::kTraces, "{}{}"), "");
  EXPECT_EQ(Read(Signal::kTraces, R"({"":1})"), "");
}

TEST(JsonRead, TakesTheLastOfTwoValues) {
  EXPECT_EQ(ReadSpan(R"("name":"a","name":"b")"), "2a01612a0162");
  EXPECT_EQ(ReadSpan(R"("kind":2,"kind":0)"), "30023000") << "a zero that overwrites is written";
  EXPECT_EQ(ReadSpan(R"("kind":0)"), "");
  EXPECT_EQ(ReadSpan(R"("traceId":"5b8efff798038103d269b633813fc60c","traceId":"")"),
            "0a105b8efff798038103d269b633813fc60c0a00");
}

TEST(JsonRead, TakesIntegersOfBothForms) {
  EXPECT_EQ(ReadSpan(R"("startTimeUnixNano":"18446744073709551615")"), "39ffffffffffffffff");
  EXPECT_EQ(ReadSpan(R"("startTimeUnixNano":18446744073709551615)"), "39ffffffffffffffff");
  EXPECT_EQ(ReadSpan(R"("startTimeUnixNano":"+7")"), "390700000000000000");
  EXPECT_EQ(ReadSpan(R"("startTimeUnixNano":"007")"), "390700000000000000");
  EXPECT_EQ(ReadSpan(R"("kind":-1)"), "30ffffffffffffffffff01");
}

// Each mistake and the text a sender sees.
struct Mistake {
  const char* span;
  const char* error;
};
constexpr const char* kSpanPath = "error: resourceSpans[0].scopeSpans[0].spans[0].";

TEST(JsonRead, SaysWhatIsWrongAndWhere) {
  for (const Mistake& mistake : {
           Mistake{R"("traceId":"5b8eff")",
                   "traceId: an id must have 32 hexadecimal digits, found 6"},
           Mistake{R"("spanId":"zzzzzzzzzzzzzzzz")", "spanId: an id must be hexadecimal"},
           Mistake{R"("traceId":5)", "traceId: expected a string, found `5`"},
           Mistake{R"("traceId":null)", "traceId: expected a string, found `n`"},
           Mistake{R"("startTimeUnixNano":1.7e18)",
                   "startTimeUnixNano: must be an integer, found \"1.7e18\""},
           Mistake{R"("startTimeUnixNano":-1)",
                   "startTimeUnixNano: must not be negative, found -1"},
           Mistake{R"("startTimeUnixNano":"now")",
                   "startTimeUnixNano: must be an integer, found \"now\""},
           Mistake{R"("startTimeUnixNano":"")",
                   "startTimeUnixNano: must be an integer, found \"\""},
           Mistake{R"("startTimeUnixNano":"99999999999999999999")",
                   "startTimeUnixNano: 99999999999999999999 is out of range"},
           Mistake{R"("startTimeUnixNano":null)",
                   "startTimeUnixNano: expected a number, found `n`"},
           Mistake{R"("startTimeUnixNano":01)",
                   "startTimeUnixNano: a number must not begin with 0"},
           Mistake{R"("kind":"SERVER")", "kind: unknown name \"SERVER\""},
           Mistake{R"("kind":"2")",
                   "kind: unknown name \"2\" (numbers are written without quotes)"},
           Mistake{R"("kind":1.5)", "kind: must be an integer, found \"1.5\""},
           Mistake{R"("name":5)", "name: expected a string, found `5`"},
           Mistake{R"("name":"\x")", "name: unknown escape \\x"},
           Mistake{R"("name":"\u12g4")", "name: \\u needs four hexadecimal digits"},
           Mistake{"\"name\":\"a\nb\"",
                   "name: control characters in strings must be escaped, found byte 0x0a"},
           Mistake{R"("flags":-1)", "flags: must not be negative, found -1"},
           Mistake{R"("attributes":{"a":"b"})", "attributes: expected a list, found `{`"},
           Mistake{R"("attributes":[{"value":"b"}])",
                   "attributes[0].value: expected an object, found `\"`"},
           Mistake{R"("attributes":[{},{"value":{"boolValue":"true"}}])",
                   "attributes[1].value.boolValue: expected true or false, found `\"`"},
           Mistake{R"("attributes":[{"value":{"bytesValue":"***"}}])",
                   "attributes[0].value.bytesValue: bytes must be padded standard base64"},
           Mistake{R"("attributes":[{"value":{"bytesValue":"AAE"}}])",
                   "attributes[0].value.bytesValue: bytes must be padded standard base64"},
           Mistake{R"("attributes":[{"value":{"bytesValue":"_-8="}}])",
                   "attributes[0].value.bytesValue: bytes must be padded standard base64"},
           Mistake{R"("attributes":[{"value":{"doubleValue":"x"}}])",
                   "attributes[0].value.doubleValue: must be a number, found \"x\""},
           Mistake{R"("attributes":[{"value":{"doubleValue":1e999}}])",
                   "attributes[0].value.doubleValue: 1e999 is out of range"},
       }) {
    EXPECT_THAT(ReadSpan(mistake.span), HasSubstr(std::string(kSpanPath) + mistake.error));
  }
}

TEST(JsonRead, SaysWhatIsWrongWithTheText) {
  EXPECT_EQ(Read(Signal::kTraces, ""),
            "error: expected an object, found the end of the text (byte 0)");
  EXPECT_EQ(Read(Signal::kTraces, "{"),
            "error: expected a string, found the end of the text (byte 1)");
  EXPECT_EQ(Read(Signal::kTraces, " []"), "error: expected an object, found `[` (byte 1)");
  EXPECT_EQ(Read(Signal::kTraces, "\xef\xbb\xbf{}"),
            "error: expected an object, found byte 0xef (byte 0)");
  EXPECT_EQ(Read(Signal::kTraces, R"({"resourceSpans":[],})"),
            "error: expected a string, found `}` (byte 20)");
  EXPECT_EQ(Read(Signal::kTraces, "{'resourceSpans':[]}"),
            "error: expected a string, found `'` (byte 1)");
  EXPECT_EQ(Read(Signal::kTraces, R"({"resourceSpans":{}})"),
            "error: resourceSpans: expected a list, found `{` (byte 17)");
  EXPECT_EQ(Read(Signal::kTraces, R"({"x":[1})"), "error: expected `,` or `]`, found `}` (byte 7)");
  EXPECT_EQ(Read(Signal::kTraces, R"({"x":"a)"), "error: the string has no end (byte 5)");
}

std::string Nested(int depth) {
  std::string value = R"({"intValue":1})";
  for (int i = 1; i < depth; ++i) value.insert(0, R"({"arrayValue":{"values":[)").append("]}}");
  return R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":)" + value + "}]}]}]}";
}

TEST(JsonRead, LimitsHowDeepValuesNest) {
  EXPECT_THAT(Read(Signal::kLogs, Nested(kValueDepthMax)), ::testing::Not(HasSubstr("error")));
  EXPECT_THAT(Read(Signal::kLogs, Nested(kValueDepthMax + 1)),
              HasSubstr("values are nested deeper than 64"));
  const std::string deep =
      R"({"unknown":)" + std::string(1000000, '[') + std::string(1000000, ']') + "}";
  EXPECT_EQ(Read(Signal::kLogs, deep), "");
}

TEST(JsonRead, ChargesTheResultAndRefusesWithoutRoom) {
  const std::string text =
      R"({"resourceSpans":[{"schemaUrl":")" + std::string(5000, 'x') + R"("}]})";
  ByteBudget budget(100000);
  {
    const Result<Slice> slice = ReadJsonRequest(Signal::kTraces, text, &budget);
    ASSERT_TRUE(slice);
    EXPECT_GE(budget.used_bytes(), slice->size());
  }
  EXPECT_EQ(budget.used_bytes(), 0u);
  ByteBudget small(1000);
  const Result<Slice> slice = ReadJsonRequest(Signal::kTraces, text, &small);
  ASSERT_FALSE(slice);
  EXPECT_TRUE(slice.error().retryable());
  EXPECT_TRUE(slice.error().retry_after());
  EXPECT_EQ(small.used_bytes(), 0u);
}

// Numbers take two bytes of text and eight of protobuf: more than the reader expects at first.
TEST(JsonRead, GrowsBeyondItsGuess) {
  std::string list = "1";
  for (int i = 1; i < 3000; ++i) list += ",1";
  const std::string hex =
      Read(Signal::kMetrics, R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":)"
                             R"({"dataPoints":[{"explicitBounds":[)" +
                                 list + "]}]}}]}]}]}");
  EXPECT_EQ(hex.size(), 2 * (6 * 4 + 3000 * 8));
}

}  // namespace
}  // namespace weir::model::json
