#include "tests/support/processor_case.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "model/check.h"
#include "model/json/read.h"
#include "model/json/write.h"
#include "tests/support/manual_executor.h"

namespace weir::tests {
namespace {

namespace fs = std::filesystem;
using config::Value;
using model::Signal;
using Request = ProcessorCase::Request;

fs::path CasesFolder(const std::string& folder) {
  const char* const data = std::getenv("WEIR_DATA");
  return fs::path(data != nullptr ? data : WEIR_SHARED_DATA) / "otelcol-processors" / folder;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string TextOf(const Value* value) {
  if (value == nullptr) return {};
  return value->is_string() ? value->as_string() : value->text();
}
int IntOf(const Value* value) { return value == nullptr ? 0 : static_cast<int>(value->as_int()); }

Signal SignalOf(std::string_view name) {
  for (const Signal signal : model::kSignals) {
    if (model::SignalName(signal) == name) return signal;
  }
  return Signal::kTraces;
}

Request ReadRequest(const Value& value) {
  Request request;
  request.signal = SignalOf(TextOf(value.Find("signal")));
  request.body = TextOf(value.Find("body"));
  request.wait_ms = IntOf(value.Find("wait_ms"));
  if (const Value* headers = value.Find("headers")) {
    for (const auto& [key, text] : headers->map()) {
      std::string lower = key;
      std::transform(lower.begin(), lower.end(), lower.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      request.headers.emplace_back(lower, TextOf(&text));
    }
  }
  if (const Value* answer = value.Find("answer")) {
    request.answer_status = IntOf(answer->Find("status"));
  }
  return request;
}

// Configurations are written with `$$` for `$`.
std::string WithSingleDollars(std::string text) {
  for (size_t at = 0; (at = text.find("$$", at)) != std::string::npos; ++at) text.erase(at, 1);
  return text;
}

ProcessorCase ReadCase(const Value& value) {
  ProcessorCase c;
  c.name = TextOf(value.Find("name"));
  const std::string component = TextOf(value.Find("component"));
  c.type = component.substr(component.find('/') + 1);
  c.config = WithSingleDollars(TextOf(value.Find("config")));
  if (const Value* error = value.Find("error")) c.error = error->as_string();
  if (const Value* input = value.Find("input")) {
    for (const Value& request : input->list()) c.input.push_back(ReadRequest(request));
  }
  if (const Value* output = value.Find("output")) {
    for (const Value& request : output->list()) c.output.push_back(ReadRequest(request));
  }
  c.settle_ms = IntOf(value.Find("settle_ms"));
  c.take_first = static_cast<size_t>(IntOf(value.Find("take_first")));
  if (const Value* any = value.Find("any_order")) c.any_order = any->as_bool();
  return c;
}

// Members of objects and lists of objects sorted, as cases with any_order are recorded.
void Sort(Value& value) {
  if (value.is_map()) {
    for (auto& member : value.map()) Sort(member.second);
    std::sort(value.map().begin(), value.map().end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
  } else if (value.is_list()) {
    bool objects = false;
    for (Value& element : value.list()) {
      Sort(element);
      objects = objects || element.is_map();
    }
    if (!objects) return;
    std::sort(value.list().begin(), value.list().end(), [](const Value& a, const Value& b) {
      return config::WriteJson(a) < config::WriteJson(b);
    });
  }
}

std::string Canonical(const std::string& json, bool any_order) {
  if (!any_order) return json;
  auto parsed = config::ParseYaml(json, nullptr);
  if (!parsed.value) return json;
  Sort(*parsed.value);
  return config::WriteJson(*parsed.value);
}

std::string JsonOf(const model::Batch& batch) {
  std::string out;
  model::json::AppendJsonRequest(batch, out);
  return out;
}

// The request a JSON body describes.
Result<model::Batch> BatchOf(const Request& request) {
  auto bytes = model::json::ReadJsonRequest(request.signal, request.body, nullptr);
  if (!bytes) return Fail(bytes.error());
  return model::CheckRequest(request.signal, *bytes);
}

class Sink final : public pipeline::Consumer {
 public:
  void Consume(model::Batch batch, const pipeline::Context&, pipeline::Done done) override {
    batches.push_back(std::move(batch));
    done(Status());
  }
  std::vector<model::Batch> batches;
};

class NoHost final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const pipeline::ComponentId&) override { return nullptr; }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}
};

// A processor for each signal of a case, with all they need.
class Bench {
 public:
  Bench(const ProcessorCase& c, const pipeline::ProcessorFactory& factory, MetricStore* metrics)
      : case_(c), factory_(factory), config_(factory.new_config()), settings_{{c.type, ""},
                                                                              Logger(),
                                                                              metrics,
                                                                              executor_,
                                                                              memory_,
                                                                              build_} {}
  ~Bench() {
    for (auto& [signal, processor] : processors_) processor->Shutdown();
    processors_.clear();
    sink_.batches.clear();
  }

  // Errors of decoding and validating, in the Collector's words.
  std::vector<std::string> ConfigErrors();
  Status Start(Signal signal);
  std::string Run();

 private:
  std::string Send(const Request& request);
  std::string Compare() const;

