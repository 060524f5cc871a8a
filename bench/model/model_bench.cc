// What the doors and tools of model/ cost per item: check, views, edit, filter, split. One core;
// the figures to quote are CPU time per item (items_per_second is its inverse).
#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "model/check.h"
#include "model/edit.h"
#include "model/fields.h"
#include "model/split.h"
#include "model/view.h"
#include "model/wire.h"

namespace weir::model {
namespace {

constexpr int kSpans = 512;    // of 325 bytes
constexpr int kLogs = 1000;    // of 300 bytes
constexpr int kPoints = 1000;  // of 72 bytes

void AppendAttribute(std::string& out, uint32_t number, std::string_view key,
                     std::string_view any_value) {
  std::string entry;
  AppendBytesField(entry, fields::KeyValue::kKey, key);
  AppendBytesField(entry, fields::KeyValue::kValue, any_value);
  AppendBytesField(out, number, entry);
}

std::string Span(int i) {
  using F = fields::Span;
  std::string out;
  AppendBytesField(out, F::kTraceId, "0123456789abcdef");
  AppendBytesField(out, F::kSpanId, "01234567");
  AppendBytesField(out, F::kParentSpanId, "76543210");
  AppendBytesField(out, F::kName, "GET /api/v1/products/{id}");
  AppendVarintField(out, F::kKind, 2);
  AppendFixed64Field(out, F::kStartTime, 1700000000000000000u + static_cast<uint64_t>(i));
  AppendFixed64Field(out, F::kEndTime, 1700000000250000000u + static_cast<uint64_t>(i));
  AppendAttribute(out, F::kAttributes, "http.request.method", StringValue("GET"));
  AppendAttribute(out, F::kAttributes, "http.route", StringValue("/api/v1/products/{id}"));
  AppendAttribute(out, F::kAttributes, "http.response.status_code", IntValue(200));
  AppendAttribute(out, F::kAttributes, "server.address", StringValue("shop.example.com"));
  AppendAttribute(out, F::kAttributes, "url.scheme", StringValue("https"));
  AppendAttribute(out, F::kAttributes, "thread.id", IntValue(7));
  AppendAttribute(out, F::kAttributes, "user_agent.original",
                  StringValue("Mozilla/5.0 (X11; Linux)"));
  AppendBytesField(out, F::kStatus, "");
  return out;
}

std::string Log(int i) {
  using F = fields::LogRecord;
  std::string out;
  AppendFixed64Field(out, F::kTime, 1700000000000000000u + static_cast<uint64_t>(i));
  AppendVarintField(out, F::kSeverityNumber, 9);
  AppendBytesField(out, F::kSeverityText, "INFO");
  AppendBytesField(out, F::kBody,
                   StringValue("10.0.3.17 - - GET /api/v1/products/4711 HTTP/1.1 200 5120 0.023"));
  AppendAttribute(out, F::kAttributes, "http.request.method", StringValue("GET"));
  AppendAttribute(out, F::kAttributes, "http.route", StringValue("/api/v1/products/{id}"));
  AppendAttribute(out, F::kAttributes, "http.response.status_code", IntValue(200));
  AppendAttribute(out, F::kAttributes, "log.file.name", StringValue("access.log"));
  AppendAttribute(out, F::kAttributes, "user.id", IntValue(i % 100));
  AppendAttribute(out, F::kAttributes, "k8s.pod", StringValue("shop-7f9c"));
  AppendBytesField(out, F::kTraceId, "0123456789abcdef");
  AppendBytesField(out, F::kSpanId, "01234567");
  AppendFixed64Field(out, F::kObservedTime, 1700000001000000000u);
  return out;
}

std::string Point(int i) {
  using F = fields::NumberDataPoint;
  std::string out;
  AppendFixed64Field(out, F::kStartTime, 1700000000000000000u);
  AppendFixed64Field(out, F::kTime, 1700000010000000000u);
  AppendDoubleField(out, F::kAsDouble, i * 0.5);
  AppendAttribute(out, F::kAttributes, "http.route", StringValue("/api/v1/products/{id}"));
  return out;
}

std::string RequestAround(const std::string& items) {
  std::string resource;
  AppendAttribute(resource, fields::Resource::kAttributes, "service.name", StringValue("shop"));
  AppendAttribute(resource, fields::Resource::kAttributes, "host.name", StringValue("node-1"));
  std::string scope;
  AppendBytesField(scope, fields::Scope::kName, "weir.bench");
  std::string scope_items;
  AppendBytesField(scope_items, fields::ScopeItems::kScope, scope);
  scope_items += items;
  std::string entry;
  AppendBytesField(entry, fields::ResourceItems::kResource, resource);
  AppendBytesField(entry, fields::ResourceItems::kScopes, scope_items);
  std::string request;
  AppendBytesField(request, fields::Request::kResources, entry);
  return request;
}

Slice RequestOf(Signal signal) {
  std::string items;
  if (signal == Signal::kMetrics) {
    std::string gauge;
    for (int i = 0; i < kPoints; ++i) {
      AppendBytesField(gauge, fields::MetricData::kDataPoints, Point(i));
    }
    std::string metric;
    AppendBytesField(metric, fields::Metric::kName, "http.server.request.duration");
    AppendBytesField(metric, fields::Metric::kGauge, gauge);
    AppendBytesField(items, fields::ScopeItems::kItems, metric);
  } else {
    const bool traces = signal == Signal::kTraces;
    for (int i = 0; i < (traces ? kSpans : kLogs); ++i) {
      AppendBytesField(items, fields::ScopeItems::kItems, traces ? Span(i) : Log(i));
    }
  }
  return Slice::Copy(RequestAround(items));
}

void Report(benchmark::State& state, const Batch& batch) {
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(batch.items()));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(batch.size_bytes()));
  state.SetLabel(std::string(SignalName(batch.signal())) + ", " +
                 std::to_string(batch.size_bytes() / batch.items()) + " B per item");
}

