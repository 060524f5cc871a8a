#include <gtest/gtest.h>

#include <optional>

#include "base/byte_budget.h"

namespace weir {
namespace {

TEST(BudgetCeiling, HoldsInPlaceOfTheBudgetsOwnLimit) {
  ByteBudget budget(100);
  BudgetCeiling ceiling = budget.AddCeiling(500);
  EXPECT_EQ(budget.limit_bytes(), 500u);
  ceiling.Set(50);
  EXPECT_EQ(budget.limit_bytes(), 50u);
  budget.SetLimit(10);
  EXPECT_EQ(budget.limit_bytes(), 50u);
}

TEST(BudgetCeiling, GivesWayToTheSmallestAndToTheOwnLimitAtLast) {
  ByteBudget budget(100);
  auto large = std::make_optional(budget.AddCeiling(80));
  auto small = std::make_optional(budget.AddCeiling(40));
  EXPECT_EQ(budget.limit_bytes(), 40u);
  small.reset();
  EXPECT_EQ(budget.limit_bytes(), 80u);
  large.reset();
  EXPECT_EQ(budget.limit_bytes(), 100u);
}

TEST(BudgetCeiling, MovesWithItsHolder) {
  ByteBudget budget(100);
  {
    BudgetCeiling first = budget.AddCeiling(30);
    BudgetCeiling second = std::move(first);
    second = BudgetCeiling(std::move(second));
    EXPECT_EQ(budget.limit_bytes(), 30u);
  }
  EXPECT_EQ(budget.limit_bytes(), 100u);
}

TEST(BudgetCeiling, RefusesChargesAboveIt) {
  ByteBudget budget(100);
  Charge held = budget.TryReserve(60);
  const BudgetCeiling ceiling = budget.AddCeiling(50);
  EXPECT_FALSE(budget.TryReserve(1));
  held.Release();
  EXPECT_TRUE(budget.TryReserve(50));
}

}  // namespace
}  // namespace weir
