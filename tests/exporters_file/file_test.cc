#include <gmock/gmock.h>

#include "base/byte_budget.h"
#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "exporters/file/file_target.h"
#include "model/check.h"
#include "model/json/read.h"
#include "net/compression/compression.h"
#include "tests/exporters_file/support.h"

namespace weir::exporters::file {
namespace {

using model::Signal;
using ::testing::ElementsAre;
using ::testing::Pair;

model::Batch BatchOf(Signal signal, std::string_view json) {
  Result<Slice> bytes = model::json::ReadJsonRequest(signal, json, nullptr);
  EXPECT_TRUE(bytes) << bytes.error().message();
  return *model::CheckRequest(signal, *std::move(bytes));
}

constexpr std::string_view kLogs =
    R"({"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":[{"body":)"
    R"({"stringValue":"hello"}}]}]}]})";
constexpr std::string_view kTraces =
    R"({"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[{"name":"op",)"
    R"("status":{}}]}]}]})";

// A log whose resource names the file `segment`.
std::string LogFor(std::string_view segment) {
  return R"({"resource":{"attributes":[{"key":"fileexporter.path_segment","value":{"stringValue":")" +
         std::string(segment) +
         R"("}}]},"scopeLogs":[{"scope":{},"logRecords":[{"body":{"stringValue":"x"}}]}]})";
}
model::Batch LogsFor(std::string_view resources) {
  return BatchOf(Signal::kLogs, R"({"resourceLogs":[)" + std::string(resources) + "]}");
}

class FileTargetTest : public FolderTest {
 protected:
  Status Write(FileTarget& target, const model::Batch& batch) {
    dropped_ = 0;
    return target.Write(batch, &dropped_);
  }
  size_t dropped_ = 0;
};

TEST_F(FileTargetTest, WritesALineForEachBatchOfAnySignal) {
  FileConfig config;
  config.path = Path("out.json");
  FileTarget target(config, clock_);
  ASSERT_TRUE(target.Start().ok());
  ASSERT_TRUE(target.Start().ok()) << "another signal of the same component";
  ASSERT_TRUE(Write(target, BatchOf(Signal::kLogs, kLogs)).ok());
  target.Stop();
  ASSERT_TRUE(Write(target, BatchOf(Signal::kTraces, kTraces)).ok());
  target.Stop();
  EXPECT_EQ(Read(config.path), std::string(kLogs) + "\n" + std::string(kTraces) + "\n");
}

TEST_F(FileTargetTest, TruncatesUnlessItAppends) {
  FileConfig config;
  config.path = Path("out.json");
  const auto run = [&] {
    FileTarget target(config, clock_);
    ASSERT_TRUE(target.Start().ok());
    ASSERT_TRUE(Write(target, BatchOf(Signal::kLogs, kLogs)).ok());
  };
  run();
  run();
  EXPECT_EQ(Read(config.path).size(), kLogs.size() + 1);
  config.append = true;
  run();
  EXPECT_EQ(Read(config.path).size(), 2 * (kLogs.size() + 1));
}

TEST_F(FileTargetTest, WritesSizedProtobuf) {
  FileConfig config;
  config.path = Path("out.bin");
  config.format = "proto";
  FileTarget target(config, clock_);
  ASSERT_TRUE(target.Start().ok());
  model::Batch batch = BatchOf(Signal::kLogs, kLogs);
  batch.Append(BatchOf(Signal::kLogs, kLogs));
  ASSERT_TRUE(Write(target, batch).ok());
  const Slice bytes = batch.Flatten();
  const std::string size{'\0', '\0', '\0', static_cast<char>(bytes.size())};
  EXPECT_EQ(Read(config.path), size + std::string(bytes.view()));
}

