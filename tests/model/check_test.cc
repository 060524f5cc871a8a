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

// Guarantees: sizes that agree with each other but not with what holds them are refused, with room
// behind the item and without.
TEST(CheckRequest, RefusesWhatOnlyLooksPlain) {
  const std::string good = Bytes(3, "INFO");
  const struct {
    const char* what;
    std::string record;
  } cases[] = {
      {"a body of one byte", std::string("\x2a\x01\x0a\xff", 4)},
      {"a body of no bytes", std::string("\x2a\x00\x0a\xfe", 4)},
      {"a value of one byte", std::string("\x32\x05\x0a\x00\x12\x01\x0a\xff", 8)},
      {"a value of no bytes", std::string("\x32\x04\x0a\x00\x12\x00\x0a\xfe", 8)},
      {"a key that goes beyond", std::string("\x32\x08\x0a\x07k\x12\x03\x0a\x01v", 10)},
      {"an attribute that goes beyond", std::string("\x32\x0c\x0a\x01k\x12\x07\x0a\x05v", 10)},
      {"a body that goes beyond", std::string("\x2a\x09\x0a\x07v", 5)},
      {"a text that goes beyond", std::string("\x1a\x02v", 3)},
      {"a time that goes beyond", std::string("\x09\x01\x02\x03", 4)},
      {"a double of four bytes", std::string("\x32\x0a\x0a\x01k\x12\x05\x21\x01\x02\x03\x04", 12)},
      {"an int of eleven bytes", std::string("\x32\x11\x0a\x01k\x12\x0c\x18", 8) +
                                     std::string(10, '\x81') + std::string(1, '\x01')},
      {"an int without an end", std::string("\x32\x09\x0a\x01k\x12\x04\x18\x81\x81\x81", 11)},
      {"an int that ends early", std::string("\x32\x09\x0a\x01k\x12\x04\x18\x81\x01\x81", 11)},
  };
  for (const auto& [what, record] : cases) {
    for (const int behind : {0, 1, 1000}) {
      std::string records = Bytes(2, good) + Bytes(2, record);
      for (int i = 0; i < behind; ++i) records += Bytes(2, good);
      EXPECT_NE(Refusal(Signal::kLogs, Bytes(1, Bytes(2, records))), "accepted")
          << what << ", " << behind << " behind";
    }
  }
}

TEST(CheckRequest, RefusesAnItemThatGoesBeyondItsScope) {
  std::string resource =
      Bytes(1, Bytes(2, Bytes(2, Bytes(3, "INFO")) + std::string("\x12\x05\x1a", 3)));
  std::string others;
  for (int i = 0; i < 1000; ++i) others += Bytes(2, Bytes(3, "INFO"));
  EXPECT_EQ(Refusal(Signal::kLogs, resource + Bytes(1, Bytes(2, others))),
            "unexpected EOF at byte 13 in resource_logs[0].scope_logs[0].log_records");
}

