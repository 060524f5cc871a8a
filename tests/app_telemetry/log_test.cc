// Lines of the program's own log beside those that the Collector wrote.
#include <gtest/gtest.h>
#include <re2/re2.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "app/telemetry/log_encoder.h"
#include "app/telemetry/log_sampler.h"
#include "app/telemetry/log_sink.h"
#include "base/config/yaml.h"
#include "tests/support/golden_status.h"
#include "tests/support/manual_executor.h"

namespace weir::app {
namespace {

namespace fs = std::filesystem;
using config::Value;
using Resource = std::vector<std::pair<std::string, std::string>>;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// A line of the log as data.
struct Recorded {
  std::string text;
  std::string level, caller, message;
  Resource resource;
  LogFields fields;
};

LogField FieldOf(const std::string& key, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kString:
      return {key, value.as_string()};
    case Value::Kind::kInt:
      return {key, value.as_int()};
    case Value::Kind::kBool:
      return {key, value.as_bool()};
    default:
      RawJson json;
      AppendJson(value, json.text);
      return {key, json};
  }
}

void TakeFields(const Value& object, Recorded& line) {
  for (const auto& [key, value] : object.map()) {
    if (key == "level" || key == "ts" || key == "caller" || key == "msg") continue;
    if (key != "resource") {
      line.fields.push_back(FieldOf(key, value));
      continue;
    }
    for (const auto& [name, text] : value.map()) line.resource.emplace_back(name, text.as_string());
  }
}

Value ParseJson(const std::string& text) {
  const config::YamlResult parsed = config::ParseYaml(text, nullptr);
  return parsed.value ? *parsed.value : Value();
}

Recorded FromJson(const std::string& text) {
  Recorded line;
  line.text = text;
  const Value object = ParseJson(text);
  const auto member = [&](const char* key) {
    const Value* found = object.Find(key);
    return found == nullptr ? std::string() : found->as_string();
  };
  line.level = member("level");
  line.caller = member("caller");
  line.message = member("msg");
  TakeFields(object, line);
  return line;
}

// time<TAB>level<TAB>caller<TAB>message[<TAB>fields]
Recorded FromConsole(const std::string& text) {
  Recorded line;
  line.text = text;
  std::vector<std::string> parts;
  for (size_t at = 0; at != std::string::npos;) {
    const size_t tab = text.find('\t', at);
    parts.push_back(text.substr(at, tab == std::string::npos ? tab : tab - at));
    at = tab == std::string::npos ? tab : tab + 1;
  }
  if (parts.size() < 5) return line;
  line.level = parts[1];
  line.caller = parts[2];
  line.message = parts[3];
  TakeFields(ParseJson(parts[4]), line);
  return line;
}

weir::LogLevel LevelOf(const std::string& name) {
  for (const auto level : {weir::LogLevel::kDebug, weir::LogLevel::kInfo, weir::LogLevel::kWarn}) {
    if (LogLevelName(level) == name) return level;
  }
  return weir::LogLevel::kError;
}

class LogSinkTest : public testing::Test {
 protected:
  LogSinkTest() {
    std::string pattern = (fs::temp_directory_path() / "weir-log-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    config_.output_paths = {(folder_ / "log").string()};
  }
  ~LogSinkTest() override { fs::remove_all(folder_); }

  std::shared_ptr<LogSink> Open(const Resource& resource = {{"service.name", "weir"}}) {
    auto sink = OpenLogSink(config_, resource, executor_.clock());
    EXPECT_TRUE(sink) << (sink ? "" : sink.error().message());
    return sink ? *sink : nullptr;
  }
  std::string Failure() {
    auto sink = OpenLogSink(config_, {}, executor_.clock());
    return sink ? "" : sink.error().message();
  }
  // What is in the log, times as in the recordings.
  std::string Written() {
    std::string text = ReadFile(folder_ / "log");
    RE2::GlobalReplace(&text, R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d{4}))", "<time>");
    return text;
  }
  // Writes the line anew and gives what came out.
  std::string Again(const Recorded& line) {
    fs::remove(folder_ / "log");
    const auto sink = Open(line.resource);
    sink->Write(LevelOf(line.level), line.caller, line.message, {}, line.fields);
    return Written();
  }

