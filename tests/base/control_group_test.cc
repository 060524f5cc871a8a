// Guarantees: what the tightest control group on the way to the root grants is what counts.
#include "base/control_group.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <climits>
#include <filesystem>
#include <fstream>
#include <string>

namespace weir {
namespace {

namespace fs = std::filesystem;

class ControlGroup : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "control_group_" +
            testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }
  void Write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
  }
  std::string root_;
};

TEST_F(ControlGroup, GrantsEverythingWhereThereIsNone) {
  EXPECT_EQ(GroupProcessors(root_), INT_MAX);
  EXPECT_EQ(GroupMemoryBytes(root_), SIZE_MAX);
}

TEST_F(ControlGroup, RoundsTheTightestQuotaUp) {
  Write("/proc/self/cgroup", "0::/pod/weir\n");
  Write("/sys/fs/cgroup/pod/weir/cpu.max", "max 100000\n");
  Write("/sys/fs/cgroup/pod/cpu.max", "150000 100000\n");
  Write("/sys/fs/cgroup/cpu.max", "400000 100000\n");
  EXPECT_EQ(GroupProcessors(root_), 2);
}

TEST_F(ControlGroup, CountsAPartOfAProcessorAsOne) {
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/cpu.max", "1000 100000\n");
  EXPECT_EQ(GroupProcessors(root_), 1);
  EXPECT_EQ(UsableProcessors(root_), 1);
}

TEST_F(ControlGroup, ReadsVersionOne) {
  Write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000\n");
  Write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(GroupProcessors(root_), 3);
  Write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(GroupProcessors(root_), INT_MAX);
}

// Scenario: the process is pinned to one processor, as `taskset -c 0` does.
TEST_F(ControlGroup, UsesNoMoreProcessorsThanItMayRunOn) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  CPU_SET(first, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(UsableProcessors(root_), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof(before), &before), 0);
  EXPECT_EQ(UsableProcessors(root_), CPU_COUNT(&before));
}

}  // namespace
}  // namespace weir
