// The configuration: every key, and what the real Collector was recorded to say (shared data
// otelcol-golden, config-errors and config-accepts that name file_storage).
#include "extensions/file_storage/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "base/config/decode.h"
#include "base/config/yaml.h"

namespace weir::tests {
namespace {

using extensions::file_storage::FileStorageConfig;

config::Value Parse(const std::string& yaml) {
  auto parsed = config::ParseYaml(yaml, std::make_shared<std::string>("test"));
  EXPECT_TRUE(parsed.value) << parsed.error.text;
  return parsed.value ? *parsed.value : config::Value();
}

std::string FirstError(const config::Value& section, FileStorageConfig* target) {
  config::Problems problems;
  config::Decode(section, "extensions::file_storage", *target, problems);
  if (problems.ok()) config::Validate(section, "extensions::file_storage", *target, problems);
  return problems.ok() ? ""
                       : problems.errors().front().path + ": " + problems.errors().front().text;
}
std::string FirstError(const std::string& yaml) {
  FileStorageConfig target;
  return FirstError(Parse(yaml), &target);
}

// Works in a folder of its own, as the recorded cases did.
class FileStorageConfigTest : public ::testing::Test {
 protected:
  FileStorageConfigTest() : before_(std::filesystem::current_path()) {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ("weir_storage_config" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    std::filesystem::current_path(folder_);
    std::ofstream("config.yaml") << "x";
  }
  ~FileStorageConfigTest() override {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }
  const std::filesystem::path before_;
  std::filesystem::path folder_;
};

TEST_F(FileStorageConfigTest, TakesEveryKey) {
  FileStorageConfig config;
  EXPECT_EQ(FirstError(Parse(R"(
directory: .
timeout: 2s
fsync: true
create_directory: true
directory_permissions: "0700"
recreate: true
compaction:
  on_start: true
  on_rebound: true
  directory: .
  rebound_needed_threshold_mib: 1
  rebound_trigger_threshold_mib: 2
  max_transaction_size: 3
  check_interval: 4s
  cleanup_on_start: true
)"),
                       &config),
            "");
  EXPECT_EQ(config.timeout, std::chrono::seconds(2));
  EXPECT_EQ(config.directory_mode(), 0700U);
  EXPECT_EQ(config.compaction.max_transaction_size, 3);
  EXPECT_NE(config.IgnoredKeys().find("compaction::check_interval"), std::string::npos);
}

TEST_F(FileStorageConfigTest, SyncsUnlessFalseIsWritten) {
  for (const auto& [yaml, sync] :
       {std::pair("{directory: .}", true), std::pair("{directory: ., fsync: true}", true),
        std::pair("{directory: ., fsync: false}", false)}) {
    FileStorageConfig config;
    EXPECT_EQ(FirstError(Parse(yaml), &config), "");
    EXPECT_EQ(config.sync(), sync) << yaml;
  }
}

TEST_F(FileStorageConfigTest, TakesANegativeTimeout) {
  EXPECT_EQ(FirstError("{directory: ., timeout: -1s}"), "");
}

// Each recorded refusal whose section is plain YAML, judged without the program around it.
TEST_F(FileStorageConfigTest, RefusesAsTheCollectorWasRecorded) {
  const auto data = std::filesystem::path(WEIR_SHARED_DATA) / "otelcol-golden/config-errors";
  if (!std::filesystem::exists(data)) GTEST_SKIP() << "no shared data in " << WEIR_SHARED_DATA;
  int judged = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data)) {
    if (!entry.path().filename().string().starts_with("file_storage-")) continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const config::Value recorded = Parse(text.str());
    const config::Value file = Parse(recorded.Find("files")->Find("config.yaml")->as_string());
    const config::Value* section = file.Find("extensions")->Find("file_storage");
    FileStorageConfig target;
    std::string error = recorded.Find("error")->as_string();
    error.erase(0, error.find("extensions::"));
    EXPECT_EQ(FirstError(*section, &target) + "\n", error) << entry.path();
    ++judged;
  }
  EXPECT_EQ(judged, 9);
}

}  // namespace
}  // namespace weir::tests
