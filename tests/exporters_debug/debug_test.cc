// The debug exporter beside what the Collector printed for the same requests.
#include "exporters/debug/debug.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "model/check.h"
#include "model/json/read.h"
#include "model/json/text.h"

namespace weir::exporters::debug {
namespace {

namespace fs = std::filesystem;
using model::Signal;

fs::path GoldenFolder() {
  const char* const data = std::getenv("WEIR_DATA");
  return fs::path(data != nullptr ? data : WEIR_DATA_DEFAULT) / "otelcol-golden/debug-exporter";
}

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Runs tasks when told to, on the caller's thread; the clock stands still.
class StillExecutor final : public Executor, public Clock {
 public:
  void Post(Task task) override { tasks_.push_back(std::move(task)); }
  TimerId PostAfter(std::chrono::nanoseconds, Task) override { return 0; }
  bool Cancel(TimerId) override { return false; }
  const Clock& clock() const override { return *this; }
  Steady Now() const override { return now; }
  Wall WallNow() const override { return {}; }
  void Run() {
    for (Task& task : std::exchange(tasks_, {})) task();
  }
  Steady now{};

 private:
  std::vector<Task> tasks_;
};

// Lines as the Collector's console and JSON encoders print them, times and resource replaced as in
// the recordings.
class RecordingSink final : public LogSink {
 public:
  explicit RecordingSink(Signal signal) : signal_(model::SignalName(signal)) {}
  bool enabled(LogLevel) const override { return true; }
  void Write(LogLevel, std::string_view, std::string_view message, const LogFields&,
             const LogFields& fields) override {
    console += "<time>\tinfo\t" + std::string(message) +
               "\t{\"resource\": \"<resource>\", \"otelcol.component.id\": \"debug\", "
               "\"otelcol.component.kind\": \"exporter\", \"otelcol.signal\": \"" +
               signal_ + "\"";
    json += R"({"level":"info","ts":"<time>","msg":)";
    model::json::AppendString(message, json);
    json += R"(,"resource": "<resource>","otelcol.component.id":"debug",)"
            R"("otelcol.component.kind":"exporter","otelcol.signal":")" +
            signal_ + "\"";
    for (const LogField& field : fields) {
      const std::string value = std::to_string(std::get<int64_t>(field.value));
      console += ", \"" + field.key + "\": " + value;
      json += ",\"" + field.key + "\":" + value;
    }
    console += "}\n";
    json += "}\n";
  }
  std::string console, json;

 private:
  const std::string signal_;
};

class NoHost final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const pipeline::ComponentId&) override { return nullptr; }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}
};

model::Batch BatchOf(Signal signal, std::string_view json) {
  Result<Slice> bytes = model::json::ReadJsonRequest(signal, json, nullptr);
  EXPECT_TRUE(bytes) << bytes.error().message();
  Result<model::Batch> batch = model::CheckRequest(signal, *std::move(bytes));
  EXPECT_TRUE(batch) << batch.error().message();
  return *std::move(batch);
}

class DebugExporter : public ::testing::Test {
 protected:
  // Everything printed for `batch`; a batch without items never leaves a receiver.
  void Send(const DebugConfig& config, const model::Batch& batch) {
    sink_ = std::make_shared<RecordingSink>(batch.signal());
    const pipeline::Settings settings{{"debug", ""}, Logger(sink_), nullptr,
                                      executor_,     memory_,       build_};
    DebugSender sender(settings, config);
    NoHost host;
    ASSERT_TRUE(sender.Start(host).ok());
    if (batch.items() != 0) SendOne(sender, batch);
    sender.Shutdown();
  }
  void SendOne(DebugSender& sender, const model::Batch& batch) {
    int answers = 0;
    sender.Send(batch, {}, [&](Status status) {
      EXPECT_TRUE(status.ok());
      ++answers;
    });
    executor_.Run();
    EXPECT_EQ(answers, 1);
  }
  std::string Printed(Verbosity verbosity, const model::Batch& batch) {
    const fs::path path =
        fs::path(::testing::TempDir()) / ("weir_debug_" + std::to_string(::getpid()) + ".txt");
    DebugConfig config;
    config.verbosity = verbosity;
    config.use_internal_logger = false;
    config.output_paths = {path.string()};
    config.output_paths_written = true;
    Send(config, batch);
    std::string text = ReadFile(path);
    fs::remove(path);
    return text;
  }

