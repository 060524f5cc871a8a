#include "model/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "model/fields.h"
#include "model/wire.h"
#include "tests/support/otlp_random.h"

namespace weir::model {
namespace {

using test::BytesOf;
using test::CountItems;
using test::RandomOtlp;
using test::RandomRequest;
using test::Serialize;

std::string Bytes(uint32_t number, std::string_view value) {
  std::string out;
  AppendBytesField(out, number, value);
  return out;
}

// A traces request with one span of these bytes.
std::string OneSpan(std::string_view span) { return Bytes(1, Bytes(2, Bytes(2, span))); }

Result<Batch> Check(Signal signal, const std::string& bytes, const CheckLimits& limits = {}) {
  return CheckRequest(signal, Slice::Copy(bytes), limits);
}

std::string Refusal(Signal signal, const std::string& bytes, const CheckLimits& limits = {}) {
  Result<Batch> batch = Check(signal, bytes, limits);
  if (batch) return "accepted";
  EXPECT_EQ(batch.error().code(), StatusCode::kInvalidArgument);
  return batch.error().message();
}

// libprotobuf takes a known field with a wrong wire type for an unknown one, takes ids and packed
// fields of any length, and ends a message quietly at a tag 0.
bool IsStricterThanProtobuf(const std::string& message) {
  for (const std::string_view reason :
       {"proto: wrong wireType", "unmarshal: invalid TraceID", "unmarshal: invalid SpanID"}) {
    if (message.starts_with(reason)) return true;
  }
  return false;
}

TEST(CheckRequest, TakesAnEmptyBodyAsAnEmptyBatch) {
  for (Signal signal : kSignals) {
    Result<Batch> batch = CheckRequest(signal, Slice());
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->empty());
    EXPECT_EQ(batch->items(), 0u);
  }
}

TEST(CheckRequest, SharesTheBodyOfASingleResource) {
  Slice body = Slice::Copy(OneSpan("") + "");
  Result<Batch> batch = CheckRequest(Signal::kTraces, body);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->runs().size(), 1u);
  EXPECT_EQ(batch->runs()[0].bytes().data(), body.data());
  EXPECT_EQ(batch->items(), 1u);
  EXPECT_EQ(batch->size_bytes(), body.size());
}

TEST(CheckRequest, CountsPerResourceAndKeepsResourcesWithoutItems) {
  const std::string three = Bytes(1, Bytes(2, Bytes(2, "") + Bytes(2, "") + Bytes(2, "")));
  Result<Batch> batch = Check(Signal::kLogs, three + Bytes(1, "") + three);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->runs().size(), 1u);
  const weir::model::Run& run = batch->runs()[0];
  ASSERT_EQ(run.resource_count(), 3u);
  EXPECT_EQ(run.extent(0).items, 3u);
  EXPECT_EQ(run.extent(1).items, 0u);
  EXPECT_EQ(run.extent(1).size_bytes, 2u);
  EXPECT_EQ(run.extent(2).items, 3u);
}

TEST(CheckRequest, LeavesOtherFieldsOfTheRequestOutOfTheRuns) {
  const std::string resource = Bytes(1, Bytes(3, "url"));
  const std::string other = Bytes(9, "x") + std::string("\x93\x06\x08\x01\x94\x06");
  Result<Batch> batch =
      Check(Signal::kTraces, other + resource + other + resource + resource + other);
  ASSERT_TRUE(batch) << batch.error().ToString();
  EXPECT_EQ(batch->runs().size(), 2u);
  EXPECT_EQ(batch->resource_count(), 3u);
  EXPECT_EQ(BytesOf(*batch), resource + resource + resource);
}

TEST(CheckRequest, RewritesAResourceBehindALongTag) {
  const std::string message = Bytes(3, "url");
  const std::string body =
      std::string("\x8a\x80\x00", 3) + static_cast<char>(message.size()) + message;
  Result<Batch> batch = Check(Signal::kTraces, body);
  ASSERT_TRUE(batch) << batch.error().ToString();
  EXPECT_EQ(BytesOf(*batch), Bytes(1, message));
}

TEST(CheckRequest, CountsTheLastDataOfAMetric) {
  const std::string gauge = Bytes(5, Bytes(1, "") + Bytes(1, "") + Bytes(1, ""));
  const std::string sum = Bytes(7, Bytes(1, ""));
  const auto request = [](const std::string& metric) {
    return Bytes(1, Bytes(2, Bytes(2, metric)));
  };
  EXPECT_EQ(Check(Signal::kMetrics, request(gauge + sum))->items(), 1u);
  EXPECT_EQ(Check(Signal::kMetrics, request(sum + gauge))->items(), 3u);
}

