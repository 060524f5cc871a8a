#include "tests/pipeline_graph/fake_components.h"

#include <algorithm>
#include <sstream>

#include "base/check.h"
#include "pipeline/drops.h"
#include "pipeline/extension.h"

namespace weir::tests {

using model::Signal;
using pipeline::ComponentId;
using pipeline::ComponentKind;

namespace {

struct NoConfig {
  void Fields(config::Fields&) {}
};

std::vector<std::string> Words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::vector<ComponentId> Ids(const std::string& text) {
  std::vector<ComponentId> ids;
  for (const std::string& word : Words(text)) ids.push_back(*ComponentId::Parse(word));
  return ids;
}

}  // namespace

model::Batch MakeBatch(Signal signal, size_t items) {
  const std::string framed("\x0a\x01\x00", 3);
  return {signal, model::Run(Slice::Copy(framed), static_cast<uint32_t>(items))};
}

class FakeProgram::FakeReceiver final : public pipeline::Receiver {
 public:
  FakeReceiver(FakeProgram& program, const pipeline::Settings& settings,
               const pipeline::ReceiverConsumers& consumers)
      : program_(program), id_(settings.id.ToString()), consumers_(consumers) {}

  Status Start(pipeline::Host& host) override {
    program_.events.Add("start " + id_);
    if (program_.asks_extension.count(id_) > 0) host.FindExtension({"ext", ""});
    if (program_.fails_to_start.count(id_) > 0)
      return Status(StatusCode::kUnavailable, "listen tcp: no");
    MutexLock lock(program_.mutex_);
    program_.receivers_[id_] = this;
    return {};
  }
  void Shutdown() override { program_.events.Add("stop " + id_); }
  pipeline::Consumer* consumer(Signal signal) const { return consumers_.of(signal); }

 private:
  FakeProgram& program_;
  const std::string id_;
  const pipeline::ReceiverConsumers consumers_;
};

class FakeProgram::FakeProcessor final : public pipeline::Processor {
 public:
  FakeProcessor(FakeProgram& program, const pipeline::Settings& settings, Signal signal,
                pipeline::Consumer& next)
      : program_(program),
        id_(settings.id.ToString()),
        drops_(settings.metrics, ComponentKind::kProcessor, settings.id, signal),
        next_(next) {}

  bool passes_through() const override { return !holds(); }
  Status Start(pipeline::Host&) override {
    program_.events.Add("start " + id_);
    if (program_.fails_to_start.count(id_) > 0)
      return Status(StatusCode::kInvalidArgument, "will not");
    return {};
  }
  void Shutdown() override {
    program_.events.Add("stop " + id_);
    std::vector<std::pair<model::Batch, pipeline::Done>> held;
    {
      MutexLock lock(mutex_);
      held.swap(held_);
    }
    for (auto& [batch, done] : held) next_.Consume(std::move(batch), {}, std::move(done));
  }
  void Consume(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override {
    if (id_.find("drop") == 0) {
      drops_.Add("unwanted", batch.items(), batch.size_bytes());
      return done(Status());
    }
    if (id_.find("edit") == 0)
      return next_.Consume(MakeBatch(batch.signal(), batch.items() * 2), context, std::move(done));
    if (!holds()) return next_.Consume(std::move(batch), context, std::move(done));
    MutexLock lock(mutex_);
    held_.emplace_back(std::move(batch), std::move(done));
  }

 private:
  bool holds() const { return id_.find("hold") == 0; }

  FakeProgram& program_;
  const std::string id_;
  pipeline::Drops drops_;
  pipeline::Consumer& next_;
  Mutex mutex_;
  std::vector<std::pair<model::Batch, pipeline::Done>> held_ GUARDED_BY(mutex_);
};

class FakeProgram::FakeExporter final : public pipeline::Exporter {
 public:
  FakeExporter(FakeProgram& program, const pipeline::Settings& settings, Signal signal)
      : program_(program), id_(settings.id.ToString()), signal_(SignalName(signal)) {}

