// That the simulated disk forgets what a disk may forget, and nothing else.
#include "tests/support/sim_fs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <set>

#include "storage/io/io.h"

namespace weir::tests {
namespace {

using storage::io::Directory;
using storage::io::File;
using storage::io::OpenMode;

struct Disk {
  Disk() {
    directory = std::move(fs.OpenDirectory("/d", true, 0).value());
    file = std::move(directory->Open("f", OpenMode::kCreate).value());
    EXPECT_EQ(directory->Sync(), 0);
  }
  void Write(const std::string& bytes, uint64_t offset = 0) {
    EXPECT_EQ(storage::io::WriteAll(*file, bytes, offset), 0);
  }
  // Everything that `f` may be after a crash.
  std::set<std::string> AfterCrash() const {
    std::set<std::string> all;
    for (uint64_t seed = 0; seed < 200; ++seed) all.insert(fs.Crash(seed)->Contents("/d", "f"));
    return all;
  }
  SimFs fs;
  std::unique_ptr<Directory> directory;
  std::unique_ptr<File> file;
};

const std::string kOld(1024, 'o');
const std::string kNew(1024, 'n');

TEST(SimFs, KeepsWhatWasSynced) {
  Disk disk;
  disk.Write(kOld);
  ASSERT_EQ(disk.file->Sync(), 0);
  EXPECT_EQ(disk.AfterCrash(), std::set{kOld});
}

TEST(SimFs, LosesAndTearsWhatWasNot) {
  Disk disk;
  disk.Write(kOld);
  ASSERT_EQ(disk.file->Sync(), 0);
  disk.Write(kNew);
  const std::string half(512, 'n');
  const std::string other(512, 'o');
  EXPECT_EQ(disk.AfterCrash(), (std::set{kOld, kNew, half + other, other + half}));
}

TEST(SimFs, TakesWholeSectorsPastTheCache) {
  Disk disk;
  const auto direct = std::move(disk.directory->Open("f", OpenMode::kWriteDirect).value());
  alignas(512) std::array<char, 1024> bytes{};
  const iovec whole{bytes.data(), bytes.size()};
  const iovec half{bytes.data(), 256};
  const iovec inside{bytes.data() + 8, 512};
  EXPECT_EQ(direct->Write(&half, 1, 0).error(), EINVAL);
  EXPECT_EQ(direct->Write(&inside, 1, 0).error(), EINVAL);
  EXPECT_EQ(direct->Write(&whole, 1, 8).error(), EINVAL);
  EXPECT_EQ(direct->Write(&whole, 1, 512).value(), 1024u);
  EXPECT_EQ(disk.fs.Contents("/d", "f").size(), 1536u);
  EXPECT_TRUE(disk.AfterCrash().contains(""));
  disk.fs.SetDirect(false);
  EXPECT_EQ(disk.directory->Open("f", OpenMode::kWriteDirect).error(), EINVAL);
}

TEST(SimFs, ReordersWrites) {
  Disk disk;
  disk.Write(std::string(1024, '\0'));
  ASSERT_EQ(disk.file->Sync(), 0);
  disk.Write("a", 0);
  disk.Write("b", 600);
  bool second_alone = false;
  for (const std::string& bytes : disk.AfterCrash()) {
    second_alone |= bytes[0] == '\0' && bytes[600] == 'b';
  }
  EXPECT_TRUE(second_alone);
}

TEST(SimFs, LosesForGoodWhatAFailedSyncHeld) {
  const std::string bytes(64 * SimFs::kSectorSize, 'n');
  Disk disk;
  disk.Write(bytes);
  disk.fs.SetFailures(
      [](SimCall call, const std::string&) { return call == SimCall::kSyncFile ? EIO : 0; });
  ASSERT_EQ(disk.file->Sync(), EIO);
  disk.fs.SetFailures(nullptr);
  ASSERT_EQ(disk.file->Sync(), 0);  // says so, and is wrong
  EXPECT_EQ(disk.fs.Contents("/d", "f"), bytes);
  const auto after = disk.AfterCrash();
  EXPECT_EQ(after.size(), 1U);
  EXPECT_NE(*after.begin(), bytes);
}

TEST(SimFs, ForgetsNamesUntilTheDirectoryIsSynced) {
  SimFs fs;
  const auto directory = std::move(fs.OpenDirectory("/d", true, 0).value());
  const auto file = std::move(directory->Open("f", OpenMode::kCreate).value());
  ASSERT_EQ(storage::io::WriteAll(*file, kNew, 0), 0);
  ASSERT_EQ(file->Sync(), 0);
  ASSERT_EQ(directory->Rename("f", "g"), 0);
  std::set<std::vector<std::string>> before;
  for (uint64_t seed = 0; seed < 100; ++seed) before.insert(fs.Crash(seed)->List("/d"));
  EXPECT_EQ(before, (std::set<std::vector<std::string>>{{}, {"f"}, {"g"}}));
  ASSERT_EQ(directory->Sync(), 0);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(fs.Crash(seed)->Contents("/d", "g"), kNew);
  }
}

TEST(SimFs, IsFullAtItsCapacity) {
  Disk disk;
  disk.fs.SetCapacity(1000);
  EXPECT_EQ(storage::io::WriteAll(*disk.file, kNew, 0), ENOSPC);
  EXPECT_EQ(disk.file->Size().value(), 1000U);  // what fitted
  EXPECT_EQ(disk.file->Allocate(2000), ENOSPC);
  EXPECT_EQ(storage::io::WriteAll(*disk.file, "over", 0), 0);
  ASSERT_EQ(disk.directory->Remove("f"), 0);
  EXPECT_EQ(disk.fs.used_bytes(), 0U);
}

TEST(SimFs, IsDeadWhenThePowerIsOff) {
  Disk disk;
  disk.Write(kOld);
  ASSERT_EQ(disk.file->Sync(), 0);
  disk.fs.PowerOffAt(disk.fs.changes() + 2);
  disk.Write("x");
  EXPECT_FALSE(disk.fs.powered_off());
  EXPECT_EQ(disk.file->Sync(), EIO);
  EXPECT_TRUE(disk.fs.powered_off());
  EXPECT_EQ(disk.directory->Sync(), EIO);
  EXPECT_EQ(disk.directory->Open("f", OpenMode::kRead).error(), EIO);
}

TEST(SimFs, KeepsAllThatWasWrittenWhenTheProcessIsKilled) {
  Disk disk;
  disk.Write(kNew);
  const auto after = disk.fs.Kill();
  EXPECT_EQ(after->Contents("/d", "f"), kNew);
  // And may lose it yet.
  bool lost = false;
  for (uint64_t seed = 0; seed < 50; ++seed)
    lost |= after->Crash(seed)->Contents("/d", "f") != kNew;
  EXPECT_TRUE(lost);
}

}  // namespace
}  // namespace weir::tests