  const ProcessorCase& case_;
  const pipeline::ProcessorFactory& factory_;
  std::unique_ptr<pipeline::ComponentConfig> config_;
  ManualExecutor executor_;
  ByteBudget memory_{size_t{1} << 30};
  pipeline::BuildInfo build_;
  NoHost host_;
  Sink sink_;
  const pipeline::Settings settings_;
  std::map<Signal, std::unique_ptr<pipeline::Processor>> processors_;
};

std::vector<std::string> Bench::ConfigErrors() {
  auto parsed = config::ParseYaml(case_.config, nullptr);
  if (!parsed.value) return {"the case's configuration is no YAML"};
  config::Problems problems;
  const std::string path = "processors::" + case_.type;
  const auto visit = [this](config::Fields& f) { config_->Visit(f); };
  config::Decode(*parsed.value, path, visit, problems);
  std::vector<std::string> errors;
  for (const auto& problem : problems.errors()) errors.push_back(problem.text);
  if (!problems.ok()) return errors;
  config::Validate(*parsed.value, path, visit, problems);
  for (const auto& problem : problems.errors())
    errors.push_back(problem.path + ": " + problem.text);
  return errors;
}

Status Bench::Start(Signal signal) {
  if (processors_.count(signal) != 0) return {};
  auto created = factory_.create(settings_, *config_, signal, sink_);
  if (!created) return created.error();
  WEIR_RETURN_IF_ERROR((*created)->Start(host_));
  processors_[signal] = std::move(*created);
  return {};
}

std::string Bench::Send(const Request& request) {
  executor_.Advance(std::chrono::milliseconds(request.wait_ms));
  if (Status started = Start(request.signal); !started.ok()) {
    return "not created: " + started.message();
  }
  auto batch = BatchOf(request);
  if (!batch) return "input is no request: " + batch.error().message();
  if (batch->items() == 0) return {};
  auto client = std::make_shared<pipeline::ClientInfo>();
  client->address = "127.0.0.1:40000";
  for (const auto& [key, text] : request.headers) client->metadata.push_back({key, {text}});
  pipeline::Context context;
  context.client = std::move(client);
  context.transport = "http";
  std::optional<Status> answer;
  processors_[request.signal]->Consume(std::move(*batch), context,
                                       [&](Status status) { answer = std::move(status); });
  executor_.RunPosted();
  if (answer && answer->ok() != (request.answer_status == 200)) {
    return "answered " + answer->ToString();
  }
  return {};
}

std::string Difference(size_t request, const std::string& want, const std::string& got) {
  return "request " + std::to_string(request) + "\n  want " + want + "\n  got  " + got;
}

std::string Bench::Compare() const {
  size_t count = sink_.batches.size();
  if (case_.take_first != 0) count = std::min(count, case_.take_first);
  if (count != case_.output.size()) {
    return "sent " + std::to_string(count) + " requests, recorded " +
           std::to_string(case_.output.size());
  }
  for (size_t i = 0; i < count; ++i) {
    const auto recorded = BatchOf(case_.output[i]);
    if (!recorded) return "output is no request: " + recorded.error().message();
    const std::string want = Canonical(JsonOf(*recorded), case_.any_order);
    const std::string got = Canonical(JsonOf(sink_.batches[i]), case_.any_order);
    if (want != got) return Difference(i, want, got);
    if (recorded->items() != sink_.batches[i].items()) return "items are counted wrongly";
  }
  return {};
}

std::string Bench::Run() {
  for (const Request& request : case_.input) {
    if (std::string error = Send(request); !error.empty()) return error;
  }
  executor_.Advance(std::chrono::milliseconds(case_.settle_ms));
  return Compare();
}

// The pipeline's signal that a build error names.
Signal PipelineOf(const std::string& error) {
  constexpr std::string_view kBefore = "in pipeline \"";
  const size_t at = error.find(kBefore);
  if (at == std::string::npos) return Signal::kTraces;
  const size_t begin = at + kBefore.size();
  return SignalOf(error.substr(begin, error.find('"', begin) - begin));
}

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

std::vector<ProcessorCase> LoadProcessorCases(const std::string& folder) {
  std::vector<ProcessorCase> cases;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(CasesFolder(folder), none)) {
    if (entry.path().extension() != ".yaml") continue;
    const auto parsed = config::ParseYaml(ReadFile(entry.path()), nullptr);
    if (parsed.value) cases.push_back(ReadCase(*parsed.value));
  }
  std::sort(cases.begin(), cases.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return cases;
}

std::string RunProcessorCase(const ProcessorCase& c, const pipeline::Registry& registry,
                             MetricStore* metrics) {
  const pipeline::ProcessorFactory* const factory = registry.FindProcessor(c.type);
  if (factory == nullptr) return "no processor " + c.type;
  Bench bench(c, *factory, metrics);
  std::vector<std::string> errors = bench.ConfigErrors();
  if (!c.error) return errors.empty() ? bench.Run() : "refused: " + errors.front();
  if (errors.empty()) {
    if (Status started = bench.Start(PipelineOf(*c.error)); !started.ok()) {
      errors.push_back("\": " + started.message());
    }
  }
  if (errors.empty()) return "accepted; recorded: " + *c.error;
  return EndsWith(*c.error, errors.front())
             ? std::string()
             : "refused with " + errors.front() + "\n  recorded: " + *c.error;
}

void ExpectProcessorCases(const std::string& folder,
                          void (*register_component)(pipeline::Registry&),
                          const std::map<std::string, std::string>& differences) {
  const std::vector<ProcessorCase> cases = LoadProcessorCases(folder);
  if (cases.empty()) GTEST_SKIP() << "0 of the recorded cases are here; set WEIR_DATA";
  pipeline::Registry registry;
  register_component(registry);
  for (const ProcessorCase& c : cases) {
    const std::string difference = RunProcessorCase(c, registry);
    const auto known = differences.find(c.name.substr(c.name.find('/') + 1));
    if (known == differences.end()) {
      EXPECT_EQ(difference, "") << c.name;
    } else {
      EXPECT_NE(difference, "") << c.name << " agrees now: " << known->second;
    }
  }
  std::printf("%zu recorded cases, %zu known differences\n", cases.size(), differences.size());
}

}  // namespace weir::tests
