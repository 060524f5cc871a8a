#include "extensions/file_storage/file_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "extensions/file_storage/client_name.h"
#include "tests/support/captured_log.h"
#include "tests/support/manual_executor.h"

namespace weir::tests {
namespace {

using extensions::file_storage::ClientName;
using extensions::file_storage::FileStorage;
using extensions::file_storage::FileStorageConfig;
using pipeline::ComponentId;
using pipeline::ComponentKind;
using pipeline::StorageClient;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class NoHost final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const ComponentId&) override { return nullptr; }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}
};

class FileStorageTest : public ::testing::Test {
 protected:
  FileStorageTest() {
    const auto* const info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string("weir_storage_") + info->name() + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    config_.directory = folder_.string();
  }
  ~FileStorageTest() override { std::filesystem::remove_all(folder_); }

  Status Start() {
    storage_ = std::make_unique<FileStorage>(settings_, config_, storage::io::FileSystem::Real());
    return storage_->Start(host_);
  }
  std::unique_ptr<StorageClient> Open(const std::string& name = "logs") {
    auto client = storage_->Open(ComponentKind::kExporter, {"otlp_http", "x"}, name);
    EXPECT_TRUE(client.has_value()) << client.error().ToString();
    return client ? std::move(*client) : nullptr;
  }
  // Appends and waits until it is durable.
  static StorageClient::Sequence Append(StorageClient& client, const std::string& text) {
    std::promise<Result<StorageClient::Sequence>> answer;
    client.Append({Slice::Copy(text)}, [&](auto result) { answer.set_value(std::move(result)); });
    return answer.get_future().get().value();
  }
  static std::vector<std::string> ReadAll(StorageClient& client) {
    const auto records = client.Read(client.first_undelivered(), 1 << 20).value();
    std::vector<std::string> texts;
    texts.reserve(records.size());
    for (const auto& record : records) texts.emplace_back(record.bytes.view());
    return texts;
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::filesystem::path folder_;
  std::shared_ptr<CapturedLog> log_ = std::make_shared<CapturedLog>();
  ManualExecutor executor_;
  ByteBudget memory_{1 << 20};
  MetricStore* const no_metrics_ = nullptr;
  pipeline::BuildInfo build_;
  pipeline::Settings settings_{
      {"file_storage", ""}, Logger(log_), no_metrics_, executor_, memory_, build_};
  NoHost host_;
  FileStorageConfig config_;
  std::unique_ptr<FileStorage> storage_;
};

TEST(ClientName, IsTheCollectors) {
  EXPECT_EQ(ClientName(ComponentKind::kExporter, {"otlp_http", "x"}, "traces"),
            "exporter_otlp_http_x_traces");
  EXPECT_EQ(ClientName(ComponentKind::kExporter, {"otlp", ""}, "logs"), "exporter_otlp__logs");
  EXPECT_EQ(ClientName(ComponentKind::kReceiver, {"file_log", "a"}, ""), "receiver_file_log_a");
}

TEST(ClientName, WritesUnsafeCharactersAsCodes) {
  EXPECT_EQ(ClientName(ComponentKind::kExporter, {"otlp", "a/b~c"}, "logs"),
            "exporter_otlp_a~002Fb~007Ec_logs");
  EXPECT_EQ(ClientName(ComponentKind::kExporter, {"otlp", "é€😀"}, ""),
            "exporter_otlp_~00E9~20AC~1F600");
  EXPECT_EQ(ClientName(ComponentKind::kExporter, {"otlp", "../\xFF"}, ""),
            "exporter_otlp_..~002F~FFFD");
}

TEST_F(FileStorageTest, KeepsRecordsOverARestart) {
  ASSERT_TRUE(Start().ok());
  {
    const auto client = Open();
    Append(*client, "one");
    const auto two = Append(*client, "two");
    Append(*client, "three");
    client->Delivered(two);
    EXPECT_EQ(client->record_count(), 2U);
    EXPECT_EQ(client->size_bytes(), 8U);
    client->Close();
  }
  storage_->Shutdown();
  storage_->Shutdown();
  ASSERT_TRUE(Start().ok());
  const auto client = Open();
  EXPECT_EQ(client->record_count(), 2U);
  EXPECT_THAT(ReadAll(*client), ElementsAre("one", "three"));
}

TEST_F(FileStorageTest, GivesEachClientADirectory) {
  ASSERT_TRUE(Start().ok());
  const auto logs = Open("logs");
  const auto traces = Open("traces");
  Append(*logs, "a log");
  Append(*traces, "a span");
  EXPECT_THAT(Names(), ElementsAre("exporter_otlp_http_x_logs", "exporter_otlp_http_x_traces"));
  EXPECT_THAT(ReadAll(*logs), ElementsAre("a log"));
  EXPECT_THAT(ReadAll(*traces), ElementsAre("a span"));
}

TEST_F(FileStorageTest, ChargesRecordsItReads) {
  ASSERT_TRUE(Start().ok());
  const auto client = Open();
  Append(*client, std::string(100000, 'x'));
  {
    const auto records = client->Read(0, 1 << 20).value();
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_GE(memory_.used_bytes(), 100000U);
  }
  EXPECT_EQ(memory_.used_bytes(), 0U);
}

TEST_F(FileStorageTest, TakesAppendsOfManyThreads) {
  ASSERT_TRUE(Start().ok());
  const auto client = Open();
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        client->Delivered(Append(*client, std::to_string(t) + "-" + std::to_string(i)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(client->record_count(), 0U);
  EXPECT_EQ(client->size_bytes(), 0U);
  EXPECT_THAT(ReadAll(*client), IsEmpty());
}

// otelcol-golden/file-storage, second-collector-same-directory: `timeout`.
TEST_F(FileStorageTest, RefusesASecondClientOfTheSameFiles) {
  config_.timeout = std::chrono::milliseconds(1);
  ASSERT_TRUE(Start().ok());
  const auto first = Open();
  const auto second = storage_->Open(ComponentKind::kExporter, {"otlp_http", "x"}, "logs");
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message(), ::testing::StartsWith("timeout"));
}

TEST_F(FileStorageTest, LeavesTheDatabaseOfACollectorAlone) {
  const auto path = folder_ / "exporter_otlp_http_x_logs";
  std::ofstream(path) << "a database";
  ASSERT_TRUE(Start().ok());
  {
    const auto client = Open();
    Append(*client, "kept");
  }
  EXPECT_EQ(std::filesystem::file_size(path), 10U);
  EXPECT_THAT(ReadAll(*Open()), ElementsAre("kept"));
}

TEST_F(FileStorageTest, CreatesItsDirectoryWhenAsked) {
  config_.directory = (folder_ / "a" / "b").string();
  EXPECT_THAT(Start().message(), HasSubstr("No such file or directory"));
  config_.create_directory = true;
  ASSERT_TRUE(Start().ok());
  EXPECT_EQ(std::filesystem::status(config_.directory).permissions(),
            std::filesystem::perms::owner_all | std::filesystem::perms::group_read |
                std::filesystem::perms::group_exec);
}

TEST_F(FileStorageTest, WarnsOfFsyncOffAndNamesOptionsWithoutEffect) {
  ASSERT_TRUE(Start().ok());
  EXPECT_THAT(log_->lines(), IsEmpty());
  config_.fsync_written = true;
  config_.compaction.on_start = true;
  config_.recreate = true;
  ASSERT_TRUE(Start().ok());
  const auto lines = log_->lines();
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0].level, LogLevel::kDebug);
  EXPECT_EQ(std::get<std::string>(lines[0].fields[0].value), "compaction::on_start, recreate");
  EXPECT_EQ(lines[1].level, LogLevel::kWarn);
  EXPECT_THAT(lines[1].message, HasSubstr("fsync is off"));
}

TEST_F(FileStorageTest, OpensNothingBeforeItIsStarted) {
  storage_ = std::make_unique<FileStorage>(settings_, config_, storage::io::FileSystem::Real());
  EXPECT_FALSE(storage_->Open(ComponentKind::kExporter, {"otlp", ""}, "logs").has_value());
  EXPECT_THAT(Names(), IsEmpty());
  storage_->Shutdown();
}

}  // namespace
}  // namespace weir::tests
