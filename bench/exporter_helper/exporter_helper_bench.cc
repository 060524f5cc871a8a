// What the exporter helper costs per batch: Consume -> queue -> Send -> done, around a sender that
// answers at once or later. Batches of 1000 log records of 300 bytes in one resource; the figure is
// time per batch, and items are records.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/metric_store.h"
#include "model/check.h"
#include "model/wire.h"
#include "pipeline/exporter_helper.h"

namespace weir::pipeline {
namespace {

constexpr size_t kItems = 1000;

model::Batch OneBatch() {
  std::string body;
  model::AppendBytesField(body, 1, std::string(290, 'x'));
  std::string record;
  model::AppendBytesField(record, 5, body);
  std::string records;
  for (size_t i = 0; i < kItems; ++i) model::AppendBytesField(records, 2, record);
  std::string resource, request;
  model::AppendBytesField(resource, 2, records);
  model::AppendBytesField(request, 1, resource);
  return *model::CheckRequest(model::Signal::kLogs, Slice::Copy(request));
}

// Answers at once, or keeps up to `held_max` answers back.
class BenchSender final : public Sender {
 public:
  explicit BenchSender(size_t held_max) : held_max_(held_max) {}
  Status Start(Host&) override { return {}; }
  void Send(model::Batch batch, const Context&, Done done) override {
    benchmark::DoNotOptimize(batch);
    if (held_max_ == 0) return done(Status());
    held_.push_back(std::move(done));
  }
  void Shutdown() override {}
  void AnswerAll() {
    std::vector<Done> held = std::move(held_);
    held_.clear();
    for (Done& done : held) done(Status());
  }
  size_t held() const { return held_.size(); }

 private:
  const size_t held_max_;
  std::vector<Done> held_;
};

class NoHost final : public Host {
 public:
  Component* FindExtension(const ComponentId&) override { return nullptr; }
  void ReportState(const Component&, ComponentState, const Status&) override {}
};

void Run(benchmark::State& state, const ExporterOptions& options, size_t held_max) {
  MetricStore store;
  ThreadPool executor("bench", 1);
  ByteBudget budget(64 << 20);
  const BuildInfo build;
  NoHost host;
  auto owned = std::make_unique<BenchSender>(held_max);
  BenchSender& sender = *owned;
  const Settings settings{{"otlp", ""}, Logger(), &store, executor, budget, build};
  auto exporter = MakeExporter(settings, model::Signal::kLogs, options, std::move(owned));
  (void)exporter->Start(host);
  const model::Batch batch = OneBatch();
  const Context context;
  for (auto _ : state) {
    exporter->Consume(batch, context,
                      [](const Status& status) { benchmark::DoNotOptimize(&status); });
    while (held_max > 0 && sender.held() >= held_max) sender.AnswerAll();
  }
  while (sender.held() > 0) sender.AnswerAll();
  exporter->Shutdown();
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(kItems));
}

ExporterOptions WithQueue(QueueConfig queue = {}) {
  ExporterOptions options;
  options.queue = config::Optional<QueueConfig>::On(std::move(queue));
  return options;
}

// The defaults: memory queue, retry and timeout on, the backend answers inside Send.
void MemoryQueueInline(benchmark::State& state) { Run(state, WithQueue(), 0); }
BENCHMARK(MemoryQueueInline);

// All ten slots taken: every batch waits in line and is sent by the thread that answers.
void MemoryQueueInLine(benchmark::State& state) { Run(state, WithQueue(), 10); }
BENCHMARK(MemoryQueueInLine);

void WaitForResult(benchmark::State& state) {
  QueueConfig queue;
  queue.wait_for_result = true;
  Run(state, WithQueue(queue), 0);
}
BENCHMARK(WaitForResult);

void NoQueue(benchmark::State& state) { Run(state, {}, 0); }
BENCHMARK(NoQueue);

// Merged from eight requests each.
void Batching(benchmark::State& state) {
  QueueConfig queue;
  queue.batch = config::Optional<QueueBatchConfig>::On();
  queue.batch.value().min_size = 8 * static_cast<int64_t>(kItems);
  Run(state, WithQueue(queue), 0);
}
BENCHMARK(Batching);

}  // namespace
}  // namespace weir::pipeline

BENCHMARK_MAIN();
