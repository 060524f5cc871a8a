#include "base/slice.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Slice, KeepsItsChargeUntilTheLastReferenceGoes) {
  ByteBudget budget(100);
  {
    MutableBuffer buffer = MutableBuffer::TryAllocate(60, budget);
    ASSERT_TRUE(buffer);
    buffer.Append("hello world");
    const Slice all = std::move(buffer).Freeze();
    const Slice part = all.Sub(6, 5);
    EXPECT_EQ(part.view(), "world");
    EXPECT_EQ(budget.used_bytes(), 60u);
    EXPECT_FALSE(MutableBuffer::TryAllocate(41, budget));
    EXPECT_EQ(budget.refusals(), 1u);
  }
  EXPECT_EQ(budget.used_bytes(), 0u);
}

TEST(Slice, JoinsNeighboursOfOneBuffer) {
  const Slice all = Slice::Copy("abcdef");
  Slice first = all.Sub(0, 2);
  const Slice second = all.Sub(2, 3);
  ASSERT_TRUE(first.IsFollowedBy(second));
  EXPECT_FALSE(second.IsFollowedBy(first));
  first.Extend(second);
  EXPECT_EQ(first.view(), "abcde");
}

TEST(Slice, ReleasesAdoptedMemoryOnce) {
  int released = 0;
  {
    const Slice slice = Slice::Adopt("bytes", [&] { ++released; });
    const Slice copy = slice;  // NOLINT: the copy is the point
    EXPECT_EQ(copy.view(), "bytes");
  }
  EXPECT_EQ(released, 1);
}

TEST(MutableBuffer, GrowsWithinTheBudget) {
  ByteBudget budget(100);
  MutableBuffer buffer = MutableBuffer::TryAllocate(10, budget);
  buffer.Append("0123456789");
  EXPECT_TRUE(buffer.TryGrow(50));
  EXPECT_FALSE(buffer.TryGrow(101));
  EXPECT_EQ(std::move(buffer).Freeze().view(), "0123456789");
}

}  // namespace
}  // namespace weir