  StillExecutor executor_;
  ByteBudget memory_{1 << 20};
  pipeline::BuildInfo build_;
  std::shared_ptr<RecordingSink> sink_;
};

Signal SignalOf(const std::string& file) {
  if (file.starts_with("logs")) return Signal::kLogs;
  return file.starts_with("metrics") ? Signal::kMetrics : Signal::kTraces;
}

TEST_F(DebugExporter, PrintsWhatTheCollectorPrints) {
  const fs::path folder = GoldenFolder();
  if (!fs::exists(folder)) GTEST_SKIP() << "no recorded output in " << folder;
  size_t requests = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / "requests")) {
    const std::string name = entry.path().stem().string();
    const model::Batch batch = BatchOf(SignalOf(name), ReadFile(entry.path()));
    ++requests;
    for (const auto& [verbosity, level] :
         {std::pair{"basic", Verbosity::kBasic}, std::pair{"normal", Verbosity::kNormal},
          std::pair{"detailed", Verbosity::kDetailed}}) {
      SCOPED_TRACE(name + ", " + verbosity);
      const auto golden = [&, verbosity = verbosity](const char* kind) {
        const fs::path file = folder / verbosity / kind / (name + ".txt");
        EXPECT_TRUE(fs::exists(file)) << file;
        return ReadFile(file);
      };
      EXPECT_EQ(Printed(level, batch), golden("stdout"));
      DebugConfig config;
      config.verbosity = level;
      Send(config, batch);
      EXPECT_EQ(sink_->console, golden("logger"));
      EXPECT_EQ(sink_->json, golden("logger-json"));
    }
  }
  EXPECT_EQ(requests, 41u);
}

TEST_F(DebugExporter, ShowsEntityReferences) {
  const model::Batch batch = BatchOf(Signal::kLogs, R"({"resourceLogs":[{"resource":{"entityRefs":[
      {"type":"host","schemaUrl":"u","idKeys":["a","b"],"descriptionKeys":["c"]},{}]},
      "scopeLogs":[{"logRecords":[{}]}]}]})");
  EXPECT_THAT(Printed(Verbosity::kDetailed, batch), ::testing::HasSubstr(R"(Resource SchemaURL: 
Resource entity refs:
     -> Entity ref #0:
          -> Type: host
          -> Schema URL: u
          -> ID keys:
               -> a
               -> b
          -> Description keys:
               -> c
     -> Entity ref #1:
          -> Type: 
ScopeLogs #0
)"));
}

TEST_F(DebugExporter, HoldsBackRepeatedLines) {
  DebugConfig config;
  config.sampling_initial = 2;
  config.sampling_thereafter = 3;
  const model::Batch batch =
      BatchOf(Signal::kLogs, R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]})");
  sink_ = std::make_shared<RecordingSink>(Signal::kLogs);
  const pipeline::Settings settings{{"debug", ""}, Logger(sink_), nullptr,
                                    executor_,     memory_,       build_};
  DebugSender sender(settings, config);
  const auto lines = [&] { return std::count(sink_->console.begin(), sink_->console.end(), '\n'); };
  for (int i = 0; i < 8; ++i) SendOne(sender, batch);
  EXPECT_EQ(lines(), 2 + 2) << "the first two, then the fifth and the eighth";
  executor_.now += std::chrono::seconds(1);
  for (int i = 0; i < 2; ++i) SendOne(sender, batch);
  EXPECT_EQ(lines(), 4 + 2) << "a new second";
}

