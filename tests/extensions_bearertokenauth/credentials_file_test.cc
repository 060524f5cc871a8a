#include "pipeline/credentials_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/captured_log.h"
#include "tests/support/manual_executor.h"

namespace weir::pipeline {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

class CredentialsFileTest : public testing::Test {
 protected:
  CredentialsFileTest() {
    fs::create_directories(folder_);
    Write("a", "one");
    file_ = CredentialsFile::Make(Path("a"), executor_, Logger(log_), [this](std::string contents) {
      seen_.push_back(std::move(contents));
    });
  }
  ~CredentialsFileTest() override {
    file_->Stop();
    fs::remove_all(folder_);
  }
  std::string Path(const std::string& name) const { return folder_ / name; }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(Path(name), std::ios::binary) << text;
  }

  const fs::path folder_ =
      fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
  tests::ManualExecutor executor_;
  std::shared_ptr<tests::CapturedLog> log_ = std::make_shared<tests::CapturedLog>();
  std::vector<std::string> seen_;
  std::shared_ptr<CredentialsFile> file_;
};

TEST_F(CredentialsFileTest, IsReadAgainWhenItChanges) {
  ASSERT_TRUE(file_->Start().ok());
  executor_.Advance(seconds(5));
  EXPECT_EQ(seen_, std::vector<std::string>{"one"});
  Write("a", "second");
  executor_.Advance(seconds(1));
  ASSERT_EQ(seen_.size(), 2u);
  EXPECT_EQ(seen_.back(), "second");
}

TEST_F(CredentialsFileTest, FollowsASwappedLink) {
  Write("b", "two");
  fs::remove(Path("a"));
  Write("first", "one");
  fs::create_symlink(Path("first"), Path("a"));
  ASSERT_TRUE(file_->Start().ok());
  fs::create_symlink(Path("b"), Path("new"));
  fs::rename(Path("new"), Path("a"));
  executor_.Advance(seconds(1));
  EXPECT_EQ(seen_.back(), "two");
}

TEST_F(CredentialsFileTest, KeepsTheLastContentsWhenItGoes) {
  ASSERT_TRUE(file_->Start().ok());
  fs::remove(Path("a"));
  executor_.Advance(seconds(3));
  EXPECT_EQ(seen_.size(), 1u);
  Write("a", "back again");
  executor_.Advance(seconds(1));
  EXPECT_EQ(seen_.back(), "back again");
}

TEST_F(CredentialsFileTest, SaysWhatIsMissingAtStart) {
  fs::remove(Path("a"));
  EXPECT_EQ(file_->Start().message(), "failed to read credentials file \"" + Path("a") +
                                          "\": open " + Path("a") + ": no such file or directory");
  EXPECT_EQ(executor_.pending_timers(), 0u);
}

TEST_F(CredentialsFileTest, IsNotLookedAtAfterStop) {
  ASSERT_TRUE(file_->Start().ok());
  file_->Stop();
  file_->Stop();
  EXPECT_EQ(executor_.pending_timers(), 0u);
}

}  // namespace
}  // namespace weir::pipeline