// Scenario: what follows an item looks like one more of its fields.
TEST(CheckRequest, KnowsWhereAnItemEnds) {
  std::string spans;
  for (int i = 0; i < 1000; ++i) {
    spans += Bytes(2, "");
    spans += Bytes(2, Bytes(fields::Span::kName, "eight_"));  // 12 08 is a span id, too
  }
  Result<Batch> batch = Check(Signal::kTraces, Bytes(1, Bytes(2, spans)));
  ASSERT_TRUE(batch) << batch.error().ToString();
  EXPECT_EQ(batch->items(), 2000u);
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

// An item as SDKs write it: fields in order, attributes of every plain kind.
std::string PlainItem(Signal signal) {
  std::string integer;
  AppendVarintField(integer, fields::AnyValue::kInt, 52'000);
  std::string boolean;
  AppendVarintField(boolean, fields::AnyValue::kBool, 1);
  std::string number;
  AppendDoubleField(number, fields::AnyValue::kDouble, 0.5);
  std::string item;
  const auto attribute = [&](uint32_t number_of_field, const std::string& value) {
    AppendBytesField(item, number_of_field,
                     Bytes(fields::KeyValue::kKey, "key") + Bytes(fields::KeyValue::kValue, value));
  };
  const auto attributes = [&](uint32_t number_of_field) {
    for (const std::string& value : {Bytes(fields::AnyValue::kString, "text"), integer, boolean,
                                     number, std::string(), Bytes(fields::AnyValue::kString, "")}) {
      attribute(number_of_field, value);
    }
  };
  switch (signal) {
    case Signal::kTraces:
      AppendBytesField(item, fields::Span::kTraceId, "0123456789abcdef");
      AppendBytesField(item, fields::Span::kSpanId, "01234567");
      AppendBytesField(item, fields::Span::kName, "GET /");
      AppendVarintField(item, fields::Span::kKind, 2);
      AppendFixed64Field(item, fields::Span::kStartTime, 1);
      AppendFixed64Field(item, fields::Span::kEndTime, 2);
      attributes(fields::Span::kAttributes);
      AppendBytesField(item, fields::Span::kStatus, "\x18\x01");
      break;
    case Signal::kMetrics:
      AppendFixed64Field(item, fields::NumberDataPoint::kStartTime, 1);
      AppendFixed64Field(item, fields::NumberDataPoint::kTime, 2);
      AppendDoubleField(item, fields::NumberDataPoint::kAsDouble, 1.5);
      attributes(fields::NumberDataPoint::kAttributes);
      break;
    case Signal::kLogs:
      AppendFixed64Field(item, fields::LogRecord::kTime, 1);
      AppendVarintField(item, fields::LogRecord::kSeverityNumber, 9);
      AppendBytesField(item, fields::LogRecord::kSeverityText, "INFO");
      AppendBytesField(item, fields::LogRecord::kBody, Bytes(fields::AnyValue::kString, "hello"));
      attributes(fields::LogRecord::kAttributes);
      AppendBytesField(item, fields::LogRecord::kTraceId, "0123456789abcdef");
      AppendBytesField(item, fields::LogRecord::kSpanId, "01234567");
      break;
  }
  return item;
}

// Scenario: each byte of a plain item is changed, with dozens of items behind it and with none.
// Guarantees: the steps over plain fields, with and without room behind them, let nothing pass.
TEST_P(CheckAgainstProtobuf, JudgesEveryChangeOfAPlainItemAlike) {
  const std::string item = PlainItem(GetParam());
  const uint32_t kinds_of_metric = fields::Metric::kGauge;
  int accepted = 0;
  int refused = 0;
  for (const int items_behind : {0, 20}) {
    std::string others;
    for (int i = 0; i < items_behind; ++i) {
      others += GetParam() == Signal::kMetrics ? Bytes(1, item) : Bytes(2, item);
    }
    for (size_t at = 0; at < item.size(); ++at) {
      const auto byte = static_cast<uint8_t>(item[at]);
      for (const int change : {0, 1, 5, 9, 0x0a, 0x10, 0x12, 0x18, 0x21, 0x7f, 0x80, 0xff, byte + 1,
                               byte - 1, byte ^ 0x80}) {
        std::string changed = item;
        changed[at] = static_cast<char>(change);
        const std::string request =
            GetParam() == Signal::kMetrics
                ? Bytes(1, Bytes(2, Bytes(2, Bytes(kinds_of_metric, Bytes(1, changed) + others))))
                : Bytes(1, Bytes(2, Bytes(2, changed) + others));
        const Result<Batch> batch = Check(GetParam(), request);
        const auto parsed = test::ParseAnyText(GetParam(), request);
        if (batch) {
          ++accepted;
          ASSERT_NE(parsed, nullptr) << at << " := " << change;
          EXPECT_EQ(batch->items(), CountItems(*parsed));
        } else {
          ++refused;
          EXPECT_TRUE(parsed == nullptr || IsStricterThanProtobuf(batch.error().message()))
              << at << " := " << change << ": " << batch.error().message();
        }
      }
    }
  }
  EXPECT_GT(accepted, 500);
  EXPECT_GT(refused, 500);
}

INSTANTIATE_TEST_SUITE_P(Signals, CheckAgainstProtobuf, testing::ValuesIn(kSignals),
                         [](const auto& info) { return std::string(SignalName(info.param)); });

}  // namespace
}  // namespace weir::model
