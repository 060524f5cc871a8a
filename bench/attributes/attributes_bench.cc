// What an edit of attributes costs per log, from Consume to Consume: 1000 logs of 300 bytes with
// six attributes each. One core; the figures to quote are CPU time per item (items_per_second is
// its inverse).
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "base/check.h"
#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "base/executor.h"
#include "model/check.h"
#include "model/fields.h"
#include "model/message_editor.h"
#include "model/writer.h"
#include "pipeline/registry.h"

void Register_processors_attributes(weir::pipeline::Registry& registry);
void Register_processors_resource(weir::pipeline::Registry& registry);
void Register_processors_probabilistic_sampler(weir::pipeline::Registry& registry);

namespace weir {
namespace {

using model::IntValue;
using model::Signal;
using model::StringValue;

constexpr int kLogs = 1000;

model::Batch Logs() {
  using F = model::fields::LogRecord;
  std::string resource;
  model::MessageWriter(resource).Attribute(model::fields::Resource::kAttributes, "service.name",
                                           StringValue("shop"));
  model::BatchBuilder builder(Signal::kLogs);
  builder.BeginResource(resource);
  builder.BeginScope({});
  for (int i = 0; i < kLogs; ++i) {
    auto log = builder.AddItem();
    log.Fixed64(F::kTime, 1700000000000000000u + static_cast<uint64_t>(i));
    log.Varint(F::kSeverityNumber, 9);
    log.Bytes(F::kSeverityText, "INFO");
    log.Bytes(F::kBody,
              StringValue("10.0.3.17 - - GET /api/v1/products/4711 HTTP/1.1 200 5120 0.023"));
    log.Attribute(F::kAttributes, "http.request.method", StringValue("GET"));
    log.Attribute(F::kAttributes, "http.route", StringValue("/api/v1/products/{id}"));
    log.Attribute(F::kAttributes, "http.response.status_code", IntValue(200));
    log.Attribute(F::kAttributes, "log.file.name", StringValue("access.log"));
    log.Attribute(F::kAttributes, "user.id", IntValue(i % 100));
    log.Attribute(F::kAttributes, "k8s.pod", StringValue("shop-7f9c"));
    std::string id = "0123456789abcdef";
    id[15] = static_cast<char>(i);
    id[14] = static_cast<char>(i * 7);
    id[9] = static_cast<char>(i * 31);
    log.Bytes(F::kTraceId, id);
    log.Bytes(F::kSpanId, "01234567");
    log.Fixed64(F::kObservedTime, 1700000001000000000u);
  }
  const model::Batch built = builder.Finish();
  return *model::CheckRequest(Signal::kLogs, built.Flatten());
}

class Sink final : public pipeline::Consumer {
 public:
  void Consume(model::Batch batch, const pipeline::Context&, pipeline::Done done) override {
    benchmark::DoNotOptimize(batch.items());
    done(Status());
  }
};

// One processor with its configuration, ready to consume.
class Stage {
 public:
  Stage(const std::string& type, const std::string& yaml) {
    Register_processors_attributes(registry_);
    Register_processors_resource(registry_);
    Register_processors_probabilistic_sampler(registry_);
    const auto* const factory = registry_.FindProcessor(type);
    config_ = factory->new_config();
    config::Problems problems;
    config::Decode(
        *config::ParseYaml(yaml, nullptr).value, type,
        [this](config::Fields& f) { config_->Visit(f); }, problems);
    CHECK(problems.ok()) << problems.errors().front().ToString();
    auto made = factory->create({{type, ""}, Logger(), nullptr, executor_, memory_, build_},
                                *config_, Signal::kLogs, sink_);
    CHECK(made.has_value()) << made.error().message();
    processor_ = std::move(*made);
  }
  void Consume(const model::Batch& batch) {
    processor_->Consume(batch, {}, [](const Status& status) { CHECK(status.ok()); });
  }

 private:
  pipeline::Registry registry_;
  std::unique_ptr<pipeline::ComponentConfig> config_;
  ThreadPool executor_{"bench", 1};
  ByteBudget memory_{size_t{1} << 30};
  pipeline::BuildInfo build_;
  Sink sink_;
  std::unique_ptr<pipeline::Processor> processor_;
};

void Run(benchmark::State& state, const std::string& type, const std::string& yaml) {
  const model::Batch batch = Logs();
  Stage stage(type, yaml);
  for (auto _ : state) stage.Consume(batch);
  state.SetItemsProcessed(state.iterations() * kLogs);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(batch.size_bytes()));
}

void BM_InsertAndDelete(benchmark::State& state) {
  Run(state, "attributes",
      "actions: [{key: env, value: prod, action: insert}, {key: user.id, action: delete}]");
}
BENCHMARK(BM_InsertAndDelete);

void BM_InsertWhereBodyMatches(benchmark::State& state) {
  Run(state, "attributes",
      "{include: {match_type: regexp, log_bodies: ['products/47']}, "
      "actions: [{key: env, value: prod, action: insert}]}");
}
BENCHMARK(BM_InsertWhereBodyMatches);

void BM_HashOneAttribute(benchmark::State& state) {
  Run(state, "attributes", "actions: [{key: k8s.pod, action: hash}]");
}
BENCHMARK(BM_HashOneAttribute);

void BM_DeleteByPattern(benchmark::State& state) {
  Run(state, "attributes", "actions: [{pattern: '^user', action: delete}]");
}
BENCHMARK(BM_DeleteByPattern);

void BM_NothingToDo(benchmark::State& state) {
  Run(state, "attributes", "actions: [{key: absent, action: delete}]");
}
BENCHMARK(BM_NothingToDo);

void BM_Resource(benchmark::State& state) {
  Run(state, "resource", "attributes: [{key: env, value: prod, action: upsert}]");
}
BENCHMARK(BM_Resource);

void BM_SampleHalf(benchmark::State& state) {
  Run(state, "probabilistic_sampler", "sampling_percentage: 50");
}
BENCHMARK(BM_SampleHalf);

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