  Status Start(pipeline::Host& host) override {
    program_.events.Add("start " + id_ + " " + signal_);
    if (program_.asks_extension.count(id_) > 0) host.FindExtension({"ext", ""});
    if (program_.fails_to_start.count(id_) > 0) return Status(StatusCode::kUnavailable, "no");
    if (program_.uses_storage.count(id_) == 0) return {};
    host.FindExtension({"storage", ""});
    has_storage_ = program_.open_storages_.insert(id_).second;
    return has_storage_ ? Status() : Status(StatusCode::kUnavailable, "locked");
  }
  void Shutdown() override {
    program_.events.Add("stop " + id_ + " " + signal_);
    if (has_storage_) program_.open_storages_.erase(id_);
  }
  void Consume(model::Batch batch, const pipeline::Context&, pipeline::Done done) override {
    const auto answer = program_.answers.find(id_);
    if (answer != program_.answers.end()) return done(answer->second);
    program_.CountDelivered(id_, batch.items());
    done(Status());
  }
  Status Reserve(const pipeline::BatchSize&, pipeline::Reservations&) override {
    const auto answer = program_.answers.find(id_);
    return id_.find("out/full") == 0 && answer != program_.answers.end() ? answer->second
                                                                         : Status();
  }

 private:
  FakeProgram& program_;
  const std::string id_;
  const std::string signal_;
  bool has_storage_ = false;
};

class FakeProgram::FakeConnector final : public pipeline::Connector {
 public:
  FakeConnector(FakeProgram& program, const pipeline::Settings& settings, Signal to,
                pipeline::Consumer& next)
      : program_(program), id_(settings.id.ToString()), to_(to), next_(next) {}