TEST(DebugOutput, TellsWhyAPathCannotBeOpened) {
  EXPECT_EQ(Output::Check({"stdout", "/no/such/dir/file"}).message(),
            "open sink \"/no/such/dir/file\": open /no/such/dir/file: no such file or directory");
  EXPECT_TRUE(Output::Check({"stdout", "stderr", ::testing::TempDir() + "/weir_new"}).ok());
  EXPECT_FALSE(fs::exists(::testing::TempDir() + "/weir_new"));
}

TEST(DebugOutput, FailsWhenADestinationIsFull) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  Output output({"/dev/full"});
  ASSERT_TRUE(output.Open().ok());
  const Status status = output.Write("x\n");
  EXPECT_EQ(status.message(), "cannot write to /dev/full: No space left on device");
}

TEST(DebugVerbosity, IsReadInAnyCase) {
  Verbosity verbosity;
  std::string error;
  EXPECT_TRUE(verbosity.FromText("dEtailed", &error));
  EXPECT_EQ(verbosity.ToText(), "Detailed");
  EXPECT_FALSE(verbosity.FromText("loud", &error));
  EXPECT_EQ(error, "unknown metrics level \"loud\"");
}

std::string Problem(const DebugConfig& config) {
  config::Problems problems;
  config.Validate(config::Checker(problems, "", {}));
  return problems.ok() ? "" : problems.errors()[0].text;
}

TEST(DebugConfig, SaysWhatDoesNotGoTogether) {
  DebugConfig config;
  EXPECT_EQ(Problem(config), "");
  config.verbosity = Verbosity::kNone;
  EXPECT_EQ(Problem(config), "verbosity level \"None\" is not supported");
  config.verbosity = Verbosity::kBasic;
  config.output_paths_written = true;
  EXPECT_EQ(Problem(config), "output_paths is not supported when use_internal_logger is true");
  config.use_internal_logger = false;
  EXPECT_EQ(Problem(config), "output_paths must not be empty when use_internal_logger is false");
  config.output_paths = {"stdout"};
  EXPECT_EQ(Problem(config), "");
}

// The section as it is printed with its defaults, or the first thing wrong with it.
std::string Resolved(std::string_view yaml) {
  const config::YamlResult section = config::ParseYaml(yaml, nullptr);
  DebugConfig debug;
  config::Problems problems;
  config::Decode(*section.value, "exporters::debug", debug, problems);
  if (problems.ok()) config::Validate(*section.value, "exporters::debug", debug, problems);
  if (!problems.ok()) return problems.errors()[0].path + ": " + problems.errors()[0].text;
  return config::WriteYaml(config::Print(debug, true));
}

TEST(DebugConfig, PrintsAsTheCollectorsDoes) {
  EXPECT_EQ(Resolved(""),
            "output_paths: []\nsampling_initial: 2\nsampling_thereafter: 1\nsending_queue: null\n"
            "use_internal_logger: true\n");
  EXPECT_EQ(Resolved("{verbosity: DETAILED, use_internal_logger: false, output_paths: [stdout]}"),
            "output_paths:\n    - stdout\nsampling_initial: 2\nsampling_thereafter: 1\n"
            "sending_queue: null\nuse_internal_logger: false\nverbosity: Detailed\n");
  EXPECT_EQ(Resolved("output_paths: null"), Resolved(""));
  EXPECT_THAT(Resolved("verbosity: loud"), ::testing::HasSubstr("unknown metrics level \"loud\""));
  EXPECT_THAT(Resolved("output_paths: [stdout]"),
              ::testing::HasSubstr("output_paths is not supported"));
  EXPECT_THAT(Resolved("{use_internal_logger: false, output_paths: []}"),
              ::testing::HasSubstr("output_paths must not be empty"));
  EXPECT_THAT(Resolved("sending_queue: {queue_size: 0}"),
              ::testing::HasSubstr("`queue_size` must be positive"));
}

}  // namespace
}  // namespace weir::exporters::debug
