// Guarantees: the budget follows the tighter of machine and control group.
#include "app/memory_size.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "pipeline/process_memory.h"

namespace weir::tests {
namespace {

namespace fs = std::filesystem;
constexpr size_t kGiB = size_t{1} << 30;

class MemorySize : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "memory_size_" +
            testing::UnitTest::GetInstance()->current_test_info()->name();
    Write("/proc/meminfo", "MemTotal:        8388608 kB\nMemFree: 1 kB\n");
  }
  void TearDown() override { fs::remove_all(root_); }
  void Write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
  }
  std::string root_;
};

TEST_F(MemorySize, IsTheMachinesWithoutAGroup) {
  EXPECT_EQ(pipeline::UsableMemoryBytes(root_), 8 * kGiB);
}

TEST_F(MemorySize, IsTheTightestGroupsOnTheWayUp) {
  Write("/proc/self/cgroup", "0::/kube/pod/weir\n");
  Write("/sys/fs/cgroup/kube/pod/weir/memory.max", "max\n");
  Write("/sys/fs/cgroup/kube/pod/memory.max", "1073741824\n");
  Write("/sys/fs/cgroup/kube/memory.max", "4294967296\n");
  EXPECT_EQ(pipeline::UsableMemoryBytes(root_), kGiB);
}

TEST_F(MemorySize, ReadsGroupsOfVersionOne) {
  Write("/proc/self/cgroup", "5:memory:/x\n");
  Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "2147483648\n");
  EXPECT_EQ(pipeline::UsableMemoryBytes(root_), 2 * kGiB);
}

TEST_F(MemorySize, AnUnlimitedGroupIsTheMachine) {
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/memory.max", "max\n");
  EXPECT_EQ(pipeline::UsableMemoryBytes(root_), 8 * kGiB);
}

TEST(DefaultBudget, IsHalfAndAtMostOneGibibyte) {
  EXPECT_EQ(app::DefaultBudgetBytes(512 << 20), size_t{256} << 20);
  EXPECT_EQ(app::DefaultBudgetBytes(64 * kGiB), kGiB);
}

}  // namespace
}  // namespace weir::tests