TEST_F(FileTargetTest, CompressesEachRecord) {
  for (const char* format : {"json", "proto"}) {
    FileConfig config;
    config.path = Path(std::string("out.") + format);
    config.format = format;
    config.compression = "zstd";
    FileTarget target(config, clock_);
    ASSERT_TRUE(target.Start().ok());
    const model::Batch batch = BatchOf(Signal::kLogs, kLogs);
    ASSERT_TRUE(Write(target, batch).ok());
    const std::string record = Read(config.path);
    ASSERT_GT(record.size(), 4u);
    EXPECT_EQ(static_cast<size_t>(record[3]), record.size() - 4);
    ByteBudget budget(1 << 20);
    const Result<Slice> text = net::Decompress(
        net::Encoding::kZstd, Slice::Copy(std::string_view(record).substr(4)), 1 << 16, budget);
    ASSERT_TRUE(text) << text.error().message();
    EXPECT_EQ(text->view(), format[0] == 'j' ? kLogs : batch.Flatten().view());
  }
}

TEST_F(FileTargetTest, CreatesDirectories) {
  FileConfig config;
  config.path = Path("a/b/out.json");
  {
    FileTarget target(config, clock_);
    EXPECT_EQ(target.Start().message(), "open " + config.path + ": no such file or directory");
  }
  config.create_directory = true;
  config.directory_permissions = "0700";
  FileTarget target(config, clock_);
  EXPECT_TRUE(target.Start().ok());
  EXPECT_EQ(std::filesystem::status(Path("a/b")).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(FileTargetTest, KnowsNoEncodings) {
  FileConfig config;
  config.path = Path("out");
  config.encoding.emplace();
  config.encoding->id = {"text_encoding", ""};
  FileTarget target(config, clock_);
  EXPECT_EQ(target.Start().message(), "unknown encoding \"text_encoding\"");
}

TEST_F(FileTargetTest, GroupsByAttribute) {
  FileConfig config;
  config.path = Path("g/*.json");
  config.group_by.enabled = true;
  FileTarget target(config, clock_);
  ASSERT_TRUE(target.Start().ok());
  ASSERT_TRUE(Write(target, LogsFor(LogFor("a") + "," + LogFor("d/b") + "," + LogFor("a") +
                                    R"(,{"scopeLogs":[{"logRecords":[{},{}]}]})"))
                  .ok());
  EXPECT_EQ(dropped_, 2u);
  EXPECT_EQ(Read(Path("g/a.json")),
            R"({"resourceLogs":[)" + LogFor("a") + "," + LogFor("a") + "]}\n");
  EXPECT_EQ(Read(Path("g/d/b.json")), R"({"resourceLogs":[)" + LogFor("d/b") + "]}\n");
}

// Scenario: two files by turns where one may be open. Guarantees: reopening does not truncate, but
// what another run left is.
TEST_F(FileTargetTest, KeepsWhatItWroteWhenItReopens) {
  FileConfig config;
  config.path = Path("*.json");
  config.path.insert(folder_.string().size() + 1, "p");
  config.group_by.enabled = true;
  config.group_by.max_open_files = 1;
  std::ofstream(Path("pa.json")) << "old";
  std::filesystem::last_write_time(
      Path("pa.json"), std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  FileTarget target(config, clock_);
  ASSERT_TRUE(target.Start().ok());
  for (int i = 0; i < 2; ++i) {
    for (const char* name : {"a", "b"}) ASSERT_TRUE(Write(target, LogsFor(LogFor(name))).ok());
  }
  const size_t line = Read(Path("pb.json")).size() / 2;
  EXPECT_GT(line, 50u);
  EXPECT_THAT(Files(), ElementsAre(Pair("pa.json", 2 * line), Pair("pb.json", 2 * line)));
}

// A directory stands where one of two files should be.
TEST_F(FileTargetTest, DoesNotAskForARetryThatWouldDouble) {
  FileConfig config;
  config.path = Path("p*");
  config.group_by.enabled = true;
  std::filesystem::create_directories(Path("pbad"));
  FileTarget target(config, clock_);
  ASSERT_TRUE(target.Start().ok());
  EXPECT_TRUE(Write(target, LogsFor(LogFor("bad"))).retryable());
  EXPECT_TRUE(Write(target, LogsFor(LogFor("bad") + "," + LogFor("good"))).permanent());
  EXPECT_GT(Read(Path("pgood")).size(), 0u);
}

TEST(FileGroupPath, StaysBelowItsRoot) {
  const auto path = [](std::string_view segment) {
    return FileTarget::GroupPath("/data/*.json", segment);
  };
  EXPECT_EQ(path("a"), "/data/a.json");
  EXPECT_EQ(path("a/b"), "/data/a/b.json");
  EXPECT_EQ(path("/a"), "/data/a.json");
  EXPECT_EQ(path("./a"), "/data/a.json");
  EXPECT_EQ(path("../a"), "/data/a.json");
  EXPECT_EQ(path("../../etc/a"), "/data/etc/a.json");
  EXPECT_EQ(path("x/../../../etc/a"), "/data/etc/a.json");
  EXPECT_EQ(path(""), "/data/.json");
  EXPECT_EQ(FileTarget::GroupPath("./g/*", "../../x"), "g/x");
}

std::string Problem(const FileConfig& config) {
  config::Problems problems;
  config.Validate(config::Checker(problems, "", {}));
  return problems.ok() ? "" : problems.errors()[0].text;
}

TEST(FileConfig, SaysWhatIsWrong) {
  FileConfig config;
  EXPECT_EQ(Problem(config), "path must be non-empty");
  config.path = "x";
  EXPECT_EQ(Problem(config), "");
  FileConfig c = config;
  c.append = true;
  c.rotation = config::Optional<RotationConfig>::On();
  EXPECT_EQ(Problem(c), "append and rotation enabled at the same time is not supported");
  c = config;
  c.format = "text";
  EXPECT_EQ(Problem(c), "format type is not supported");
  c = config;
  c.compression = "gzip";
  EXPECT_EQ(Problem(c), "compression is not supported");
  c = config;
  c.flush_interval = std::chrono::seconds(-1);
  EXPECT_EQ(Problem(c), "flush_interval must be larger than zero");
  c = config;
  c.group_by.enabled = true;
  EXPECT_EQ(Problem(c), "path must contain exactly one * when group_by is enabled");
  c.path = "*/x";
  EXPECT_EQ(Problem(c), "path must not start with * when group_by is enabled");
  c.path = "x/*";
  EXPECT_EQ(Problem(c), "");
  c.group_by.resource_attribute.clear();
  EXPECT_EQ(Problem(c), "resource_attribute must not be empty when group_by is enabled");
  c = config;
  c.directory_permissions = "0755";
  EXPECT_EQ(Problem(c), "directory_permissions requires create_directory to be true");
  c.create_directory = true;
  EXPECT_EQ(Problem(c), "");
  c.directory_permissions = "rwx";
  EXPECT_EQ(Problem(c), "directory_permissions value must be a valid octal representation");
  c.directory_permissions = "7777";
  EXPECT_EQ(Problem(c), "directory_permissions contain invalid bits for file access");
}

FileConfig Decoded(std::string_view yaml) {
  const config::YamlResult section = config::ParseYaml(yaml, nullptr);
  FileConfig file;
  config::Problems problems;
  config::Decode(*section.value, "exporters::file", file, problems);
  EXPECT_TRUE(problems.ok()) << problems.errors()[0].text;
  return file;
}

TEST(FileConfig, SwitchesRotationOnByItsKey) {
  EXPECT_FALSE(Decoded("path: x").rotation);
  EXPECT_EQ(Decoded("path: x").format, "json");
  EXPECT_EQ(Decoded("path: x").flush_interval, std::chrono::seconds(1));
  const FileConfig bare = Decoded("{path: x, rotation: null}");
  EXPECT_TRUE(bare.rotation);
  EXPECT_EQ(bare.rotation->max_backups, 100);
  const FileConfig full = Decoded(
      "{path: x, rotation: {max_megabytes: 10, max_days: 3, max_backups: 4, localtime: true},"
      " compression: zstd, compression_params: {level: 6}, group_by: {enabled: true}}");
  EXPECT_EQ(full.rotation->max_megabytes, 10);
  EXPECT_EQ(full.rotation->max_days, 3);
  EXPECT_TRUE(full.rotation->localtime);
  EXPECT_EQ(full.compression_params.level, 6);
  EXPECT_TRUE(full.group_by.enabled);
  EXPECT_EQ(full.group_by.max_open_files, 100);
}

}  // namespace
}  // namespace weir::exporters::file
