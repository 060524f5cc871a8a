#include "model/utf8.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "model/fields.h"
#include "model/wire.h"
#include "tests/support/otlp_random.h"

namespace weir::model {
namespace {

TEST(IsValidUtf8, FollowsTheTableOfWellFormedSequences) {
  for (const std::string_view good :
       {"", "plain", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "long enough for a word \xe2\x82\xac and more"}) {
    EXPECT_TRUE(IsValidUtf8(good)) << good;
  }
  for (const std::string_view bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2 ", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "eight by\xfe"}) {
    EXPECT_FALSE(IsValidUtf8(bad)) << bad;
  }
}

TEST(CountInvalidUtf8, CountsStringsAtEveryDepthAndNoBytes) {
  const auto field = [](uint32_t number, std::string_view value) {
    std::string out;
    AppendBytesField(out, number, value);
    return out;
  };
  const std::string bad_value = field(fields::AnyValue::kString, "\xff");
  const std::string nested = field(fields::AnyValue::kArray, field(1, bad_value));
  const std::string bytes_value = field(fields::AnyValue::kBytes, "\xff");
  const std::string log = field(fields::LogRecord::kBody, nested) +
                          field(fields::LogRecord::kAttributes,
                                field(1, "\xfe") + field(fields::KeyValue::kValue, bytes_value)) +
                          field(fields::LogRecord::kTraceId, std::string(16, '\xff'));
  const std::string request = field(1, field(3, "\xff") + field(2, field(2, log)));
  EXPECT_EQ(CountInvalidUtf8(test::BatchOf(Signal::kLogs, request)), 3u);
}

TEST(CountInvalidUtf8, FindsNothingInGoodRequests) {
  std::mt19937_64 random(41);
  for (Signal signal : kSignals) {
    const auto request = test::RandomRequest(signal, random, {.full = true});
    EXPECT_EQ(CountInvalidUtf8(test::BatchOf(signal, *request)), 0u);
  }
}

}  // namespace
}  // namespace weir::model