TEST(CheckRequest, SaysWhatIsWrongAndWhere) {
  struct Case {
    std::string bytes;
    std::string message;
  };
  const std::string long_varint(11, '\xff');
  const Case cases[] = {
      {"\x0a\xff\xff\xff\xff\x0fxx", "unexpected EOF at byte 1 in resource_spans"},
      {OneSpan("\x2a\x05it"),
       "unexpected EOF at byte 7 in resource_spans[0].scope_spans[0].spans[0].name"},
      {OneSpan(Bytes(1, "123")),
       "unmarshal: invalid TraceID length at byte 7 in "
       "resource_spans[0].scope_spans[0].spans[0].trace_id"},
      {OneSpan(Bytes(4, "1234567")),
       "unmarshal: invalid SpanID length at byte 7 in "
       "resource_spans[0].scope_spans[0].spans[0].parent_span_id"},
      {std::string("\x08\x01"),
       "proto: wrong wireType = 0 for field ResourceSpans at byte 0 in resource_spans"},
      {std::string("\x0b\x0c"),
       "proto: wrong wireType = 3 for field ResourceSpans at byte 0 in resource_spans"},
      {std::string("\x0f"),
       "proto: wrong wireType = 7 for field ResourceSpans at byte 0 in resource_spans"},
      {OneSpan("\x28\x01"),
       "proto: wrong wireType = 0 for field Name at byte 6 in "
       "resource_spans[0].scope_spans[0].spans[0].name"},
      {std::string("{"), "unexpected EOF at byte 0"},
      {std::string("\x1e"), "proto: illegal wireType 6 at byte 0"},
      {std::string("\x14"), "proto: illegal tag at byte 0"},
      {std::string("\x0a") + long_varint, "proto: integer overflow at byte 1 in resource_spans"},
      {Bytes(1, "") + std::string(1, '\0'), "proto: illegal tag at byte 2"},
      {std::string("\x1b\x08\x01"), "unexpected EOF at byte 0"},
  };
  for (const Case& c : cases) EXPECT_EQ(Refusal(Signal::kTraces, c.bytes), c.message);
}

TEST(CheckRequest, AcceptsInvalidUtf8AndUnknownFields) {
  EXPECT_TRUE(Check(Signal::kTraces, OneSpan("\x2a\x02\xff\xfe")));
  EXPECT_TRUE(Check(Signal::kTraces, OneSpan("\xa2\x06\x01x")));
  EXPECT_TRUE(Check(Signal::kTraces, OneSpan("\x9b\x06\x08\x01\x1b\x1c\x9c\x06")));
}

TEST(CheckRequest, LimitsTheDepthOfValues) {
  const auto log_with_depth = [](int depth) {
    std::string value = Bytes(1, "x");
    for (int i = 1; i < depth; ++i) value = Bytes(5, Bytes(1, value));
    return Bytes(1, Bytes(2, Bytes(2, Bytes(5, value))));
  };
  EXPECT_TRUE(Check(Signal::kLogs, log_with_depth(64)));
  EXPECT_THAT(Refusal(Signal::kLogs, log_with_depth(65)),
              testing::StartsWith("values are nested too deep at byte "));
  EXPECT_TRUE(Check(Signal::kLogs, log_with_depth(65), {.any_value_depth_max = 65}));
  EXPECT_NE(Refusal(Signal::kLogs, log_with_depth(5000), {.any_value_depth_max = 100000}),
            "accepted");
}

TEST(CheckRequest, LimitsItems) {
  const std::string two = Bytes(1, Bytes(2, Bytes(2, "") + Bytes(2, "")));
  EXPECT_TRUE(Check(Signal::kLogs, two, {.items_max = 2}));
  EXPECT_EQ(Refusal(Signal::kLogs, two, {.items_max = 1}),
            "too many items in one request at byte 0 in resource_logs[0]");
}

class CheckAgainstProtobuf : public testing::TestWithParam<Signal> {};

TEST_P(CheckAgainstProtobuf, CountsRandomRequestsAlike) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    const RandomOtlp how{.full = round % 3 == 0, .list_max = 2, .unknown_fields = round % 2 == 0};
    const auto request = RandomRequest(GetParam(), random, how);
    const std::string bytes = Serialize(*request);
    Result<Batch> batch = Check(GetParam(), bytes);
    ASSERT_TRUE(batch) << batch.error().ToString();
    EXPECT_EQ(batch->items(), CountItems(*request));
    EXPECT_EQ(BytesOf(*batch), bytes);
  }
}

// Scenario: single bytes of a valid request are changed, inserted or cut.
// Guarantees: what Weir accepts libprotobuf reads, and counts alike. What only libprotobuf accepts
// is refused for a reason that the Collector has too.
TEST_P(CheckAgainstProtobuf, JudgesMutatedRequestsAlike) {
  std::mt19937_64 random(11);
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string bytes = Serialize(*RandomRequest(GetParam(), random));
    for (int i = 0; i < 20 && !bytes.empty(); ++i) {
      const std::string mutated = test::Mutate(bytes, random);
      Result<Batch> batch = Check(GetParam(), mutated);
      const auto request = test::ParseAnyText(GetParam(), mutated);
      if (batch) {
        ++accepted;
        ASSERT_NE(request, nullptr) << testing::PrintToString(mutated);
        EXPECT_EQ(batch->items(), CountItems(*request));
      } else {
        ++refused;
        EXPECT_TRUE(request == nullptr || IsStricterThanProtobuf(batch.error().message()))
            << batch.error().message();
      }
    }
  }
  EXPECT_GT(accepted, 1000);
  EXPECT_GT(refused, 1000);
}

INSTANTIATE_TEST_SUITE_P(Signals, CheckAgainstProtobuf, testing::ValuesIn(kSignals),
                         [](const auto& info) { return std::string(SignalName(info.param)); });

}  // namespace
}  // namespace weir::model
