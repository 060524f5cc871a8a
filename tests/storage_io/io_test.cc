#include "storage/io/io.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "storage/io/crc32c.h"
#include "tests/support/sim_fs.h"

namespace weir::tests {
namespace {

using storage::io::Crc32c;
using storage::io::Directory;
using storage::io::File;
using storage::io::FileSystem;
using storage::io::OpenMode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string All(File& file) {
  std::string bytes(file.Size().value(), '\0');
  bytes.resize(storage::io::ReadFull(file, bytes.data(), bytes.size(), 0).value());
  return bytes;
}

// RFC 3720, appendix B.4.
TEST(Crc32c, GivesTheValuesOfTheRfc) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  std::string rising;
  for (char c = 0; c < 32; ++c) rising += c;
  EXPECT_EQ(Crc32c(rising), 0x46DD794EU);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283U);
}

TEST(Crc32c, GoesOnBehindEarlierBytes) {
  EXPECT_EQ(Crc32c("456789", Crc32c("123")), Crc32c("123456789"));
  EXPECT_EQ(Crc32c("", Crc32c("123")), Crc32c("123"));
  EXPECT_EQ(Crc32c(""), 0U);
}

// The same promises for both: the machine's file system and the simulated one.
class FileSystemTest : public ::testing::TestWithParam<bool> {
 protected:
  FileSystemTest() {
    folder_ = std::filesystem::path(::testing::TempDir()) / ("weir_io" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    directory_ = std::move(fs().OpenDirectory((folder_ / "d").string(), true, 0700).value());
  }
  ~FileSystemTest() override { std::filesystem::remove_all(folder_); }
  FileSystem& fs() { return GetParam() ? static_cast<FileSystem&>(sim_) : FileSystem::Real(); }

  std::filesystem::path folder_;
  SimFs sim_;
  std::unique_ptr<Directory> directory_;
};

INSTANTIATE_TEST_SUITE_P(Both, FileSystemTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Simulated" : "Real"; });

TEST_P(FileSystemTest, ReadsWhatWasWritten) {
  const auto file = std::move(directory_->Open("f", OpenMode::kCreate).value());
  const std::string words[] = {"one", "", " two", " three"};
  std::vector<iovec> parts;
  for (const auto& w : words) parts.push_back({const_cast<char*>(w.data()), w.size()});
  EXPECT_EQ(storage::io::WriteAll(*file, parts, 2), 0);
  EXPECT_EQ(All(*file), std::string("\0\0one two three", 15));
  EXPECT_EQ(file->SyncData(), 0);
  EXPECT_EQ(file->Sync(), 0);
  char byte = 0;
  EXPECT_EQ(file->Read(&byte, 1, 100).value(), 0U);
}

TEST_P(FileSystemTest, AllocatesZeroesAndKeepsLonger) {
  const auto file = std::move(directory_->Open("f", OpenMode::kCreate).value());
  ASSERT_EQ(file->Allocate(10000), 0);
  EXPECT_EQ(All(*file), std::string(10000, '\0'));
  ASSERT_EQ(file->Allocate(10), 0);
  EXPECT_EQ(file->Size().value(), 10000U);
  ASSERT_EQ(file->Truncate(10), 0);
  EXPECT_EQ(file->Size().value(), 10U);
}

TEST_P(FileSystemTest, OpensAsTheModeSays) {
  EXPECT_EQ(directory_->Open("f", OpenMode::kRead).error(), ENOENT);
  EXPECT_EQ(directory_->Open("f", OpenMode::kWrite).error(), ENOENT);
  EXPECT_TRUE(directory_->Open("f", OpenMode::kCreate).has_value());
  EXPECT_EQ(directory_->Open("f", OpenMode::kCreate).error(), EEXIST);
  EXPECT_TRUE(directory_->Open("f", OpenMode::kRead).has_value());
}

TEST_P(FileSystemTest, ListsRenamesAndRemoves) {
  for (const char* name : {"b", "a"}) {
    ASSERT_TRUE(directory_->Open(name, OpenMode::kCreate).has_value());
  }
  EXPECT_THAT(directory_->List().value(), ElementsAre("a", "b"));
  EXPECT_EQ(directory_->Rename("b", "a"), 0);
  EXPECT_THAT(directory_->List().value(), ElementsAre("a"));
  EXPECT_EQ(directory_->Remove("b"), ENOENT);
  EXPECT_EQ(directory_->Remove("a"), 0);
  EXPECT_EQ(directory_->Sync(), 0);
  EXPECT_TRUE(directory_->List().value().empty());
}

TEST_P(FileSystemTest, LocksOnce) {
  auto lock = directory_->TakeLock("lock", std::chrono::milliseconds(-1));
  ASSERT_TRUE(lock.has_value());
  EXPECT_EQ(directory_->TakeLock("lock", std::chrono::milliseconds(1)).error(), ETIMEDOUT);
  EXPECT_EQ(directory_->TakeLock("lock", std::chrono::milliseconds(-1)).error(), ETIMEDOUT);
  lock->reset();
  EXPECT_TRUE(directory_->TakeLock("lock", std::chrono::milliseconds(1)).has_value());
}

TEST_P(FileSystemTest, ReplacesAFileWhole) {
  for (const char* text : {"first", "second, longer"}) {
    ASSERT_EQ(storage::io::ReplaceFile(*directory_, "f", text), 0);
    EXPECT_EQ(storage::io::ReadFile(*directory_, "f", 100).value(), text);
  }
  EXPECT_THAT(directory_->List().value(), ElementsAre("f"));
  EXPECT_EQ(storage::io::ReadFile(*directory_, "f", 5).error(), EFBIG);
}

TEST(FileSystem, CreatesMissingParents) {
  const auto folder =
      std::filesystem::path(::testing::TempDir()) / ("weir_parents" + std::to_string(getpid()));
  const std::string deep = (folder / "a" / "b").string();
  EXPECT_EQ(FileSystem::Real().OpenDirectory(deep, false, 0).error(), ENOENT);
  EXPECT_TRUE(FileSystem::Real().OpenDirectory(deep, true, 0750).has_value());
  EXPECT_TRUE(FileSystem::Real().OpenDirectory(deep + "/", true, 0750).has_value());
  EXPECT_TRUE(std::filesystem::is_directory(deep));
  std::filesystem::remove_all(folder);
}

TEST(Io, GoesOnAfterShortCountsAndInterruptions) {
  SimFs fs;
  fs.SetShortCounts(true);
  const auto directory = std::move(fs.OpenDirectory("/d", true, 0).value());
  const auto file = std::move(directory->Open("f", OpenMode::kCreate).value());
  std::string bytes;
  std::vector<std::string> words;
  words.reserve(3000);
  for (int i = 0; i < 3000; ++i) words.push_back(std::to_string(i));
  std::vector<iovec> parts;
  for (auto& w : words) {
    parts.push_back({w.data(), w.size()});
    bytes += w;
  }
  ASSERT_EQ(storage::io::WriteAll(*file, parts, 0), 0);
  EXPECT_EQ(All(*file), bytes);
}

TEST(Io, SaysWhatToDoAboutAFullDisk) {
  const Status full = storage::io::DiskStatus(ENOSPC, "write", "/x");
  EXPECT_THAT(full.message(), HasSubstr("cannot write /x: No space left on device; free space"));
  EXPECT_TRUE(full.retryable());
  EXPECT_TRUE(full.retry_after().has_value());
  const Status broken = storage::io::DiskStatus(EIO, "write", "/x");
  EXPECT_EQ(broken.message(), "cannot write /x: Input/output error");
  EXPECT_FALSE(broken.retry_after().has_value());
}

}  // namespace
}  // namespace weir::tests
