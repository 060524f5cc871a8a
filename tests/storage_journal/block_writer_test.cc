// That appending past the page cache leaves the bytes that a plain write would have left.
#include "storage/journal/block_writer.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <random>

#include "storage/io/io.h"
#include "tests/storage_journal/support.h"

namespace weir::tests {
namespace {

using storage::io::Directory;
using storage::io::File;
using storage::io::FileSystem;
using storage::io::OpenMode;
using storage::journal::BlockWriter;

constexpr size_t kFileSize = 12 << 20;

std::string Noise(std::mt19937_64& random, size_t size) {
  std::string bytes;
  while (bytes.size() < size) bytes += std::to_string(random());
  bytes.resize(size);
  return bytes;
}

// A file of zeros, and its bytes by way of another open file.
struct Target {
  explicit Target(Directory& directory) {
    reader = std::move(directory.Open("f", OpenMode::kCreate).value());
    EXPECT_EQ(reader->Allocate(kFileSize), 0);
  }
  std::string Read() const {
    std::string bytes(kFileSize, '\0');
    EXPECT_EQ(storage::io::ReadFull(*reader, bytes.data(), bytes.size(), 0), kFileSize);
    return bytes;
  }
  std::unique_ptr<File> reader;
};

// Appends of all sizes, around the unit and the buffer above all; the file is read after each.
void AppendAndCompare(Directory& directory, uint64_t seed) {
  std::mt19937_64 random(seed);
  const Target target(directory);
  auto file = directory.Open("f", OpenMode::kWriteDirect);
  std::string expected = Noise(random, 64);
  BlockWriter writer;
  const int error = file ? writer.Begin(std::move(*file), expected) : file.error();
  if (error == EINVAL) GTEST_SKIP() << "the file system does not write past its page cache";
  ASSERT_EQ(error, 0);
  constexpr size_t kSizes[] = {1,    31,   512,     4031,    4032,
                               4033, 4096, 300'000, 1 << 21, (1 << 21) + 4097};
  for (int i = 0; i < 8; ++i) {
    std::vector<std::string> texts;
    for (uint64_t n = 1 + random() % 3; n > 0; --n) {
      texts.push_back(Noise(random, kSizes[random() % std::size(kSizes)]));
    }
    std::vector<iovec> parts;
    for (std::string& text : texts) {
      if (expected.size() + text.size() > kFileSize - 4096) break;
      parts.push_back({text.data(), text.size()});
      expected += text;
    }
    ASSERT_EQ(writer.Append(parts), 0);
    ASSERT_EQ(target.reader->SyncData(), 0);
    std::string whole = expected;
    whole.resize(kFileSize);
    ASSERT_TRUE(target.Read() == whole) << "append " << i << " of seed " << seed;
  }
}

TEST(BlockWriter, LeavesWhatAPlainWriteWouldOnASimulatedDisk) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SimFs fs(seed);
    fs.SetShortCounts(seed % 2 == 0);
    const auto directory = std::move(fs.OpenDirectory("/d", true, 0).value());
    AppendAndCompare(*directory, seed);
  }
}

TEST(BlockWriter, LeavesWhatAPlainWriteWouldOnThisMachine) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("weir-blocks-" + std::to_string(getpid()));
  const auto directory = std::move(FileSystem::Real().OpenDirectory(folder, true, 0700).value());
  AppendAndCompare(*directory, 7);
  std::filesystem::remove_all(folder);
}

TEST(BlockWriter, StartsAgainWithAnotherFile) {
  SimFs fs;
  const auto directory = std::move(fs.OpenDirectory("/d", true, 0).value());
  BlockWriter writer;
  for (const std::string name : {"a", "b"}) {
    ASSERT_TRUE(directory->Open(name, OpenMode::kCreate).has_value());
    ASSERT_EQ(writer.Begin(std::move(*directory->Open(name, OpenMode::kWriteDirect)), name), 0);
    writer.End();
    EXPECT_FALSE(writer.is_open());
    EXPECT_EQ(fs.Contents("/d", name), name + std::string(4095, '\0'));
  }
}

// A file system may also say so with the first write.
TEST(Journal, WritesThroughThePageCacheWhereThereIsNoOtherWay) {
  for (const bool at_open : {true, false}) {
    JournalFixture f;
    f.fs->SetDirect(!at_open);
    int refused = 0;
    f.fs->SetFailures([&](SimCall call, const std::string&) {
      return !at_open && call == SimCall::kWrite && refused++ == 0 ? EINVAL : 0;
    });
    ASSERT_TRUE(f.Open().ok());
    for (const std::string text : {"one", "two", "three"}) ASSERT_TRUE(f.Append(text).has_value());
    EXPECT_EQ(f.Segments().size(), 1u);
    f.Restart(f.fs->Crash(3));
    ASSERT_TRUE(f.Open().ok());
    EXPECT_EQ(f.ReadAll(), (std::vector<std::string>{"one", "two", "three"}));
  }
}

}  // namespace
}  // namespace weir::tests
