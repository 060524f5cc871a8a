#include "model/edit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>

#include "model/fields.h"
#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "tests/support/otlp_random.h"

namespace weir::model {
namespace {

namespace collector = opentelemetry::proto::collector;
using opentelemetry::proto::common::v1::KeyValue;
using test::BatchOf;
using test::BytesOf;
using test::RandomRequest;
using test::RequestOf;

using PbAttributes = google::protobuf::RepeatedPtrField<KeyValue>;

// The edits of these tests, once for Weir and once for libprotobuf. `seed` decides what is done, so
// that both do the same.
void EditAttributes(AttributeEditor& attributes, uint64_t seed) {
  if (seed % 3 == 0) attributes.Upsert("new", IntValue(static_cast<int64_t>(seed)));
  if (seed % 5 == 0 && !attributes.empty()) {
    attributes.Remove(std::string(attributes.key(seed % attributes.size())));
  }
  if (seed % 7 == 0) {
    attributes.RemoveIf([](std::string_view key, const AnyValueView&) { return key < "h"; });
  }
  if (seed % 11 == 0 && !attributes.empty()) attributes.SetValue(0, StringValue("changed"));
}

void EditAttributes(PbAttributes& attributes, uint64_t seed) {
  if (seed % 3 == 0) {
    auto it = std::find_if(attributes.begin(), attributes.end(),
                           [](const KeyValue& entry) { return entry.key() == "new"; });
    KeyValue& entry = it == attributes.end() ? *attributes.Add() : *it;
    entry.set_key("new");
    entry.mutable_value()->set_int_value(static_cast<int64_t>(seed));
  }
  if (seed % 5 == 0 && !attributes.empty()) {
    const std::string key =
        attributes[static_cast<int>(seed % static_cast<uint64_t>(attributes.size()))].key();
    auto it = std::find_if(attributes.begin(), attributes.end(),
                           [&](const KeyValue& entry) { return entry.key() == key; });
    attributes.SwapElements(static_cast<int>(it - attributes.begin()), attributes.size() - 1);
    attributes.RemoveLast();
  }
  if (seed % 7 == 0) {
    attributes.erase(std::remove_if(attributes.begin(), attributes.end(),
                                    [](const KeyValue& entry) { return entry.key() < "h"; }),
                     attributes.end());
  }
  if (seed % 11 == 0 && !attributes.empty()) {
    // As Weir: a fresh entry, without what was unknown in the old one.
    KeyValue entry;
    entry.set_key(attributes[0].key());
    entry.mutable_value()->set_string_value("changed");
    attributes[0] = entry;
  }
}

bool Drops(uint64_t seed) { return seed % 4 == 1; }

class RandomVisitor : public BatchVisitor {
 public:
  explicit RandomVisitor(uint64_t seed, bool often) : random_(seed), often_(often) {}

  Descend OnResource(MessageEditor& entry, MessageEditor& resource) override {
    const uint64_t seed = Next();
    EditAttributes(resource.attributes(), seed);
    if (seed % 13 == 0) entry.SetBytes(fields::ResourceItems::kSchemaUrl, "https://new");
    return Descend::kInto;
  }
  Descend OnScope(MessageEditor&, MessageEditor& scope) override {
    const uint64_t seed = Next();
    EditAttributes(scope.attributes(), seed);
    if (seed % 13 == 0) scope.SetBytes(fields::Scope::kName, "renamed");
    return Descend::kInto;
  }
  void OnItem(MessageEditor& item) override { EditItem(item, fields::Span::kName); }
  Descend OnMetric(MessageEditor& metric) override {
    const uint64_t seed = Next();
    EditAttributes(metric.attributes(), seed);
    if (seed % 13 == 0) metric.SetBytes(fields::Metric::kName, "renamed");
    return Descend::kInto;
  }
  void OnDataPoint(MetricKind, MessageEditor& point) override { EditItem(point, 0); }

 private:
  void EditItem(MessageEditor& item, uint32_t name_field) {
    const uint64_t seed = Next();
    if (Drops(seed)) item.Drop();
    EditAttributes(item.attributes(), seed);
    // Field 5 is a span's name and a log's body.
    if (seed % 17 == 0 && name_field != 0) item.Clear(name_field);
  }
  uint64_t Next() {
    const uint64_t seed = random_();
    return often_ || seed % 8 == 0 ? seed : 2;  // 2: nothing
  }
  std::mt19937_64 random_;
  bool often_;
};

// The same on messages.
class PbEditor {
 public:
  PbEditor(uint64_t seed, bool often, bool remove_empty)
      : random_(seed), often_(often), remove_empty_(remove_empty) {}

  void Edit(google::protobuf::Message& request) {
    if (auto* traces = dynamic_cast<collector::trace::v1::ExportTraceServiceRequest*>(&request)) {
      Resources(*traces->mutable_resource_spans(), [&](auto& entry) {
        return Scopes(*entry.mutable_scope_spans(), [&](auto& scope) {
          return Items(*scope.mutable_spans(), [](auto& span) { span.clear_name(); });
        });
      });
    } else if (auto* logs =
                   dynamic_cast<collector::logs::v1::ExportLogsServiceRequest*>(&request)) {
      Resources(*logs->mutable_resource_logs(), [&](auto& entry) {
        return Scopes(*entry.mutable_scope_logs(), [&](auto& scope) {
          return Items(*scope.mutable_log_records(), [](auto& log) { log.clear_body(); });
        });
      });
    } else {
      auto& metrics = dynamic_cast<collector::metrics::v1::ExportMetricsServiceRequest&>(request);
      Resources(*metrics.mutable_resource_metrics(), [&](auto& entry) {
        return Scopes(*entry.mutable_scope_metrics(),
                      [&](auto& scope) { return Metrics(*scope.mutable_metrics()); });
      });
    }
  }

