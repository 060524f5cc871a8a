#include "tests/fuzz/otlp_exercise.h"

#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "model/check.h"
#include "model/edit.h"
#include "model/fields.h"
#include "model/metric_view.h"
#include "model/split.h"
#include "model/view.h"

namespace weir::fuzz {
namespace {

using model::Batch;
using model::MessageEditor;
using model::Signal;

// Adds up whatever a view says, so that every byte it points to is read.
class Reader {
 public:
  void Read(std::string_view bytes) {
    for (const char c : bytes) sum_ += static_cast<uint8_t>(c);
  }
  void Read(const model::AnyValueView& value) {
    Read(value.bytes);
    sum_ += static_cast<uint64_t>(value.int_value) + (value.double_value > 0 ? 1 : 0);
    for (const model::AnyValueView element : value.array()) Read(element);
    for (const model::KeyValueView entry : value.kvlist()) Read(entry);
  }
  void Read(const model::KeyValueView& entry) {
    Read(entry.key);
    Read(entry.value());
  }
  void Read(const model::Attributes& attributes) {
    size_t count = 0;
    for (const model::KeyValueView entry : attributes) {
      Read(entry);
      ++count;
    }
    CHECK(count == attributes.size()) << "attributes counted and walked differ";
  }
  void Read(const model::SpanView& span) {
    Read(span.name);
    Read(span.trace_id);
    Read(span.attributes);
    Read(span.status().message);
    for (const model::SpanEventView event : span.events) Read(event.attributes);
    for (const model::SpanLinkView link : span.links) Read(link.attributes);
  }
  void Read(const model::LogRecordView& log) {
    Read(log.body());
    Read(log.attributes);
    Read(log.event_name);
  }
  void Read(const model::MetricView& metric);

 private:
  uint64_t sum_ = 0;
};

void Reader::Read(const model::MetricView& metric) {
  Read(metric.name);
  Read(metric.metadata);
  for (const model::BytesView point : metric.data_points) {
    Read(model::DataPointView(metric.kind, point.bytes).attributes);
    const model::HistogramDataPointView histogram(point.bytes);
    histogram.bucket_counts.ForEach([this](uint64_t count) { sum_ += count; });
    histogram.explicit_bounds.ForEach([this](double bound) { sum_ += bound > 0 ? 1 : 0; });
    const model::ExponentialHistogramDataPointView exponential(point.bytes);
    exponential.positive().bucket_counts.ForEach([this](uint64_t count) { sum_ += count; });
    for (const model::ExemplarView exemplar : exponential.exemplars) {
      Read(exemplar.filtered_attributes);
    }
    for (const model::ValueAtQuantileView value :
         model::SummaryDataPointView(point.bytes).quantile_values) {
      sum_ += value.value > 0 ? 1 : 0;
    }
  }
}

void ReadAll(const Batch& batch) {
  Reader reader;
  size_t items = 0;
  batch.ForEachResource([&](std::string_view message, uint32_t, const Slice&) {
    const model::ResourceItemsView entry(message);
    reader.Read(entry.resource().attributes);
    for (const model::ScopeItemsView scope : entry.scopes) {
      reader.Read(scope.scope().attributes);
      for (const model::BytesView item : scope.items) {
        if (batch.signal() == Signal::kMetrics) {
          const model::MetricView metric(item.bytes);
          reader.Read(metric);
          items += metric.data_points.size();
          continue;
        }
        ++items;
        if (batch.signal() == Signal::kTraces) reader.Read(model::SpanView(item.bytes));
        if (batch.signal() == Signal::kLogs) reader.Read(model::LogRecordView(item.bytes));
      }
    }
  });
  CHECK(items == batch.items()) << "views see " << items << " of " << batch.items() << " items";
}

// Changes a little of everything.
class Changes : public model::BatchVisitor {
 public:
  explicit Changes(uint64_t state) : state_(state) {}
  model::Descend OnResource(MessageEditor& entry, MessageEditor& resource) override {
    if (Next() == 0) entry.SetBytes(model::fields::ResourceItems::kSchemaUrl, "url");
    Edit(resource);
    return Next() == 0 ? model::Descend::kOver : model::Descend::kInto;
  }
  model::Descend OnScope(MessageEditor&, MessageEditor& scope) override {
    Edit(scope);
    return Next() == 0 ? model::Descend::kOver : model::Descend::kInto;
  }
  void OnItem(MessageEditor& item) override { Edit(item); }
  model::Descend OnMetric(MessageEditor& metric) override {
    Edit(metric);
    return model::Descend::kInto;
  }
  void OnDataPoint(model::MetricKind, MessageEditor& point) override { Edit(point); }

 private:
  void Edit(MessageEditor& message) {
    if (Next() == 0) message.attributes().Upsert("key", model::IntValue(1));
    if (Next() == 0 && !message.attributes().empty()) {
      message.attributes().Remove(std::string(message.attributes().key(0)));
    }
    if (Next() == 0) message.SetFields(100, "\xa2\x06\x01x");
    if (Next() == 0) message.Drop();
  }
  uint64_t Next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 33) % 5;
  }
  uint64_t state_;
};

// What Weir writes must pass its own door with the counts it claims.
void CheckAgain(const Batch& batch) {
  Result<Batch> again = model::CheckRequest(batch.signal(), batch.Flatten());
  CHECK(again.has_value()) << again.error().message();
  CHECK(again->items() == batch.items()) << again->items() << " of " << batch.items() << " items";
}

}  // namespace

int ExerciseOtlp(Signal signal, const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Result<Batch> batch = model::CheckRequest(signal, Slice::Copy(bytes));
  if (!batch) {
    // Views must stay inside bytes that never passed.
    Reader reader;
    reader.Read(model::SpanView(bytes));
    reader.Read(model::LogRecordView(bytes));
    reader.Read(model::MetricView(bytes));
    return 0;
  }
  ReadAll(*batch);
  Changes changes(size);
  const Batch edited = model::EditBatch(*batch, changes, {.remove_empty = size % 2 == 0});
  CheckAgain(edited);
  ReadAll(edited);
  for (const auto by : {model::SizedBy::kItems, model::SizedBy::kBytes}) {
    const size_t limit = by == model::SizedBy::kItems ? size % 7 + 1 : size / 3 + 1;
    size_t items = 0;
    for (const Batch& part : model::SplitAll(*batch, limit, by)) {
      CheckAgain(part);
      items += part.items();
    }
    CHECK(items == batch->items()) << "parts have " << items << " of " << batch->items();
  }
  return 0;
}

}  // namespace weir::fuzz
