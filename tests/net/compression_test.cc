#include "net/compression/compression.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace weir::net {
namespace {

constexpr Encoding kEncodings[] = {Encoding::kGzip,    Encoding::kZstd,   Encoding::kZlib,
                                   Encoding::kDeflate, Encoding::kSnappy, Encoding::kSnappyFramed,
                                   Encoding::kLz4};

std::string Text(size_t size) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < size) text += "service.name=" + std::to_string(random() % 1000) + " ";
  text.resize(size);
  return text;
}

std::string Noise(size_t size) {
  std::mt19937 random(7);
  std::string noise(size, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  return noise;
}

Slice Packed(Encoding encoding, std::string_view text, int level = kDefaultLevel) {
  const Slice plain = Slice::Copy(text);
  return *Compress(encoding, level, {&plain, 1}, nullptr);
}

class CompressionTest : public testing::TestWithParam<Encoding> {
 protected:
  ByteBudget budget_{256 << 20};
};

TEST_P(CompressionTest, GivesBackWhatItTook) {
  for (const size_t size : {0u, 1u, 100u, 65536u, 65537u, 1u << 20}) {
    for (const std::string& text : {Text(size), Noise(size)}) {
      const Result<Slice> plain =
          Decompress(GetParam(), Packed(GetParam(), text), size + 1, budget_);
      ASSERT_TRUE(plain) << plain.error().message() << " for " << size;
      EXPECT_TRUE(plain->view() == text) << size;
    }
  }
}

TEST_P(CompressionTest, GathersParts) {
  std::vector<Slice> parts;
  std::string whole;
  for (const size_t size : {10u, 0u, 70000u, 1u, 300u, 0u}) {
    parts.push_back(Slice::Copy(Text(size)));
    whole += Text(size);
  }
  const Result<Slice> packed = Compress(GetParam(), kDefaultLevel, parts, &budget_);
  ASSERT_TRUE(packed);
  EXPECT_TRUE(Decompress(GetParam(), *packed, 1 << 20, budget_)->view() == whole);
}

TEST_P(CompressionTest, StopsAtTheLimit) {
  const Slice packed = Packed(GetParam(), std::string(100000, 'a'));
  EXPECT_TRUE(Decompress(GetParam(), packed, 100000, budget_));
  const Result<Slice> refused = Decompress(GetParam(), packed, 99999, budget_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), StatusCode::kResourceExhausted);
}

// Guarantees: a bomb costs the limit and a chunk, never its promise.
TEST_P(CompressionTest, HoldsLittleOfABomb) {
  const Slice bomb = Packed(GetParam(), std::string(64 << 20, '\0'));
  const size_t size_max = 1 << 20;
  EXPECT_FALSE(Decompress(GetParam(), bomb, size_max, budget_));
  EXPECT_LE(budget_.peak_bytes(), size_max + 65536);
  EXPECT_EQ(budget_.used_bytes(), 0U);
}

TEST_P(CompressionTest, RefusesWhenTheBudgetIsSpent) {
  ByteBudget small(50000);
  const Result<Slice> refused =
      Decompress(GetParam(), Packed(GetParam(), Text(200000)), 1 << 20, small);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), StatusCode::kUnavailable);
  EXPECT_TRUE(refused.error().retry_after());
  EXPECT_EQ(small.used_bytes(), 0U);
}

TEST_P(CompressionTest, RefusesWhatIsCutShort) {
  const std::string text = Text(5000);
  const Slice packed = Packed(GetParam(), text);
  for (size_t size = 1; size < packed.size(); size += 7) {
    const Result<Slice> cut = Decompress(GetParam(), packed.Sub(0, size), 1 << 20, budget_);
    // A framed stream may end between two chunks.
    if (cut) {
      EXPECT_LT(cut->size(), text.size()) << size;
    }
  }
  EXPECT_EQ(budget_.used_bytes(), 0U);
}

TEST_P(CompressionTest, SurvivesAnyFlippedByte) {
  const Slice packed = Packed(GetParam(), Text(3000));
  for (size_t i = 0; i < packed.size(); ++i) {
    std::string damaged(packed.view());
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    const Result<Slice> plain = Decompress(GetParam(), Slice::Copy(damaged), 1 << 16, budget_);
    if (plain) {
      EXPECT_LE(plain->size(), 1U << 16);
    }
  }
  EXPECT_EQ(budget_.used_bytes(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Codecs, CompressionTest, testing::ValuesIn(kEncodings),
                         [](const auto& test_info) {
                           std::string name(EncodingName(test_info.param));
                           std::erase(name, '-');
                           return name;
                         });

TEST(Gzip, ReadsSeveralMembers) {
  ByteBudget budget(1 << 20);
  const std::string two = std::string(Packed(Encoding::kGzip, "one").view()) +
                          std::string(Packed(Encoding::kGzip, "two").view());
  EXPECT_EQ(Decompress(Encoding::kGzip, Slice::Copy(two), 100, budget)->view(), "onetwo");
}

TEST(Gzip, WritesEveryLevel) {
  ByteBudget budget(1 << 24);
  for (int level = -2; level <= 9; ++level) {
    const std::string text = Text(50000);
    const Slice packed = Packed(Encoding::kGzip, text, level);
    EXPECT_TRUE(Decompress(Encoding::kGzip, packed, text.size(), budget)->view() == text) << level;
  }
}

TEST(Snappy, TellsFramedBodiesApart) {
  ByteBudget budget(1 << 20);
  const Slice framed = Packed(Encoding::kSnappyFramed, "hello");
  EXPECT_EQ(Decompress(Encoding::kSnappy, framed, 100, budget)->view(), "hello");
}

// The framing format's own example: CRC-32C of "123456789" is e3069283.
TEST(Snappy, ChecksTheSumOfAChunk) {
  ByteBudget budget(1 << 20);
  std::string body("\xff\x06\x00\x00sNaPpY\x01\x0d\x00\x00", 14);
  const uint32_t crc = 0xe3069283;
  const uint32_t masked = ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
  body.append(reinterpret_cast<const char*>(&masked), 4).append("123456789");
  const auto plain = Decompress(Encoding::kSnappyFramed, Slice::Copy(body), 100, budget);
  ASSERT_TRUE(plain) << plain.error().message();
  EXPECT_EQ(plain->view(), "123456789");
  body.back() = '8';
  EXPECT_FALSE(Decompress(Encoding::kSnappyFramed, Slice::Copy(body), 100, budget));
}

TEST(Encoding, KnowsItsNames) {
  for (const Encoding encoding : kEncodings) {
    EXPECT_EQ(ParseEncoding(EncodingName(encoding)), encoding);
  }
  EXPECT_FALSE(ParseEncoding("GZIP"));
  EXPECT_FALSE(ParseEncoding("identity"));
}

}  // namespace
}  // namespace weir::net