 private:
  template <typename List, typename Inside>
  void Resources(List& list, Inside inside) {
    Filter(list, [&](auto& entry) {
      const uint64_t seed = Next();
      PbAttributes attributes = entry.resource().attributes();
      if (!Same(attributes, seed)) {
        EditAttributes(*entry.mutable_resource()->mutable_attributes(), seed);
      }
      if (seed % 13 == 0) entry.set_schema_url("https://new");
      return inside(entry) == 0 && remove_empty_;
    });
  }
  template <typename List, typename Inside>
  int Scopes(List& list, Inside inside) {
    int items = 0;
    Filter(list, [&](auto& entry) {
      const uint64_t seed = Next();
      PbAttributes attributes = entry.scope().attributes();
      if (!Same(attributes, seed)) {
        EditAttributes(*entry.mutable_scope()->mutable_attributes(), seed);
      }
      if (seed % 13 == 0) entry.mutable_scope()->set_name("renamed");
      const int left = inside(entry);
      items += left;
      return left == 0 && remove_empty_;
    });
    return items;
  }
  template <typename List>
  int Metrics(List& list) {
    int items = 0;
    Filter(list, [&](auto& metric) {
      const uint64_t seed = Next();
      EditAttributes(*metric.mutable_metadata(), seed);
      if (seed % 13 == 0) metric.set_name("renamed");
      const auto none = [](auto&) {};
      int left = 0;
      if (metric.has_gauge()) left = Items(*metric.mutable_gauge()->mutable_data_points(), none);
      if (metric.has_sum()) left = Items(*metric.mutable_sum()->mutable_data_points(), none);
      if (metric.has_histogram()) {
        left = Items(*metric.mutable_histogram()->mutable_data_points(), none);
      }
      if (metric.has_exponential_histogram()) {
        left = Items(*metric.mutable_exponential_histogram()->mutable_data_points(), none);
      }
      if (metric.has_summary()) {
        left = Items(*metric.mutable_summary()->mutable_data_points(), none);
      }
      items += left;
      return left == 0 && remove_empty_;
    });
    return items;
  }
  template <typename List, typename Rename>
  int Items(List& list, Rename rename) {
    Filter(list, [&](auto& item) {
      const uint64_t seed = Next();
      EditAttributes(*item.mutable_attributes(), seed);
      if (seed % 17 == 0) rename(item);
      return Drops(seed);
    });
    return list.size();
  }
  template <typename List, typename Remove>
  void Filter(List& list, Remove remove) {
    int kept = 0;
    for (int i = 0; i < list.size(); ++i) {
      if (remove(list[i])) continue;
      if (kept != i) list.SwapElements(kept, i);
      ++kept;
    }
    while (list.size() > kept) list.RemoveLast();
  }
  // Whether the edit would change nothing: then an absent message is not made.
  static bool Same(const PbAttributes& attributes, uint64_t seed) {
    PbAttributes edited = attributes;
    EditAttributes(edited, seed);
    if (edited.size() != attributes.size()) return false;
    for (int i = 0; i < edited.size(); ++i) {
      if (!test::SameMessage(edited[i], attributes[i])) return false;
    }
    return true;
  }
  uint64_t Next() {
    const uint64_t seed = random_();
    return often_ || seed % 8 == 0 ? seed : 2;
  }
  std::mt19937_64 random_;
  bool often_;
  bool remove_empty_;
};

class EditBatchOf : public testing::TestWithParam<Signal> {};

TEST_P(EditBatchOf, EqualsTheSameEditOnMessages) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 200; ++round) {
    const auto request =
        RandomRequest(GetParam(), random,
                      {.list_max = round % 10 == 0 ? 6 : 3, .unknown_fields = round % 3 == 0});
    const Batch batch = BatchOf(GetParam(), *request);
    const uint64_t seed = random();
    const bool often = round % 2 == 0;
    const bool remove_empty = round % 4 < 2;
    RandomVisitor visitor(seed, often);
    const Batch edited = EditBatch(batch, visitor, {.remove_empty = remove_empty});
    PbEditor(seed, often, remove_empty).Edit(*request);
    const auto result = RequestOf(edited);
    std::string difference;
    ASSERT_TRUE(test::SameMessage(*result, *request, &difference)) << round << "\n" << difference;
    EXPECT_EQ(edited.items(), test::CountItems(*request));
    EXPECT_EQ(BatchOf(GetParam(), BytesOf(edited)).items(), edited.items());
  }
}

TEST_P(EditBatchOf, ReturnsTheSameSlicesWhenNothingChanges) {
  std::mt19937_64 random(6);
  Batch batch = BatchOf(GetParam(), *RandomRequest(GetParam(), random, {.full = true}));
  batch.SetCompressed(Codec::kGzip, Slice::Copy("zip"));
  BatchVisitor visitor;
  const Batch edited = EditBatch(batch, visitor);
  ASSERT_EQ(edited.runs().size(), batch.runs().size());
  EXPECT_EQ(edited.runs()[0].bytes().data(), batch.runs()[0].bytes().data());
  EXPECT_EQ(edited.compressed_codec(), Codec::kGzip);
}

INSTANTIATE_TEST_SUITE_P(Signals, EditBatchOf, testing::ValuesIn(kSignals),
                         [](const auto& info) { return std::string(SignalName(info.param)); });

}  // namespace
}  // namespace weir::model
