// Guarantees: a change is told once, after it stood still for one look; a swapped link is a change.
#include "app/file_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace weir::tests {
namespace {

namespace fs = std::filesystem;

class FileWatch : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "file_watch_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::create_directories(folder_);
    Write("config.yaml", "a");
  }
  void TearDown() override { fs::remove_all(folder_); }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string folder_;
};

TEST_F(FileWatch, TellsAChangeOnceWhenItStandsStill) {
  app::FileWatch watch({Path("config.yaml")});
  EXPECT_FALSE(watch.Changed());
  Write("config.yaml", "ab");
  EXPECT_FALSE(watch.Changed());  // may still be written
  Write("config.yaml", "abc");
  EXPECT_FALSE(watch.Changed());
  EXPECT_TRUE(watch.Changed());
  EXPECT_FALSE(watch.Changed());
}

TEST_F(FileWatch, SeesASwappedLink) {
  // Scenario: a Kubernetes volume: config.yaml -> ..data/config.yaml, ..data is swapped.
  fs::create_directories(Path("one"));
  fs::create_directories(Path("two"));
  Write("one/linked.yaml", "same");
  Write("two/linked.yaml", "same");
  fs::create_directory_symlink("one", Path("..data"));
  fs::create_symlink("..data/linked.yaml", Path("linked.yaml"));
  app::FileWatch watch({Path("linked.yaml")});
  fs::create_directory_symlink("two", Path("..data_tmp"));
  fs::rename(Path("..data_tmp"), Path("..data"));
  watch.Changed();
  EXPECT_TRUE(watch.Changed());
}

TEST_F(FileWatch, SeesAFileReplacedByRenameAndOneThatComes) {
  app::FileWatch watch({Path("config.yaml"), Path("later.yaml")});
  Write("new", "a");
  fs::rename(Path("new"), Path("config.yaml"));
  watch.Changed();
  EXPECT_TRUE(watch.Changed());
  Write("later.yaml", "x");
  watch.Changed();
  EXPECT_TRUE(watch.Changed());
}

TEST_F(FileWatch, WatchesNothingQuietly) {
  app::FileWatch watch({});
  EXPECT_TRUE(watch.empty());
  EXPECT_FALSE(watch.Changed());
}

}  // namespace
}  // namespace weir::tests