  tests::ManualExecutor executor_;
  fs::path folder_;
  LogsTelemetry config_;
};

fs::path Golden() { return fs::path(tests::SharedData()) / "otelcol-golden"; }

TEST_F(LogSinkTest, WritesJsonLinesAsTheCollectorWroteThem) {
  if (tests::SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  config_.encoding = "json";
  int compared = 0;
  for (const char* file : {"start-stop-json-info.txt", "start-stop-json-warn.txt"}) {
    for (const std::string& text : Lines(ReadFile(Golden() / "self-metrics/logs" / file))) {
      EXPECT_EQ(Again(FromJson(text)), text + "\n");
      ++compared;
    }
  }
  EXPECT_GT(compared, 15);
}

TEST_F(LogSinkTest, WritesConsoleLinesAsTheCollectorWroteThem) {
  if (tests::SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  int compared = 0;
  for (const char* file : {"start-stop-console-info.txt", "start-stop-console-warn.txt"}) {
    for (const std::string& text : Lines(ReadFile(Golden() / "self-metrics/logs" / file))) {
      const Recorded line = FromConsole(text);
      ASSERT_FALSE(line.level.empty()) << text;
      EXPECT_EQ(Again(line), text + "\n");
      ++compared;
    }
  }
  EXPECT_GT(compared, 15);
}

// The messages of the debug exporter hold line breaks, quotes and control characters.
TEST_F(LogSinkTest, WritesTheDebugExportersMessagesInBothEncodings) {
  if (tests::SharedData().empty()) GTEST_SKIP() << "shared data is not there; set WEIR_DATA";
  const std::string kResource = "\"resource\": \"<resource>\"";
  int compared = 0;
  for (const auto& entry :
       fs::directory_iterator(Golden() / "debug-exporter/detailed/logger-json")) {
    std::string console, json;
    for (std::string text : Lines(ReadFile(entry.path()))) {
      text.replace(text.find(kResource), kResource.size(), "\"resource\":{\"a\":\"b\"}");
      const Recorded line = FromJson(text);
      config_.encoding = "json";
      json = Again(line);
      EXPECT_EQ(json, text + "\n") << entry.path();
      config_.encoding = "console";
      console += Again(line);
      ++compared;
    }
    const std::string spaced = "\"resource\": {\"a\": \"b\"}";
    for (size_t at; (at = console.find(spaced)) != std::string::npos;)
      console.replace(at, spaced.size(), kResource);
    EXPECT_EQ(console,
              ReadFile(Golden() / "debug-exporter/detailed/logger" / entry.path().filename()));
  }
  EXPECT_GT(compared, 40);
}

TEST_F(LogSinkTest, LeavesOutWhatIsSwitchedOff) {
  config_.disable_caller = true;
  config_.disable_zap_resource = true;
  const auto sink = Open();
  sink->Write(weir::LogLevel::kInfo, "a/b.cc:1", "plain", {}, {});
  sink->Write(weir::LogLevel::kError, "a/b.cc:1", "with", {{"id", "x"}},
              {{"list", std::vector<std::string>{"a", "b"}}, {"half", 0.5}, {"big", 1e21}});
  EXPECT_EQ(Written(),
            "<time>\tinfo\tplain\n"
            "<time>\terror\twith\t{\"id\": \"x\", \"list\": [\"a\", \"b\"], \"half\": 0.5, "
            "\"big\": 1000000000000000000000}\n");
}

TEST_F(LogSinkTest, PutsInitialFieldsBeforeTheResource) {
  config_.encoding = "json";
  config_.initial_fields = {{"b", Value::OfInt(1)},
                            {"a", Value::OfMap({{"x", Value::OfList({Value::OfBool(true)})}})}};
  Open()->Write(weir::LogLevel::kInfo, "", "m", {}, {});
  EXPECT_EQ(Written(), R"({"level":"info","ts":"<time>","msg":"m","a":{"x":[true]},"b":1,)"
                       R"("resource":{"service.name":"weir"}})"
                       "\n");
}

TEST_F(LogSinkTest, TellsLevelsApart) {
  const auto expect = [&](const char* level, const std::vector<bool>& enabled) {
    std::string error;
    ASSERT_TRUE(config_.level.FromText(level, &error));
    const auto sink = Open();
    for (size_t i = 0; i < enabled.size(); ++i)
      EXPECT_EQ(sink->enabled(static_cast<weir::LogLevel>(i)), enabled[i]) << level << " " << i;
  };
  expect("debug", {true, true, true, true});
  expect("warn", {false, false, true, true});
  expect("error", {false, false, false, true});
  expect("fatal", {false, false, false, false});
}

TEST_F(LogSinkTest, AppendsToFilesByPathAndByUrl) {
  config_.output_paths = {(folder_ / "log").string(), "file://" + (folder_ / "second").string()};
  Open()->Write(weir::LogLevel::kInfo, "", "one", {}, {});
  Open()->Write(weir::LogLevel::kInfo, "", "two", {}, {});
  EXPECT_EQ(Lines(Written()).size(), 2u);
  EXPECT_EQ(Lines(ReadFile(folder_ / "second")).size(), 2u);
}

TEST_F(LogSinkTest, SaysWhatCannotBeOpened) {
  config_.output_paths = {"/no/such/dir/x.log"};
  EXPECT_EQ(Failure(),
            "open sink \"/no/such/dir/x.log\": open /no/such/dir/x.log: no such file or directory");
  EXPECT_FALSE(fs::exists("/no/such"));
  config_.output_paths = {"kafka://x"};
  EXPECT_EQ(Failure(), "open sink \"kafka://x\": no sink found for scheme \"kafka\"");
  config_.encoding = "xml";
  EXPECT_EQ(Failure(), "no encoder registered for name \"xml\"");
}

TEST_F(LogSinkTest, SamplesWhatRepeats) {
  config_.sampling->initial = 2;
  config_.sampling->thereafter = 3;
  const auto sink = Open();
  for (int i = 0; i < 8; ++i) sink->Write(weir::LogLevel::kInfo, "", "same", {}, {{"i", i}});
  EXPECT_EQ(Lines(Written()).size(), 4u);  // 0, 1, 4, 7
  executor_.Advance(std::chrono::seconds(10));
  sink->Write(weir::LogLevel::kInfo, "", "same", {}, {});
  EXPECT_EQ(Lines(Written()).size(), 5u);
  config_.sampling->enabled = false;
  fs::remove(folder_ / "log");
  const auto all = Open();
  for (int i = 0; i < 8; ++i) all->Write(weir::LogLevel::kInfo, "", "same", {}, {});
  EXPECT_EQ(Lines(Written()).size(), 8u);
}

TEST(LogSampler, CountsEachLevelAndMessageByItself) {
  const LogSampler::Time start{std::chrono::seconds(1000)};
  LogSampler sampler(std::chrono::seconds(1), 1, 0);
  EXPECT_TRUE(sampler.Admit(weir::LogLevel::kInfo, "a", start));
  EXPECT_FALSE(sampler.Admit(weir::LogLevel::kInfo, "a", start));
  EXPECT_TRUE(sampler.Admit(weir::LogLevel::kWarn, "a", start));
  EXPECT_TRUE(sampler.Admit(weir::LogLevel::kInfo, "b", start));
  EXPECT_FALSE(sampler.Admit(weir::LogLevel::kInfo, "a", start + std::chrono::milliseconds(999)));
  EXPECT_TRUE(sampler.Admit(weir::LogLevel::kInfo, "a", start + std::chrono::seconds(1)));
}

}  // namespace
}  // namespace weir::app
