// The tables behind schema.h, field by field, for code that the compiler unrolls along them
// (model/walker.cc). Everyone else asks schema.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/schema.h"
#include "model/wire.h"

namespace weir::model::tables {

using A = FieldAction;
using M = MessageId;

struct FieldEntry {
  uint32_t number;
  FieldAction action;
  std::string_view name;
  MessageId child = MessageId::kCount;
};

struct MessageEntry {
  std::string_view name;
  std::span<const FieldEntry> fields;
};

inline constexpr FieldEntry kTracesRequest[] = {
    {1, A::kMessage, "resource_spans", M::kResourceSpans}};
inline constexpr FieldEntry kMetricsRequest[] = {
    {1, A::kMessage, "resource_metrics", M::kResourceMetrics}};
inline constexpr FieldEntry kLogsRequest[] = {{1, A::kMessage, "resource_logs", M::kResourceLogs}};

inline constexpr FieldEntry kResourceSpans[] = {{1, A::kMessage, "resource", M::kResource},
                                                {2, A::kMessage, "scope_spans", M::kScopeSpans},
                                                {3, A::kString, "schema_url"}};
inline constexpr FieldEntry kResourceMetrics[] = {
    {1, A::kMessage, "resource", M::kResource},
    {2, A::kMessage, "scope_metrics", M::kScopeMetrics},
    {3, A::kString, "schema_url"}};
inline constexpr FieldEntry kResourceLogs[] = {{1, A::kMessage, "resource", M::kResource},
                                               {2, A::kMessage, "scope_logs", M::kScopeLogs},
                                               {3, A::kString, "schema_url"}};
inline constexpr FieldEntry kScopeSpans[] = {{1, A::kMessage, "scope", M::kScope},
                                             {2, A::kItem, "spans", M::kSpan},
                                             {3, A::kString, "schema_url"}};
inline constexpr FieldEntry kScopeMetrics[] = {{1, A::kMessage, "scope", M::kScope},
                                               {2, A::kMessage, "metrics", M::kMetric},
                                               {3, A::kString, "schema_url"}};
inline constexpr FieldEntry kScopeLogs[] = {{1, A::kMessage, "scope", M::kScope},
                                            {2, A::kItem, "log_records", M::kLogRecord},
                                            {3, A::kString, "schema_url"}};

inline constexpr FieldEntry kResource[] = {{1, A::kKeyValue, "attributes", M::kKeyValue},
                                           {2, A::kVarint, "dropped_attributes_count"},
                                           {3, A::kMessage, "entity_refs", M::kEntityRef}};
inline constexpr FieldEntry kEntityRef[] = {{1, A::kString, "schema_url"},
                                            {2, A::kString, "type"},
                                            {3, A::kString, "id_keys"},
                                            {4, A::kString, "description_keys"}};
inline constexpr FieldEntry kScope[] = {{1, A::kString, "name"},
                                        {2, A::kString, "version"},
                                        {3, A::kKeyValue, "attributes", M::kKeyValue},
                                        {4, A::kVarint, "dropped_attributes_count"}};
inline constexpr FieldEntry kKeyValue[] = {{1, A::kString, "key"},
                                           {2, A::kMessage, "value", M::kAnyValue}};
inline constexpr FieldEntry kAnyValue[] = {{1, A::kString, "string_value"},
                                           {2, A::kVarint, "bool_value"},
                                           {3, A::kVarint, "int_value"},
                                           {4, A::kFixed64, "double_value"},
                                           {5, A::kMessage, "array_value", M::kArrayValue},
                                           {6, A::kMessage, "kvlist_value", M::kKeyValueList},
                                           {7, A::kBytes, "bytes_value"}};
inline constexpr FieldEntry kArrayValue[] = {{1, A::kMessage, "values", M::kAnyValue}};
inline constexpr FieldEntry kKeyValueList[] = {{1, A::kKeyValue, "values", M::kKeyValue}};

inline constexpr FieldEntry kSpan[] = {{1, A::kTraceId, "trace_id"},
                                       {2, A::kSpanId, "span_id"},
                                       {3, A::kString, "trace_state"},
                                       {4, A::kSpanId, "parent_span_id"},
                                       {5, A::kString, "name"},
                                       {6, A::kVarint, "kind"},
                                       {7, A::kFixed64, "start_time_unix_nano"},
                                       {8, A::kFixed64, "end_time_unix_nano"},
                                       {9, A::kKeyValue, "attributes", M::kKeyValue},
                                       {10, A::kVarint, "dropped_attributes_count"},
                                       {11, A::kMessage, "events", M::kSpanEvent},
                                       {12, A::kVarint, "dropped_events_count"},
                                       {13, A::kMessage, "links", M::kSpanLink},
                                       {14, A::kVarint, "dropped_links_count"},
                                       {15, A::kMessage, "status", M::kSpanStatus},
                                       {16, A::kFixed32, "flags"}};
inline constexpr FieldEntry kSpanEvent[] = {{1, A::kFixed64, "time_unix_nano"},
                                            {2, A::kString, "name"},
                                            {3, A::kKeyValue, "attributes", M::kKeyValue},
                                            {4, A::kVarint, "dropped_attributes_count"}};
inline constexpr FieldEntry kSpanLink[] = {{1, A::kTraceId, "trace_id"},
                                           {2, A::kSpanId, "span_id"},
                                           {3, A::kString, "trace_state"},
                                           {4, A::kKeyValue, "attributes", M::kKeyValue},
                                           {5, A::kVarint, "dropped_attributes_count"},
                                           {6, A::kFixed32, "flags"}};
inline constexpr FieldEntry kSpanStatus[] = {{2, A::kString, "message"}, {3, A::kVarint, "code"}};

inline constexpr FieldEntry kLogRecord[] = {{1, A::kFixed64, "time_unix_nano"},
                                            {2, A::kVarint, "severity_number"},
                                            {3, A::kString, "severity_text"},
                                            {5, A::kMessage, "body", M::kAnyValue},
                                            {6, A::kKeyValue, "attributes", M::kKeyValue},
                                            {7, A::kVarint, "dropped_attributes_count"},
                                            {8, A::kFixed32, "flags"},
                                            {9, A::kTraceId, "trace_id"},
                                            {10, A::kSpanId, "span_id"},
                                            {11, A::kFixed64, "observed_time_unix_nano"},
                                            {12, A::kString, "event_name"}};

inline constexpr FieldEntry kMetric[] = {
    {1, A::kString, "name"},
    {2, A::kString, "description"},
    {3, A::kString, "unit"},
    {5, A::kChoice, "gauge", M::kGauge},
    {7, A::kChoice, "sum", M::kSum},
    {9, A::kChoice, "histogram", M::kHistogram},
    {10, A::kChoice, "exponential_histogram", M::kExponentialHistogram},
    {11, A::kChoice, "summary", M::kSummary},
    {12, A::kKeyValue, "metadata", M::kKeyValue}};
inline constexpr FieldEntry kGauge[] = {{1, A::kItem, "data_points", M::kNumberDataPoint}};
inline constexpr FieldEntry kSum[] = {{1, A::kItem, "data_points", M::kNumberDataPoint},
                                      {2, A::kVarint, "aggregation_temporality"},
                                      {3, A::kVarint, "is_monotonic"}};
inline constexpr FieldEntry kHistogram[] = {{1, A::kItem, "data_points", M::kHistogramDataPoint},
                                            {2, A::kVarint, "aggregation_temporality"}};
inline constexpr FieldEntry kExponentialHistogram[] = {
    {1, A::kItem, "data_points", M::kExponentialHistogramDataPoint},
    {2, A::kVarint, "aggregation_temporality"}};
inline constexpr FieldEntry kSummary[] = {{1, A::kItem, "data_points", M::kSummaryDataPoint}};

inline constexpr FieldEntry kNumberDataPoint[] = {{2, A::kFixed64, "start_time_unix_nano"},
                                                  {3, A::kFixed64, "time_unix_nano"},
                                                  {4, A::kFixed64, "as_double"},
                                                  {5, A::kMessage, "exemplars", M::kExemplar},
                                                  {6, A::kFixed64, "as_int"},
                                                  {7, A::kKeyValue, "attributes", M::kKeyValue},
                                                  {8, A::kVarint, "flags"}};
inline constexpr FieldEntry kHistogramDataPoint[] = {{2, A::kFixed64, "start_time_unix_nano"},
                                                     {3, A::kFixed64, "time_unix_nano"},
                                                     {4, A::kFixed64, "count"},
                                                     {5, A::kFixed64, "sum"},
                                                     {6, A::kPackedFixed64, "bucket_counts"},
                                                     {7, A::kPackedFixed64, "explicit_bounds"},
                                                     {8, A::kMessage, "exemplars", M::kExemplar},
                                                     {9, A::kKeyValue, "attributes", M::kKeyValue},
                                                     {10, A::kVarint, "flags"},
                                                     {11, A::kFixed64, "min"},
                                                     {12, A::kFixed64, "max"}};
inline constexpr FieldEntry kExponentialHistogramDataPoint[] = {
    {1, A::kKeyValue, "attributes", M::kKeyValue},
    {2, A::kFixed64, "start_time_unix_nano"},
    {3, A::kFixed64, "time_unix_nano"},
    {4, A::kFixed64, "count"},
    {5, A::kFixed64, "sum"},
    {6, A::kVarint, "scale"},
    {7, A::kFixed64, "zero_count"},
    {8, A::kMessage, "positive", M::kBuckets},
    {9, A::kMessage, "negative", M::kBuckets},
    {10, A::kVarint, "flags"},
    {11, A::kMessage, "exemplars", M::kExemplar},
    {12, A::kFixed64, "min"},
    {13, A::kFixed64, "max"},
    {14, A::kFixed64, "zero_threshold"}};
inline constexpr FieldEntry kBuckets[] = {{1, A::kVarint, "offset"},
                                          {2, A::kPackedVarints, "bucket_counts"}};
inline constexpr FieldEntry kSummaryDataPoint[] = {
    {2, A::kFixed64, "start_time_unix_nano"},
    {3, A::kFixed64, "time_unix_nano"},
    {4, A::kFixed64, "count"},
    {5, A::kFixed64, "sum"},
    {6, A::kMessage, "quantile_values", M::kValueAtQuantile},
    {7, A::kKeyValue, "attributes", M::kKeyValue},
    {8, A::kVarint, "flags"}};
inline constexpr FieldEntry kValueAtQuantile[] = {{1, A::kFixed64, "quantile"},
                                                  {2, A::kFixed64, "value"}};
inline constexpr FieldEntry kExemplar[] = {
    {2, A::kFixed64, "time_unix_nano"}, {3, A::kFixed64, "as_double"},
    {4, A::kSpanId, "span_id"},         {5, A::kTraceId, "trace_id"},
    {6, A::kFixed64, "as_int"},         {7, A::kKeyValue, "filtered_attributes", M::kKeyValue}};

inline constexpr size_t kMessageCount = static_cast<size_t>(MessageId::kCount);

// In the order of MessageId.
inline constexpr std::array<MessageEntry, kMessageCount> kMessages = {{
    {"ExportTraceServiceRequest", kTracesRequest},
    {"ExportMetricsServiceRequest", kMetricsRequest},
    {"ExportLogsServiceRequest", kLogsRequest},
    {"ResourceSpans", kResourceSpans},
    {"ResourceMetrics", kResourceMetrics},
    {"ResourceLogs", kResourceLogs},
    {"ScopeSpans", kScopeSpans},
    {"ScopeMetrics", kScopeMetrics},
    {"ScopeLogs", kScopeLogs},
    {"Resource", kResource},
    {"EntityRef", kEntityRef},
    {"InstrumentationScope", kScope},
    {"KeyValue", kKeyValue},
    {"AnyValue", kAnyValue},
    {"ArrayValue", kArrayValue},
    {"KeyValueList", kKeyValueList},
    {"Span", kSpan},
    {"Event", kSpanEvent},
    {"Link", kSpanLink},
    {"Status", kSpanStatus},
    {"LogRecord", kLogRecord},
    {"Metric", kMetric},
    {"Gauge", kGauge},
    {"Sum", kSum},
    {"Histogram", kHistogram},
    {"ExponentialHistogram", kExponentialHistogram},
    {"Summary", kSummary},
    {"NumberDataPoint", kNumberDataPoint},
    {"HistogramDataPoint", kHistogramDataPoint},
    {"ExponentialHistogramDataPoint", kExponentialHistogramDataPoint},
    {"Buckets", kBuckets},
    {"SummaryDataPoint", kSummaryDataPoint},
    {"ValueAtQuantile", kValueAtQuantile},
    {"Exemplar", kExemplar},
}};

constexpr WireType TypeOf(FieldAction action) {
  switch (action) {
    case A::kVarint:
      return WireType::kVarint;
    case A::kFixed32:
      return WireType::kFixed32;
    case A::kFixed64:
      return WireType::kFixed64;
    default:
      return WireType::kBytes;
  }
}

// A packed field may also come one value at a time.
constexpr FieldAction UnpackedAction(FieldAction action, WireType type) {
  if (action == A::kPackedVarints && type == WireType::kVarint) return A::kVarint;
  if (action == A::kPackedFixed64 && type == WireType::kFixed64) return A::kFixed64;
  return A::kWrongType;
}

constexpr FieldRule RuleOfField(const MessageEntry& message, uint32_t number, uint32_t type) {
  if (number == 0 || type == 4 || type > 5) {
    for (const FieldEntry& field : message.fields) {
      if (field.number == number) return {A::kWrongType, MessageId::kCount};
    }
    return {A::kIllegal, MessageId::kCount};
  }
  for (const FieldEntry& field : message.fields) {
    if (field.number != number) continue;
    const auto wire_type = static_cast<WireType>(type);
    if (TypeOf(field.action) == wire_type) return {field.action, field.child};
    return {UnpackedAction(field.action, wire_type), MessageId::kCount};
  }
  return {A::kLookUp, MessageId::kCount};
}

constexpr MessageRule MakeRule(const MessageEntry& message) {
  MessageRule rule{};
  for (uint32_t byte = 0; byte < 0x80; ++byte) {
    rule.by_tag_byte[byte] = RuleOfField(message, byte >> 3, byte & 7);
  }
  return rule;
}

constexpr auto MakeRules() {
  std::array<MessageRule, kMessageCount> rules{};
  for (size_t i = 0; i < kMessageCount; ++i) rules[i] = MakeRule(kMessages[i]);
  return rules;
}

}  // namespace weir::model::tables