Signal SignalOf(const benchmark::State& state) { return static_cast<Signal>(state.range(0)); }

void BM_Check(benchmark::State& state) {
  const Slice body = RequestOf(SignalOf(state));
  for (auto _ : state) {
    auto batch = CheckRequest(SignalOf(state), body);
    benchmark::DoNotOptimize(batch);
  }
  Report(state, *CheckRequest(SignalOf(state), body));
}
BENCHMARK(BM_Check)->Arg(0)->Arg(1)->Arg(2);

void BM_ReadSpans(benchmark::State& state) {
  const Batch batch = *CheckRequest(Signal::kTraces, RequestOf(Signal::kTraces));
  for (auto _ : state) {
    uint64_t sum = 0;
    batch.ForEachResource([&](std::string_view message, uint32_t, const Slice&) {
      for (const ScopeItemsView scope : ResourceItemsView(message).scopes) {
        for (const SpanView span : scope.items.As<SpanView>()) {
          sum += span.end_time_unix_nano - span.start_time_unix_nano + span.name.size();
        }
      }
    });
    benchmark::DoNotOptimize(sum);
  }
  Report(state, batch);
}
BENCHMARK(BM_ReadSpans);

class InsertAndDelete : public BatchVisitor {
 public:
  void OnItem(MessageEditor& item) override { Edit(item.attributes()); }
  void OnDataPoint(MetricKind, MessageEditor& point) override { Edit(point.attributes()); }

 private:
  void Edit(AttributeEditor& attributes) {
    attributes.Insert("deployment.environment", value_);
    attributes.Remove("http.route");
  }
  const std::string value_ = StringValue("production");
};

// The `attributes` processor with one insert and one delete.
void BM_EditAttributes(benchmark::State& state) {
  const Batch batch = *CheckRequest(SignalOf(state), RequestOf(SignalOf(state)));
  InsertAndDelete visitor;
  for (auto _ : state) {
    Batch edited = EditBatch(batch, visitor);
    benchmark::DoNotOptimize(edited);
  }
  Report(state, batch);
}
BENCHMARK(BM_EditAttributes)->Arg(0)->Arg(1)->Arg(2);

class UpsertResource : public BatchVisitor {
 public:
  Descend OnResource(MessageEditor&, MessageEditor& resource) override {
    resource.attributes().Upsert("deployment.environment", value_);
    return Descend::kOver;
  }

 private:
  const std::string value_ = StringValue("production");
};

void BM_EditResource(benchmark::State& state) {
  const Batch batch = *CheckRequest(SignalOf(state), RequestOf(SignalOf(state)));
  UpsertResource visitor;
  for (auto _ : state) {
    Batch edited = EditBatch(batch, visitor);
    benchmark::DoNotOptimize(edited);
  }
  Report(state, batch);
}
BENCHMARK(BM_EditResource)->Arg(0)->Arg(2);

// Keeps 5 % of the logs by an attribute.
class KeepFew : public BatchVisitor {
 public:
  void OnItem(MessageEditor& item) override {
    const LogRecordView log(item.message());
    const auto user = Find(log.attributes, "user.id");
    if (!user || user->int_value >= 5) item.Drop();
  }
};

void BM_FilterLogs(benchmark::State& state) {
  const Batch batch = *CheckRequest(Signal::kLogs, RequestOf(Signal::kLogs));
  KeepFew visitor;
  for (auto _ : state) {
    Batch edited = EditBatch(batch, visitor, {.remove_empty = true});
    benchmark::DoNotOptimize(edited);
  }
  Report(state, batch);
}
BENCHMARK(BM_FilterLogs);

void BM_SplitInTen(benchmark::State& state) {
  const Batch batch = *CheckRequest(Signal::kLogs, RequestOf(Signal::kLogs));
  const SizedBy by = state.range(0) == 0 ? SizedBy::kItems : SizedBy::kBytes;
  const size_t limit = (by == SizedBy::kItems ? batch.items() : batch.size_bytes()) / 10;
  for (auto _ : state) {
    auto parts = SplitAll(batch, limit, by);
    benchmark::DoNotOptimize(parts);
  }
  Report(state, batch);
}
BENCHMARK(BM_SplitInTen)->Arg(0)->Arg(1);

}  // namespace
}  // namespace weir::model

BENCHMARK_MAIN();
