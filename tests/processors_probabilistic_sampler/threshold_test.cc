#include "processors/probabilistic_sampler/threshold.h"

#include <gtest/gtest.h>

namespace weir::processors::probabilistic_sampler {
namespace {

std::string TextOf(double probability, int precision = kHexDigits) {
  const auto threshold = Threshold::OfProbability(probability, precision);
  return threshold ? threshold->ToText() : "none";
}

TEST(Threshold, IsWrittenWithoutTrailingZeros) {
  EXPECT_EQ(TextOf(1), "0");
  EXPECT_EQ(TextOf(0.5), "8");
  EXPECT_EQ(TextOf(0x1p-56), "ffffffffffffff");
  EXPECT_EQ(TextOf(1 / 3.0), "aaaaaaaaaaaaac");
  EXPECT_EQ(TextOf(2 / 3.0), "55555555555558");
  EXPECT_EQ(TextOf(1 - 0x1p-8), "01");
  EXPECT_EQ(kNever.ToText(), "");
}

TEST(Threshold, IsRoundedToItsPrecision) {
  const double p = 1 - 0x456789ap-28;
  EXPECT_EQ(TextOf(p, 7), "456789a");
  EXPECT_EQ(TextOf(p, 5), "45679");
  EXPECT_EQ(TextOf(p, 4), "4568");
  EXPECT_EQ(TextOf(p, 1), "4");
  // Leading zeros do not count as digits.
  EXPECT_EQ(TextOf(1 - 0x456789ap-40, 4), "0004568");
  EXPECT_EQ(TextOf(0.5, -1), "0");
  EXPECT_EQ(TextOf(0.5, -9), "0");
}

TEST(Threshold, HasNoProbabilityOutsideItsRange) {
  EXPECT_EQ(TextOf(0), "none");
  EXPECT_EQ(TextOf(0x1p-57), "none");
  EXPECT_EQ(TextOf(1.1), "none");
  EXPECT_EQ(TextOf(-0.5), "none");
}

TEST(Threshold, IsReadFromOneToFourteenDigits) {
  EXPECT_EQ(Threshold::Parse("8")->Probability(), 0.5);
  EXPECT_EQ(Threshold::Parse("0"), kAlways);
  EXPECT_EQ(Threshold::Parse("FF")->ToText(), "ff");
  for (const char* text : {"", "g", "-1", "+1", "0x1", "123456789012345"}) {
    EXPECT_EQ(Threshold::Parse(text), std::nullopt) << text;
  }
}

TEST(Threshold, KeepsRandomnessThatReachesIt) {
  const Threshold half = *Threshold::OfProbability(0.5, 4);
  using std::string_literals::operator""s;
  EXPECT_FALSE(half.Keeps(Randomness::OfTraceId("xxxxxxxxx\x7f\xff\xff\xff\xff\xff\xff"s)));
  EXPECT_TRUE(half.Keeps(Randomness::OfTraceId("xxxxxxxxx\x80\0\0\0\0\0\0"s)));
  EXPECT_TRUE(kAlways.Keeps(Randomness(0)));
  EXPECT_FALSE(kNever.Keeps(kAllProbabilities));
}

TEST(Randomness, HasFourteenDigits) {
  EXPECT_EQ(Randomness::Parse("0000000000000a")->bits(), 10u);
  EXPECT_EQ(Randomness(10).ToText(), "0000000000000a");
  EXPECT_EQ(kAllProbabilities.ToText(), "ffffffffffffff");
  EXPECT_EQ(Randomness::Parse("1234567890123"), std::nullopt);
  EXPECT_EQ(Randomness::Parse("abcdefgabcdefg"), std::nullopt);
}

}  // namespace
}  // namespace weir::processors::probabilistic_sampler
