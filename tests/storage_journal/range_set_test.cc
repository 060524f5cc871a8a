#include "storage/journal/range_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace weir::storage::journal {
namespace {

TEST(RangeSet, JoinsWhatTouches) {
  RangeSet set;
  EXPECT_TRUE(set.Insert(3));
  EXPECT_TRUE(set.Insert(5));
  EXPECT_FALSE(set.Insert(5));
  EXPECT_EQ(set.ranges().size(), 2U);
  EXPECT_TRUE(set.Insert(4));
  EXPECT_EQ(set.ranges(), (std::map<uint64_t, uint64_t>{{3, 5}}));
  EXPECT_TRUE(set.Insert(1, 10));
  EXPECT_EQ(set.ranges(), (std::map<uint64_t, uint64_t>{{1, 10}}));
  EXPECT_EQ(set.Last(), 10U);
}

TEST(RangeSet, SaysWhatASetOfNumbersSays) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 100; ++round) {
    RangeSet ranges;
    std::set<uint64_t> numbers;
    for (int i = 0; i < 40; ++i) {
      const uint64_t first = random() % 60;
      const uint64_t last = first + random() % 4;
      bool fresh = false;
      for (uint64_t n = first; n <= last; ++n) fresh |= numbers.insert(n).second;
      EXPECT_EQ(ranges.Insert(first, last), fresh);
      const uint64_t from = random() % 60;
      const uint64_t to = from + random() % 6;
      bool all = true;
      bool any = false;
      for (uint64_t n = from; n <= to; ++n) {
        all &= numbers.count(n) == 1;
        any |= numbers.count(n) == 1;
      }
      EXPECT_EQ(ranges.ContainsAll(from, to), all);
      EXPECT_EQ(ranges.ContainsAny(from, to), any);
      uint64_t absent = from;
      while (numbers.count(absent) == 1) ++absent;
      EXPECT_EQ(ranges.NextAbsent(from), absent);
    }
  }
}

}  // namespace
}  // namespace weir::storage::journal
