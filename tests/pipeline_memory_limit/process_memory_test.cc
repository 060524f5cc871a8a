#include "pipeline/process_memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace weir::pipeline {
namespace {

TEST(ProcessMemory, SeesWhatIsTouched) {
  ProcessMemory& memory = ProcessMemory::Real();
  const size_t before = memory.ResidentBytes();
  ASSERT_GT(before, 0u);
  constexpr size_t kBytes = size_t{64} << 20;
  std::vector<char> block(kBytes, 'x');
  EXPECT_GT(memory.ResidentBytes(), before + kBytes / 2);
  EXPECT_EQ(block.back(), 'x');
}

TEST(ProcessMemory, KnowsAnUpperBound) {
  ProcessMemory& memory = ProcessMemory::Real();
  EXPECT_GT(memory.UsableBytes(), memory.ResidentBytes() / 8);
  memory.Trim();
}

}  // namespace
}  // namespace weir::pipeline
