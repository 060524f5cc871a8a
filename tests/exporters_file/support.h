// A folder of its own for a test, and a clock that stands where it is put.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "base/clock.h"

namespace weir::exporters::file {

class StillClock final : public Clock {
 public:
  Steady Now() const override { return {}; }
  Wall WallNow() const override { return wall; }
  Wall wall = std::chrono::system_clock::now();
};

class FolderTest : public ::testing::Test {
 protected:
  FolderTest() {
    const auto* const info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string("weir_file_") + info->name() + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  ~FolderTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  static std::string Read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // Sizes of all files by path below the folder.
  std::map<std::string, size_t> Files() const {
    std::map<std::string, size_t> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      if (!entry.is_regular_file()) continue;
      files[entry.path().lexically_relative(folder_).string()] = entry.file_size();
    }
    return files;
  }

  StillClock clock_;
  std::filesystem::path folder_;
};

}  // namespace weir::exporters::file
