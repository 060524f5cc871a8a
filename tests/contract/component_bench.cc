#include "tests/contract/component_bench.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>

#include "app/components.h"
#include "base/check.h"
#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "model/check.h"

namespace weir::tests {

using model::Signal;
using pipeline::ComponentKind;

namespace {

constexpr auto kPatience = std::chrono::seconds(30);

std::string Field(int number, const std::string& content) {
  return std::string(1, static_cast<char>(number << 3 | 2)) +
         std::string(1, static_cast<char>(content.size())) + content;
}

std::string Record(Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return Field(1, std::string(16, '\x11')) + Field(2, std::string(8, '\x22')) +
             Field(5, "GET /");
    case Signal::kMetrics:
      // A gauge with one point.
      return Field(1, "temperature") + Field(5, Field(1, std::string("\x19\1\0\0\0\0\0\0\0", 9)));
    case Signal::kLogs:
      return std::string("\x09\1\0\0\0\0\0\0\0", 9) + Field(5, Field(1, "hello"));
  }
  return {};
}

// Replaces every `begin` and the characters of `rest` behind it; a replacement that ends in '/'
// keeps the last name of the path it replaces.
void ReplaceAll(std::string& text, std::string_view begin, std::string_view rest,
                const std::string& replacement) {
  for (size_t at = text.find(begin); at != std::string::npos;
       at = text.find(begin, at + replacement.size())) {
    size_t end = std::min(text.find_first_not_of(rest, at + begin.size()), text.size());
    if (replacement.back() == '/') end = text.rfind('/', end - 1) + 1;
    text.replace(at, end - at, replacement);
  }
}

// A port of the system, a folder of the system.
std::string ForTests(std::string text, const std::string& scratch) {
  for (const char* host : {"localhost:", "0.0.0.0:", "127.0.0.1:"})
    ReplaceAll(text, host, "0123456789", "127.0.0.1:0");
  for (const char* folder : {"/var/", "/etc/", "/run/"})
    ReplaceAll(text, folder, "abcdefghijklmnopqrstuvwxyz/_", scratch + "/");
  return text;
}

std::string FirstExample(const std::string& readme) {
  const std::string fence = "```yaml\n";
  const size_t begin = readme.find(fence);
  if (begin == std::string::npos) return {};
  const size_t end = readme.find("\n```", begin);
  return readme.substr(begin + fence.size(), end - begin - fence.size() + 1);
}

}  // namespace

std::string ComponentName::folder() const {
  return std::string(pipeline::SectionName(kind)) + "/" + type;
}

const pipeline::Registry& AllComponents() {
  static const pipeline::Registry* registry = [] {
    auto* all = new pipeline::Registry();
    app::RegisterAllComponents(*all);
    return all;
  }();
  return *registry;
}

std::vector<ComponentName> ComponentsOfKinds(const std::vector<ComponentKind>& kinds) {
  std::vector<ComponentName> names;
  for (const ComponentKind kind : kinds) {
    for (const std::string& type : AllComponents().Types(kind)) names.push_back({kind, type});
  }
  return names;
}

std::vector<std::pair<std::string, config::Value>> ReadmeExamples(const ComponentName& name,
                                                                  const std::string& scratch) {
  std::ifstream file(WEIR_SOURCE_DIR "/" + name.folder() + "/README.md");
  std::ostringstream readme;
  readme << file.rdbuf();
  const std::string example = ForTests(FirstExample(readme.str()), scratch);
  std::vector<std::pair<std::string, config::Value>> found;
  if (example.empty()) return found;
  const config::YamlResult parsed = config::ParseYaml(example, nullptr);
  CHECK(parsed.value.has_value()) << name.folder() << "/README.md: the example is not YAML";
  const config::Value* section = parsed.value->Find(pipeline::SectionName(name.kind));
  if (section == nullptr) return found;
  for (const auto& [id, body] : section->map()) {
    const auto parsed_id = pipeline::ComponentId::Parse(id);
    if (parsed_id && AllComponents().Find(name.kind, parsed_id->type) ==
                         AllComponents().Find(name.kind, name.type))
      found.emplace_back(id, body);
  }
  return found;
}

