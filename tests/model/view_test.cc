#include "model/view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "model/metric_view.h"
#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "tests/support/otlp_random.h"

namespace weir::model {
namespace {

namespace pb = google::protobuf;
namespace common = opentelemetry::proto::common::v1;
namespace trace = opentelemetry::proto::trace::v1;
namespace logs = opentelemetry::proto::logs::v1;
namespace metrics = opentelemetry::proto::metrics::v1;

// Each Expect compares every field of a view with libprotobuf's reading of the same bytes.

void ExpectDouble(double view, double message) {
  EXPECT_EQ(std::bit_cast<uint64_t>(view), std::bit_cast<uint64_t>(message));
}

template <typename View, typename List, typename Compare>
void ExpectEach(const Repeated<View>& views, const List& messages, Compare compare) {
  ASSERT_EQ(views.size(), static_cast<size_t>(messages.size()));
  EXPECT_EQ(views.empty(), messages.empty());
  int i = 0;
  for (const View view : views) compare(view, messages[i++]);
  EXPECT_EQ(i, messages.size());
}

void Expect(const KeyValueView& view, const common::KeyValue& message);

void Expect(const AnyValueView& view, const common::AnyValue& message) {
  using Case = common::AnyValue::ValueCase;
  static const std::map<Case, ValueKind> kKinds = {
      {Case::VALUE_NOT_SET, ValueKind::kEmpty}, {Case::kStringValue, ValueKind::kString},
      {Case::kBoolValue, ValueKind::kBool},     {Case::kIntValue, ValueKind::kInt},
      {Case::kDoubleValue, ValueKind::kDouble}, {Case::kArrayValue, ValueKind::kArray},
      {Case::kKvlistValue, ValueKind::kKvlist}, {Case::kBytesValue, ValueKind::kBytes}};
  ASSERT_EQ(view.kind, kKinds.at(message.value_case()));
  if (message.has_string_value()) {
    EXPECT_EQ(view.bytes, message.string_value());
  }
  if (message.has_bytes_value()) {
    EXPECT_EQ(view.bytes, message.bytes_value());
  }
  if (message.has_bool_value()) {
    EXPECT_EQ(view.bool_value(), message.bool_value());
  }
  if (message.has_int_value()) {
    EXPECT_EQ(view.int_value, message.int_value());
  }
  if (message.has_double_value()) ExpectDouble(view.double_value, message.double_value());
  ExpectEach(view.array(), message.array_value().values(),
             [](const AnyValueView& v, const common::AnyValue& m) { Expect(v, m); });
  ExpectEach(view.kvlist(), message.kvlist_value().values(),
             [](const KeyValueView& v, const common::KeyValue& m) { Expect(v, m); });
}

void Expect(const KeyValueView& view, const common::KeyValue& message) {
  EXPECT_EQ(view.key, message.key());
  Expect(view.value(), message.value());
}

using PbAttributes = pb::RepeatedPtrField<common::KeyValue>;

void Expect(const Attributes& views, const PbAttributes& messages) {
  ExpectEach(views, messages,
             [](const KeyValueView& v, const common::KeyValue& m) { Expect(v, m); });
  for (const common::KeyValue& entry : messages) {
    const auto found = Find(views, entry.key());
    ASSERT_TRUE(found);
    const auto first = std::find_if(messages.begin(), messages.end(),
                                    [&](const auto& m) { return m.key() == entry.key(); });
    Expect(*found, first->value());
  }
  EXPECT_FALSE(Find(views, "no such key"));
}

void ExpectStrings(const Repeated<BytesView>& views,
                   const pb::RepeatedPtrField<std::string>& strings) {
  ExpectEach(views, strings,
             [](const BytesView& v, const std::string& m) { EXPECT_EQ(v.bytes, m); });
}

void Expect(const ResourceView& view, const opentelemetry::proto::resource::v1::Resource& message) {
  Expect(view.attributes, message.attributes());
  EXPECT_EQ(view.dropped_attributes_count, message.dropped_attributes_count());
  ExpectEach(view.entity_refs, message.entity_refs(),
             [](const EntityRefView& v, const common::EntityRef& m) {
               EXPECT_EQ(v.schema_url, m.schema_url());
               EXPECT_EQ(v.type, m.type());
               ExpectStrings(v.id_keys, m.id_keys());
               ExpectStrings(v.description_keys, m.description_keys());
             });
}

void Expect(const ScopeView& view, const common::InstrumentationScope& message) {
  EXPECT_EQ(view.name, message.name());
  EXPECT_EQ(view.version, message.version());
  Expect(view.attributes, message.attributes());
  EXPECT_EQ(view.dropped_attributes_count, message.dropped_attributes_count());
}

void Expect(const SpanEventView& view, const trace::Span::Event& message) {
  EXPECT_EQ(view.time_unix_nano, message.time_unix_nano());
  EXPECT_EQ(view.name, message.name());
  Expect(view.attributes, message.attributes());
  EXPECT_EQ(view.dropped_attributes_count, message.dropped_attributes_count());
}

void Expect(const SpanLinkView& view, const trace::Span::Link& message) {
  EXPECT_EQ(view.trace_id, message.trace_id());
  EXPECT_EQ(view.span_id, message.span_id());
  EXPECT_EQ(view.trace_state, message.trace_state());
  EXPECT_EQ(view.flags, message.flags());
  Expect(view.attributes, message.attributes());
  EXPECT_EQ(view.dropped_attributes_count, message.dropped_attributes_count());
}

void Expect(const SpanView& view, const trace::Span& message) {
  EXPECT_EQ(view.trace_id, message.trace_id());
  EXPECT_EQ(view.span_id, message.span_id());
  EXPECT_EQ(view.parent_span_id, message.parent_span_id());
  EXPECT_EQ(view.trace_state, message.trace_state());
  EXPECT_EQ(view.name, message.name());
  EXPECT_EQ(view.kind, static_cast<int>(message.kind()));
  EXPECT_EQ(view.flags, message.flags());
  EXPECT_EQ(view.start_time_unix_nano, message.start_time_unix_nano());
  EXPECT_EQ(view.end_time_unix_nano, message.end_time_unix_nano());
  Expect(view.attributes, message.attributes());
  EXPECT_EQ(view.dropped_attributes_count, message.dropped_attributes_count());
  EXPECT_EQ(view.dropped_events_count, message.dropped_events_count());
  EXPECT_EQ(view.dropped_links_count, message.dropped_links_count());
  ExpectEach(view.events, message.events(),
             [](const SpanEventView& v, const trace::Span::Event& m) { Expect(v, m); });
  ExpectEach(view.links, message.links(),
             [](const SpanLinkView& v, const trace::Span::Link& m) { Expect(v, m); });
  EXPECT_EQ(view.has_status, message.has_status());
  EXPECT_EQ(view.status().message, message.status().message());
  EXPECT_EQ(view.status().code, static_cast<int>(message.status().code()));
}

void Expect(const LogRecordView& view, const logs::LogRecord& message) {
  EXPECT_EQ(view.time_unix_nano, message.time_unix_nano());
  EXPECT_EQ(view.observed_time_unix_nano, message.observed_time_unix_nano());
  EXPECT_EQ(view.severity_number, static_cast<int>(message.severity_number()));
  EXPECT_EQ(view.severity_text, message.severity_text());
  EXPECT_EQ(view.flags, message.flags());
  EXPECT_EQ(view.has_body, message.has_body());
  Expect(view.body(), message.body());
  Expect(view.attributes, message.attributes());
  EXPECT_EQ(view.dropped_attributes_count, message.dropped_attributes_count());
  EXPECT_EQ(view.trace_id, message.trace_id());
  EXPECT_EQ(view.span_id, message.span_id());
  EXPECT_EQ(view.event_name, message.event_name());
}

template <typename View, typename Message>
void ExpectNumber(const View& view, const Message& message) {
  using Case = typename Message::ValueCase;
  ASSERT_EQ(view.kind, message.value_case() == Case::kAsDouble ? NumberKind::kDouble
                       : message.value_case() == Case::kAsInt  ? NumberKind::kInt
                                                               : NumberKind::kNone);
  ExpectDouble(view.double_value, message.as_double());
  EXPECT_EQ(view.int_value, message.as_int());
}

void Expect(const ExemplarView& view, const metrics::Exemplar& message) {
  Expect(view.filtered_attributes, message.filtered_attributes());
  EXPECT_EQ(view.time_unix_nano, message.time_unix_nano());
  ExpectNumber(view, message);
  EXPECT_EQ(view.span_id, message.span_id());
  EXPECT_EQ(view.trace_id, message.trace_id());
}

// Attributes, times and flags, which all points have.
template <typename View, typename Message>
void ExpectPoint(MetricKind kind, std::string_view bytes, const View& view,
                 const Message& message) {
  const DataPointView any(kind, bytes);
  Expect(view.attributes, message.attributes());
  Expect(any.attributes, message.attributes());
  EXPECT_EQ(view.start_time_unix_nano, message.start_time_unix_nano());
  EXPECT_EQ(any.start_time_unix_nano, message.start_time_unix_nano());
  EXPECT_EQ(view.time_unix_nano, message.time_unix_nano());
  EXPECT_EQ(any.time_unix_nano, message.time_unix_nano());
  EXPECT_EQ(view.flags, message.flags());
  EXPECT_EQ(any.flags, message.flags());
}

template <typename View, typename Message>
void ExpectExemplars(const View& view, const Message& message) {
  ExpectEach(view.exemplars, message.exemplars(),
             [](const ExemplarView& v, const metrics::Exemplar& m) { Expect(v, m); });
}

template <typename View, typename Message>
void ExpectBounds(const View& view, const Message& message) {
  EXPECT_EQ(view.count, message.count());
  ASSERT_EQ(view.sum.has_value(), message.has_sum());
  ASSERT_EQ(view.min.has_value(), message.has_min());
  ASSERT_EQ(view.max.has_value(), message.has_max());
  ExpectDouble(view.sum.value_or(0), message.sum());
  ExpectDouble(view.min.value_or(0), message.min());
  ExpectDouble(view.max.value_or(0), message.max());
}

template <typename Numbers, typename List>
void ExpectNumbers(const Numbers& numbers, const List& list) {
  EXPECT_EQ(numbers.size(), static_cast<size_t>(list.size()));
  int i = 0;
  numbers.ForEach([&](auto number) {
    EXPECT_EQ(std::bit_cast<uint64_t>(number), std::bit_cast<uint64_t>(list[i++]));
  });
}

void ExpectPointOf(MetricKind kind, std::string_view bytes, const metrics::NumberDataPoint& m) {
  const NumberDataPointView v(bytes);
  ExpectPoint(kind, bytes, v, m);
  ExpectNumber(v, m);
  ExpectExemplars(v, m);
}

void ExpectPointOf(MetricKind kind, std::string_view bytes, const metrics::HistogramDataPoint& m) {
  const HistogramDataPointView v(bytes);
  ExpectPoint(kind, bytes, v, m);
  ExpectBounds(v, m);
  ExpectNumbers(v.bucket_counts, m.bucket_counts());
  ExpectNumbers(v.explicit_bounds, m.explicit_bounds());
  ExpectExemplars(v, m);
}

void ExpectPointOf(MetricKind kind, std::string_view bytes,
                   const metrics::ExponentialHistogramDataPoint& m) {
  const ExponentialHistogramDataPointView v(bytes);
  ExpectPoint(kind, bytes, v, m);
  ExpectBounds(v, m);
  ExpectExemplars(v, m);
  EXPECT_EQ(v.scale, m.scale());
  EXPECT_EQ(v.zero_count, m.zero_count());
  ExpectDouble(v.zero_threshold, m.zero_threshold());
  EXPECT_EQ(v.has_positive, m.has_positive());
  EXPECT_EQ(v.has_negative, m.has_negative());
  EXPECT_EQ(v.positive().offset, m.positive().offset());
  EXPECT_EQ(v.negative().offset, m.negative().offset());
  ExpectNumbers(v.positive().bucket_counts, m.positive().bucket_counts());
  ExpectNumbers(v.negative().bucket_counts, m.negative().bucket_counts());
}

void ExpectPointOf(MetricKind kind, std::string_view bytes, const metrics::SummaryDataPoint& m) {
  const SummaryDataPointView v(bytes);
  ExpectPoint(kind, bytes, v, m);
  EXPECT_EQ(v.count, m.count());
  ExpectDouble(v.sum, m.sum());
  ExpectEach(v.quantile_values, m.quantile_values(), [](const auto& view, const auto& message) {
    ExpectDouble(view.quantile, message.quantile());
    ExpectDouble(view.value, message.value());
  });
}

template <typename List>
void ExpectPoints(const MetricView& view, const List& list) {
  ExpectEach(view.data_points, list,
             [&](const BytesView& v, const auto& m) { ExpectPointOf(view.kind, v.bytes, m); });
}

void Expect(const MetricView& view, const metrics::Metric& message) {
  using Case = metrics::Metric::DataCase;
  static const std::map<Case, MetricKind> kKinds = {
      {Case::DATA_NOT_SET, MetricKind::kNone},
      {Case::kGauge, MetricKind::kGauge},
      {Case::kSum, MetricKind::kSum},
      {Case::kHistogram, MetricKind::kHistogram},
      {Case::kExponentialHistogram, MetricKind::kExponentialHistogram},
      {Case::kSummary, MetricKind::kSummary}};
  EXPECT_EQ(view.name, message.name());
  EXPECT_EQ(view.description, message.description());
  EXPECT_EQ(view.unit, message.unit());
  Expect(view.metadata, message.metadata());
  ASSERT_EQ(view.kind, kKinds.at(message.data_case()));
  EXPECT_EQ(view.is_monotonic, message.sum().is_monotonic());
  EXPECT_EQ(view.aggregation_temporality,
            static_cast<int>(message.sum().aggregation_temporality()) +
                static_cast<int>(message.histogram().aggregation_temporality()) +
                static_cast<int>(message.exponential_histogram().aggregation_temporality()));
  switch (view.kind) {
    case MetricKind::kNone:
      EXPECT_TRUE(view.data_points.empty());
      return;
    case MetricKind::kGauge:
      return ExpectPoints(view, message.gauge().data_points());
    case MetricKind::kSum:
      return ExpectPoints(view, message.sum().data_points());
    case MetricKind::kHistogram:
      return ExpectPoints(view, message.histogram().data_points());
    case MetricKind::kExponentialHistogram:
      return ExpectPoints(view, message.exponential_histogram().data_points());
    case MetricKind::kSummary:
      return ExpectPoints(view, message.summary().data_points());
  }
}

const auto& Entries(
    const opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest& r) {
  return r.resource_spans();
}
const auto& Entries(
    const opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest& r) {
  return r.resource_metrics();
}
const auto& Entries(const opentelemetry::proto::collector::logs::v1::ExportLogsServiceRequest& r) {
  return r.resource_logs();
}
const auto& Scopes(const trace::ResourceSpans& entry) { return entry.scope_spans(); }
const auto& Scopes(const metrics::ResourceMetrics& entry) { return entry.scope_metrics(); }
const auto& Scopes(const logs::ResourceLogs& entry) { return entry.scope_logs(); }
const auto& Items(const trace::ScopeSpans& scope) { return scope.spans(); }
const auto& Items(const metrics::ScopeMetrics& scope) { return scope.metrics(); }
const auto& Items(const logs::ScopeLogs& scope) { return scope.log_records(); }

template <typename ItemView, typename Request>
void ExpectRequest(Signal signal, uint64_t seed) {
  std::mt19937_64 random(seed);
  for (int round = 0; round < 400; ++round) {
    const auto message = test::RandomRequest(
        signal, random, {.full = round % 4 == 0, .list_max = 2, .unknown_fields = round % 2 == 1});
    const auto& entries = Entries(dynamic_cast<const Request&>(*message));
    int i = 0;
    test::BatchOf(signal, *message)
        .ForEachResource([&](std::string_view bytes, uint32_t, const Slice&) {
          const ResourceItemsView view(bytes);
          const auto& entry = entries[i++];
          Expect(view.resource(), entry.resource());
          EXPECT_EQ(view.schema_url, entry.schema_url());
          ExpectEach(view.scopes, Scopes(entry), [](const ScopeItemsView& v, const auto& m) {
            Expect(v.scope(), m.scope());
            EXPECT_EQ(v.schema_url, m.schema_url());
            ExpectEach(v.items.As<ItemView>(), Items(m),
                       [](const ItemView& item, const auto& expected) { Expect(item, expected); });
          });
        });
    EXPECT_EQ(i, entries.size());
  }
}

namespace collector = opentelemetry::proto::collector;

TEST(Views, ReadSpansAsProtobufDoes) {
  ExpectRequest<SpanView, collector::trace::v1::ExportTraceServiceRequest>(Signal::kTraces, 21);
}

TEST(Views, ReadLogsAsProtobufDoes) {
  ExpectRequest<LogRecordView, collector::logs::v1::ExportLogsServiceRequest>(Signal::kLogs, 22);
}

TEST(Views, ReadMetricsAsProtobufDoes) {
  ExpectRequest<MetricView, collector::metrics::v1::ExportMetricsServiceRequest>(Signal::kMetrics,
                                                                                 23);
}

TEST(Views, TakeTheLastOfAFieldThatOccursTwice) {
  const SpanView span(
      "\x2a\x01"
      "a"
      "\x2a\x01"
      "b"
      "\x30\x01\x30\x02");
  EXPECT_EQ(span.name, "b");
  EXPECT_EQ(span.kind, 2);
  const AnyValueView value(
      "\x0a\x01"
      "a"
      "\x18\x05");
  EXPECT_EQ(value.kind, ValueKind::kInt);
}

TEST(Views, ReadRepeatedNumbersThatAreNotPacked) {
  const BucketsView buckets("\x10\x01\x12\x02\x02\x03\x08\x03\x10\x84\x01");
  std::vector<uint64_t> counts;
  buckets.bucket_counts.ForEach([&](uint64_t count) { counts.push_back(count); });
  EXPECT_EQ(counts, (std::vector<uint64_t>{1, 2, 3, 132}));
  EXPECT_EQ(buckets.bucket_counts.size(), 4u);
  EXPECT_EQ(buckets.offset, -2);
}

TEST(Views, StopQuietlyAtBytesThatAreNoMessage) {
  const SpanView span(
      "\x2a\x01"
      "a"
      "\x2a\x7f"
      "b");
  EXPECT_EQ(span.name, "a");
  WireReader in(
      "\x2a\x7f"
      "b");
  EXPECT_FALSE(in.Next());
  EXPECT_TRUE(in.malformed());
}

}  // namespace
}  // namespace weir::model
