#include "exporters/file/output_file.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>
#include <ctime>

#include "tests/exporters_file/support.h"

namespace weir::exporters::file {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// 2024-05-06 07:08:09.010 UTC.
constexpr auto kTime =
    std::chrono::system_clock::time_point(std::chrono::milliseconds(1714979289010));
constexpr size_t kMegabyte = 1 << 20;

Status WriteOne(OutputFile& file, std::string_view text) { return file.Write({&text, 1}); }

class OutputFileTest : public FolderTest {
 protected:
  OutputFileTest() { clock_.wall = kTime; }
};

TEST_F(OutputFileTest, TruncatesOrAppends) {
  OutputFile file(Path("a"), nullptr, clock_);
  ASSERT_TRUE(file.Open(OutputFile::Mode::kTruncate).ok());
  ASSERT_TRUE(WriteOne(file, "one").ok());
  file.Close();
  ASSERT_TRUE(file.Open(OutputFile::Mode::kAppend).ok());
  ASSERT_TRUE(WriteOne(file, "two").ok());
  EXPECT_EQ(Read(Path("a")), "onetwo");
  file.Close();
  ASSERT_TRUE(file.Open(OutputFile::Mode::kTruncate).ok());
  EXPECT_EQ(Read(Path("a")), "");
}

TEST_F(OutputFileTest, WritesManyPartsAsOne) {
  OutputFile file(Path("a"), nullptr, clock_);
  ASSERT_TRUE(file.Open(OutputFile::Mode::kTruncate).ok());
  std::vector<std::string> texts;
  texts.reserve(5000);
  std::string whole;
  for (int i = 0; i < 5000; ++i) texts.push_back(i % 7 == 0 ? "" : std::to_string(i));
  for (const std::string& text : texts) whole += text;
  const std::vector<std::string_view> parts(texts.begin(), texts.end());
  ASSERT_TRUE(file.Write(parts).ok());
  EXPECT_EQ(Read(Path("a")), whole);
}

TEST_F(OutputFileTest, SaysWhyItCannotOpen) {
  OutputFile file(Path("no/such/a"), nullptr, clock_);
  const Status status = file.Open(OutputFile::Mode::kTruncate);
  EXPECT_EQ(status.message(), "open " + Path("no/such/a") + ": no such file or directory");
}

TEST_F(OutputFileTest, RefusesWhenTheDiskIsFull) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  OutputFile file("/dev/full", nullptr, clock_);
  ASSERT_TRUE(file.Open(OutputFile::Mode::kAppend).ok());
  const Status status = WriteOne(file, "x");
  EXPECT_EQ(status.message(), "write /dev/full: no space left on device");
  EXPECT_TRUE(status.retryable());
}

// Scenario: the file may not grow beyond 10 bytes, so that a record of 8 fits and half of the next.
// Guarantees: no half record stays, and what comes later is written.
TEST_F(OutputFileTest, LeavesNoHalfRecord) {
  OutputFile file(Path("a"), nullptr, clock_);
  ASSERT_TRUE(file.Open(OutputFile::Mode::kTruncate).ok());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{10, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status first = WriteOne(file, "12345678");
  const Status second = WriteOne(file, "abcdefgh");
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(first.ok());
  EXPECT_EQ(second.message(), "write " + Path("a") + ": file too large");
  EXPECT_EQ(Read(Path("a")), "12345678");
  EXPECT_TRUE(WriteOne(file, "ABC").ok());
  EXPECT_EQ(Read(Path("a")), "12345678ABC");
}

TEST_F(OutputFileTest, BeginsANewFileWhenFull) {
  RotationConfig rotation;
  rotation.max_megabytes = 1;
  OutputFile file(Path("a.json"), &rotation, clock_);
  ASSERT_TRUE(file.Open(OutputFile::Mode::kAppend).ok());
  ASSERT_TRUE(WriteOne(file, std::string(kMegabyte, 'x')).ok());
  EXPECT_THAT(Files(), ElementsAre(Pair("a.json", kMegabyte))) << "exactly full is not too full";
  ASSERT_TRUE(WriteOne(file, "y").ok());
  EXPECT_THAT(Files(), ElementsAre(Pair("a-2024-05-06T07-08-09.010-size.json", kMegabyte),
                                   Pair("a.json", 1)));
  // The same millisecond again, and a record above the limit.
  ASSERT_TRUE(WriteOne(file, std::string(kMegabyte + 1, 'z')).ok());
  EXPECT_THAT(Files(), ElementsAre(Pair("a-2024-05-06T07-08-09.010-size.json", kMegabyte),
                                   Pair("a-2024-05-06T07-08-09.011-size.json", 1),
                                   Pair("a.json", kMegabyte + 1)));
}

TEST_F(OutputFileTest, RemovesOldBackups) {
  for (const char* name : {"a-2024-05-06T07-08-08.000-size", "a-2024-05-05T00-00-00.000-size",
                           "a-2024-05-04T00-00-00.000", "a-2024-05-01T00-00-00.000-size", "a-notes",
                           "b-2024-05-01T00-00-00.000-size"}) {
    std::ofstream(Path(name)) << "x";
  }
  RotationConfig rotation;
  rotation.max_megabytes = 1;
  rotation.max_days = 2;
  rotation.max_backups = 2;
  OutputFile file(Path("a"), &rotation, clock_);
  ASSERT_TRUE(file.Open(OutputFile::Mode::kAppend).ok());
  ASSERT_TRUE(WriteOne(file, "1").ok());
  ASSERT_TRUE(WriteOne(file, std::string(kMegabyte, 'x')).ok());
  EXPECT_THAT(Files(), ElementsAre(Pair("a", kMegabyte), Pair("a-2024-05-06T07-08-08.000-size", 1),
                                   Pair("a-2024-05-06T07-08-09.010-size", 1), Pair("a-notes", 1),
                                   Pair("b-2024-05-01T00-00-00.000-size", 1)))
      << "two backups of a, and what is none";
}

}  // namespace
}  // namespace weir::exporters::file