model::Batch RealBatch(Signal signal) {
  const std::string record = Field(2, Record(signal));
  const std::string body = Field(1, Field(2, record + record));
  Result<model::Batch> batch = model::CheckRequest(signal, Slice::Copy(body));
  CHECK(batch.has_value()) << batch.error().message();
  CHECK(batch->items() == 2) << batch->items();
  return *std::move(batch);
}

void Sink::Consume(model::Batch batch, const pipeline::Context&, pipeline::Done done) {
  Status answer;
  {
    MutexLock lock(mutex_);
    items_ += batch.items();
    if (answer_.ok()) accepted_ += batch.items();
    answer = answer_;
  }
  done(std::move(answer));
}

void Sink::AnswerWith(Status status) {
  MutexLock lock(mutex_);
  answer_ = std::move(status);
}

size_t Sink::items() const {
  MutexLock lock(mutex_);
  return items_;
}

size_t Sink::accepted() const {
  MutexLock lock(mutex_);
  return accepted_;
}

pipeline::Done Answer::MakeDone() {
  return [state = state_](Status status) {
    MutexLock lock(state->mutex);
    CHECK(!state->status.has_value()) << "answered twice";
    state->status = std::move(status);
    state->given.NotifyAll();
  };
}

std::optional<Status> Answer::Wait() {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  MutexLock lock(state_->mutex);
  while (!state_->status && std::chrono::steady_clock::now() < end)
    state_->given.WaitUntil(state_->mutex, end);
  return state_->status;
}

std::unique_ptr<pipeline::ComponentConfig> ComponentBench::Configure(const config::Value& section) {
  auto config = AllComponents().Find(name_.kind, name_.type)->new_config();
  const auto visit = [&](config::Fields& f) { config->Visit(f); };
  const std::string path = std::string(pipeline::SectionName(name_.kind)) + "::" + name_.type;
  problems_ = {};
  config::Decode(section, path, visit, problems_);
  if (problems_.ok()) config::Validate(section, path, visit, problems_);
  return config;
}

std::unique_ptr<pipeline::Component> ComponentBench::Create(const pipeline::ComponentConfig& config,
                                                            Signal signal, std::string* failure) {
  const pipeline::Settings settings{{name_.type, {}}, Logger(log), &metrics,
                                    executor,         memory,      build};
  const pipeline::FactoryBase& base = *AllComponents().Find(name_.kind, name_.type);
  const auto taken = [&](auto created) -> std::unique_ptr<pipeline::Component> {
    if (created) return *std::move(created);
    *failure = created.error().message();
    CHECK(!failure->empty()) << "a failure without words";
    return nullptr;
  };
  failure->clear();
  switch (name_.kind) {
    case ComponentKind::kReceiver:
      if (!base.stability.Has(signal)) return nullptr;
      return taken(static_cast<const pipeline::ReceiverFactory&>(base).create(
          settings, config, {&sink, &sink, &sink}));
    case ComponentKind::kProcessor:
      if (!base.stability.Has(signal)) return nullptr;
      return taken(static_cast<const pipeline::ProcessorFactory&>(base).create(settings, config,
                                                                               signal, sink));
    case ComponentKind::kExporter:
      if (!base.stability.Has(signal)) return nullptr;
      return taken(
          static_cast<const pipeline::ExporterFactory&>(base).create(settings, config, signal));
    case ComponentKind::kConnector: {
      const auto& factory = static_cast<const pipeline::ConnectorFactory&>(base);
      for (const Signal to : model::kSignals) {
        if (factory.supports(signal, to))
          return taken(factory.create(settings, config, signal, to, sink));
      }
      return nullptr;
    }
    case ComponentKind::kExtension:
      return taken(static_cast<const pipeline::ExtensionFactory&>(base).create(settings, config));
  }
  return nullptr;
}

}  // namespace weir::tests
