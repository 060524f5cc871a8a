#include "pipeline/attributes/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace weir::pipeline::attributes {
namespace {

TEST(ParseInt, ReadsDecimalDigits) {
  EXPECT_EQ(ParseInt("0"), 0);
  EXPECT_EQ(ParseInt("+7"), 7);
  EXPECT_EQ(ParseInt("-0012"), -12);
  EXPECT_EQ(ParseInt("9223372036854775807"), std::numeric_limits<int64_t>::max());
  for (const char* text :
       {"", "+", "-", "+-1", "1.0", "1_000", "0x1", " 1", "9223372036854775808"}) {
    EXPECT_EQ(ParseInt(text), std::nullopt) << text;
  }
}

TEST(ParseFloat, ReadsWhatGoReads) {
  EXPECT_EQ(ParseFloat("1.5"), 1.5);
  EXPECT_EQ(ParseFloat("+.5e1"), 5.0);
  EXPECT_EQ(ParseFloat("5."), 5.0);
  EXPECT_EQ(ParseFloat("-1_000.5"), -1000.5);
  EXPECT_EQ(ParseFloat("0x1p-2"), 0.25);
  EXPECT_EQ(ParseFloat("0x_1.8P1"), 3.0);
  EXPECT_EQ(ParseFloat("-InFinity"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(*ParseFloat("NaN")));
  EXPECT_EQ(ParseFloat("1e-400"), 0.0);
  EXPECT_TRUE(std::signbit(*ParseFloat("-0")));
}

TEST(ParseFloat, RefusesTheRest) {
  for (const char* text : {"", "+", "-nan", "1e", "1e400", "0x1", "1__0", "_1", "1_", "1 ", "1,5",
                           "infin", "--1", "0xp1", "."}) {
    EXPECT_EQ(ParseFloat(text), std::nullopt) << text;
  }
}

TEST(TruncateToInt, GoesTowardsZeroAndSaturatesDown) {
  EXPECT_EQ(TruncateToInt(2.9), 2);
  EXPECT_EQ(TruncateToInt(-2.9), -2);
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(TruncateToInt(1e300), kMin);
  EXPECT_EQ(TruncateToInt(-1e300), kMin);
  EXPECT_EQ(TruncateToInt(std::nan("")), kMin);
}

}  // namespace
}  // namespace weir::pipeline::attributes