  Status Start(pipeline::Host&) override {
    program_.events.Add("start " + id_);
    return {};
  }
  void Shutdown() override { program_.events.Add("stop " + id_); }
  void Consume(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override {
    next_.Consume(batch.signal() == to_ ? std::move(batch) : MakeBatch(to_, 1), context,
                  std::move(done));
  }

 private:
  FakeProgram& program_;
  const std::string id_;
  const Signal to_;
  pipeline::Consumer& next_;
};

class FakeProgram::FakeStorage final : public pipeline::Extension,
                                       public pipeline::StorageExtension {
 public:
  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
  Result<std::unique_ptr<pipeline::StorageClient>> Open(ComponentKind, const ComponentId&,
                                                        std::string_view) override {
    return Fail(Status::Permanent("only looked at"));
  }
};

FakeProgram::FakeProgram() : storage_(std::make_unique<FakeStorage>()) { Register(); }
FakeProgram::~FakeProgram() = default;

void FakeProgram::Register() {
  using pipeline::Settings;
  using pipeline::Stability;
  const auto refused = [this](const Settings& settings) {
    ++created;
    return fails_to_create.count(settings.id.ToString()) > 0;
  };
  const auto no = [] { return Fail(Status(StatusCode::kInvalidArgument, "bad idea")); };
  const auto base = [](std::string type, Stability stability) {
    return pipeline::FactoryBase{
        std::move(type), {}, std::move(stability), pipeline::NewConfig<NoConfig>};
  };
  for (const std::string type : {"in", "traces"}) {
    registry_.Add(pipeline::ReceiverFactory{
        base(type,
             type == "in" ? Stability::All("Beta") : Stability::Only({Signal::kTraces}, "Beta")),
        [=, this](const Settings& settings, const pipeline::ComponentConfig&,
                  const pipeline::ReceiverConsumers& consumers)
            -> Result<std::unique_ptr<pipeline::Receiver>> {
          if (refused(settings)) return no();
          return std::make_unique<FakeReceiver>(*this, settings, consumers);
        }});
  }
  for (const std::string type : {"pass", "hold", "drop", "edit"}) {
    registry_.Add(pipeline::ProcessorFactory{
        base(type, Stability::All("Beta")),
        [=, this](const Settings& settings, const pipeline::ComponentConfig&, Signal signal,
                  pipeline::Consumer& next) -> Result<std::unique_ptr<pipeline::Processor>> {
          if (refused(settings)) return no();
          return std::make_unique<FakeProcessor>(*this, settings, signal, next);
        }});
  }
  for (const std::string type : {"out", "metrics"}) {
    registry_.Add(pipeline::ExporterFactory{
        base(type, type == "out" ? Stability::All("Alpha")
                                 : Stability::Only({Signal::kMetrics}, "Alpha")),
        [=, this](const Settings& settings, const pipeline::ComponentConfig&,
                  Signal signal) -> Result<std::unique_ptr<pipeline::Exporter>> {
          if (refused(settings)) return no();
          return std::make_unique<FakeExporter>(*this, settings, signal);
        }});
  }
  for (const std::string type : {"join", "count"}) {
    registry_.Add(pipeline::ConnectorFactory{
        base(type, Stability::All("Beta")),
        [type](Signal from, Signal to) {
          return type == "join" ? from == to : to == Signal::kMetrics;
        },
        [=, this](const Settings& settings, const pipeline::ComponentConfig&, Signal, Signal to,
                  pipeline::Consumer& next) -> Result<std::unique_ptr<pipeline::Connector>> {
          if (refused(settings)) return no();
          return std::make_unique<FakeConnector>(*this, settings, to, next);
        }});
  }
}

pipeline::GraphSpec FakeProgram::Spec(const std::string& text) const {
  constexpr ComponentKind kKinds[] = {ComponentKind::kReceiver, ComponentKind::kProcessor,
                                      ComponentKind::kExporter, ComponentKind::kConnector};
  pipeline::GraphSpec spec;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> words = Words(line);
    if (words.empty()) continue;
    if (words[0] == "pipeline") {
      const std::string lists = line.substr(line.find(words[1]) + words[1].size());
      const size_t first = lists.find('>'), second = lists.find('>', first + 1);
      spec.pipelines.push_back({*pipeline::PipelineId::Parse(words[1]),
                                Ids(lists.substr(0, first)),
                                Ids(lists.substr(first + 1, second - first - 1)),
                                Ids(lists.substr(second + 1)),
                                {}});
      continue;
    }
    for (const ComponentKind kind : kKinds) {
      if (words[0] != pipeline::KindName(kind)) continue;
      pipeline::ComponentSpec component;
      component.kind = kind;
      component.id = *ComponentId::Parse(words[1]);
      component.factory = registry_.Find(kind, component.id.type);
      CHECK(component.factory != nullptr) << words[1];
      component.config = component.factory->new_config();
      if (words.size() > 2) component.raw = config::Value::OfString(words[2]);
      spec.components.push_back(std::move(component));
    }
  }
  return spec;
}

std::unique_ptr<pipeline::Graph> FakeProgram::Build(const std::string& text,
                                                    const pipeline::Graph* running) {
  config::Problems problems;
  const pipeline::GraphEnvironment environment{Logger(log), &metrics, executor,
                                               memory,      build,    &ledger};
  auto graph = pipeline::Graph::Build(Spec(text), environment, problems, running,
                                      [](const ComponentId&) { return false; });
  errors.clear();
  for (const config::Problem& problem : problems.errors()) errors.push_back(problem.ToString());
  return graph;
}

std::shared_ptr<FakeProgram::Answer> FakeProgram::Send(const std::string& id, Signal signal,
                                                       size_t items) {
  auto answer = std::make_shared<Answer>();
  pipeline::Consumer* consumer = nullptr;
  {
    MutexLock lock(mutex_);
    CHECK(receivers_.count(id) > 0) << id << " never started";
    consumer = receivers_[id]->consumer(signal);
  }
  CHECK(consumer != nullptr) << id << " has no pipeline";
  consumer->Consume(MakeBatch(signal, items), {}, [answer](Status status) {
    CHECK(!answer->given) << "answered twice";
    *answer = {true, std::move(status)};
  });
  return answer;
}

pipeline::Component* FakeProgram::FindExtension(const ComponentId& id) {
  return id.type == "storage" ? storage_.get() : nullptr;
}

void FakeProgram::ReportState(const pipeline::Component&, pipeline::ComponentState state,
                              const Status&) {
  if (state == pipeline::ComponentState::kFatalError) ++fatal_errors;
}

void FakeProgram::CountDelivered(const std::string& id, size_t items) {
  MutexLock lock(mutex_);
  delivered[id] += items;
}

}  // namespace weir::tests
