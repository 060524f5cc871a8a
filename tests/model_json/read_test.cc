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

}  // namespace
}  // namespace weir::model::json
