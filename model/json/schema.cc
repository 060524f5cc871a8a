#include "model/json/schema.h"

#include <array>

namespace weir::model::json {
namespace {

using enum FieldType;
using enum FieldRule;

constexpr EnumValue kSpanKinds[] = {
    {"SPAN_KIND_UNSPECIFIED", 0}, {"SPAN_KIND_INTERNAL", 1}, {"SPAN_KIND_SERVER", 2},
    {"SPAN_KIND_CLIENT", 3},      {"SPAN_KIND_PRODUCER", 4}, {"SPAN_KIND_CONSUMER", 5},
};
constexpr EnumValue kStatusCodes[] = {
    {"STATUS_CODE_UNSET", 0}, {"STATUS_CODE_OK", 1}, {"STATUS_CODE_ERROR", 2}};
constexpr EnumValue kTemporalities[] = {{"AGGREGATION_TEMPORALITY_UNSPECIFIED", 0},
                                        {"AGGREGATION_TEMPORALITY_DELTA", 1},
                                        {"AGGREGATION_TEMPORALITY_CUMULATIVE", 2}};
constexpr EnumValue kSeverities[] = {
    {"SEVERITY_NUMBER_UNSPECIFIED", 0}, {"SEVERITY_NUMBER_TRACE", 1},
    {"SEVERITY_NUMBER_TRACE2", 2},      {"SEVERITY_NUMBER_TRACE3", 3},
    {"SEVERITY_NUMBER_TRACE4", 4},      {"SEVERITY_NUMBER_DEBUG", 5},
    {"SEVERITY_NUMBER_DEBUG2", 6},      {"SEVERITY_NUMBER_DEBUG3", 7},
    {"SEVERITY_NUMBER_DEBUG4", 8},      {"SEVERITY_NUMBER_INFO", 9},
    {"SEVERITY_NUMBER_INFO2", 10},      {"SEVERITY_NUMBER_INFO3", 11},
    {"SEVERITY_NUMBER_INFO4", 12},      {"SEVERITY_NUMBER_WARN", 13},
    {"SEVERITY_NUMBER_WARN2", 14},      {"SEVERITY_NUMBER_WARN3", 15},
    {"SEVERITY_NUMBER_WARN4", 16},      {"SEVERITY_NUMBER_ERROR", 17},
    {"SEVERITY_NUMBER_ERROR2", 18},     {"SEVERITY_NUMBER_ERROR3", 19},
    {"SEVERITY_NUMBER_ERROR4", 20},     {"SEVERITY_NUMBER_FATAL", 21},
    {"SEVERITY_NUMBER_FATAL2", 22},     {"SEVERITY_NUMBER_FATAL3", 23},
    {"SEVERITY_NUMBER_FATAL4", 24},
};

extern const Message kArrayValue;
extern const Message kKeyValueList;

constexpr Field kAnyValueFields[] = {
    {"stringValue", "string_value", 1, kString, kOneof},
    {"boolValue", "bool_value", 2, kBool, kOneof},
    {"intValue", "int_value", 3, kInt64, kOneof},
    {"doubleValue", "double_value", 4, kDouble, kOneof},
    {"arrayValue", "array_value", 5, kMessage, kOneof, &kArrayValue},
    {"kvlistValue", "kvlist_value", 6, kMessage, kOneof, &kKeyValueList},
    {"bytesValue", "bytes_value", 7, kBytes, kOneof},
    {"stringValueStrindex", "string_value_strindex", 8, kInt32, kOneof},
};
constexpr Field kArrayValueFields[] = {{"values", "values", 1, kMessage, kRepeated, &kAnyValue}};
constexpr Field kKeyValueListFields[] = {{"values", "values", 1, kMessage, kRepeated, &kKeyValue}};
const Message kArrayValue{"ArrayValue", kArrayValueFields};
const Message kKeyValueList{"KeyValueList", kKeyValueListFields};

constexpr Field kKeyValueFields[] = {
    {"key", "key", 1, kString},
    {"value", "value", 2, kMessage, kShown, &kAnyValue},
    {"keyStrindex", "key_strindex", 3, kInt32},
};

constexpr Field kEntityRefFields[] = {
    {"schemaUrl", "schema_url", 1, kString},
    {"type", "type", 2, kString},
    {"idKeys", "id_keys", 3, kString, kRepeated},
    {"descriptionKeys", "description_keys", 4, kString, kRepeated},
};
const Message kEntityRef{"EntityRef", kEntityRefFields};

constexpr Field kResourceFields[] = {
    {"attributes", "attributes", 1, kMessage, kRepeated, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 2, kUint32},
    {"entityRefs", "entity_refs", 3, kMessage, kRepeated, &kEntityRef},
};
const Message kResource{"Resource", kResourceFields, 2};

constexpr Field kScopeFields[] = {
    {"name", "name", 1, kString},
    {"version", "version", 2, kString},
    {"attributes", "attributes", 3, kMessage, kRepeated, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 4, kUint32},
};
const Message kScope{"InstrumentationScope", kScopeFields};

// Logs.
constexpr Field kLogRecordFields[] = {
    {"timeUnixNano", "time_unix_nano", 1, kFixed64},
    {"observedTimeUnixNano", "observed_time_unix_nano", 11, kFixed64},
    {"severityNumber", "severity_number", 2, kEnum, kPlain, nullptr, kSeverities},
    {"severityText", "severity_text", 3, kString},
    {"body", "body", 5, kMessage, kShown, &kAnyValue},
    {"attributes", "attributes", 6, kMessage, kRepeated, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 7, kUint32},
    {"flags", "flags", 8, kFixed32},
    {"traceId", "trace_id", 9, kTraceId},
    {"spanId", "span_id", 10, kSpanId},
    {"eventName", "event_name", 12, kString},
};
const Message kLogRecord{"LogRecord", kLogRecordFields, 2};
constexpr Field kScopeLogsFields[] = {
    {"scope", "scope", 1, kMessage, kShown, &kScope},
    {"logRecords", "log_records", 2, kMessage, kRepeated, &kLogRecord},
    {"schemaUrl", "schema_url", 3, kString},
};
const Message kScopeLogs{"ScopeLogs", kScopeLogsFields, 3};
constexpr Field kResourceLogsFields[] = {
    {"resource", "resource", 1, kMessage, kShown, &kResource},
    {"scopeLogs", "scope_logs", 2, kMessage, kRepeated, &kScopeLogs},
    {"schemaUrl", "schema_url", 3, kString},
};
const Message kResourceLogs{"ResourceLogs", kResourceLogsFields, 3};

// Traces.
constexpr Field kEventFields[] = {
    {"timeUnixNano", "time_unix_nano", 1, kFixed64},
    {"name", "name", 2, kString},
    {"attributes", "attributes", 3, kMessage, kRepeated, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 4, kUint32},
};
const Message kEvent{"Event", kEventFields};
constexpr Field kLinkFields[] = {
    {"traceId", "trace_id", 1, kTraceId},
    {"spanId", "span_id", 2, kSpanId},
    {"traceState", "trace_state", 3, kString},
    {"attributes", "attributes", 4, kMessage, kRepeated, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 5, kUint32},
    {"flags", "flags", 6, kFixed32},
};
const Message kLink{"Link", kLinkFields};
constexpr Field kStatusFields[] = {
    {"message", "message", 2, kString},
    {"code", "code", 3, kEnum, kPlain, nullptr, kStatusCodes},
};
const Message kStatus{"Status", kStatusFields};
constexpr Field kSpanFields[] = {
    {"traceId", "trace_id", 1, kTraceId},
    {"spanId", "span_id", 2, kSpanId},
    {"traceState", "trace_state", 3, kString},
    {"parentSpanId", "parent_span_id", 4, kSpanId},
    {"flags", "flags", 16, kFixed32},
    {"name", "name", 5, kString},
    {"kind", "kind", 6, kEnum, kPlain, nullptr, kSpanKinds},
    {"startTimeUnixNano", "start_time_unix_nano", 7, kFixed64},
    {"endTimeUnixNano", "end_time_unix_nano", 8, kFixed64},
    {"attributes", "attributes", 9, kMessage, kRepeated, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 10, kUint32},
    {"events", "events", 11, kMessage, kRepeated, &kEvent},
    {"droppedEventsCount", "dropped_events_count", 12, kUint32},
    {"links", "links", 13, kMessage, kRepeated, &kLink},
    {"droppedLinksCount", "dropped_links_count", 14, kUint32},
    {"status", "status", 15, kMessage, kShown, &kStatus},
};
const Message kSpan{"Span", kSpanFields, 2};
constexpr Field kScopeSpansFields[] = {
    {"scope", "scope", 1, kMessage, kShown, &kScope},
    {"spans", "spans", 2, kMessage, kRepeated, &kSpan},
    {"schemaUrl", "schema_url", 3, kString},
};
const Message kScopeSpans{"ScopeSpans", kScopeSpansFields, 3};
constexpr Field kResourceSpansFields[] = {
    {"resource", "resource", 1, kMessage, kShown, &kResource},
    {"scopeSpans", "scope_spans", 2, kMessage, kRepeated, &kScopeSpans},
    {"schemaUrl", "schema_url", 3, kString},
};
const Message kResourceSpans{"ResourceSpans", kResourceSpansFields, 3};

// Metrics.
constexpr Field kExemplarFields[] = {
    {"filteredAttributes", "filtered_attributes", 7, kMessage, kRepeated, &kKeyValue},
    {"timeUnixNano", "time_unix_nano", 2, kFixed64},
    {"asDouble", "as_double", 3, kDouble, kOneof},
    {"asInt", "as_int", 6, kSfixed64, kOneof},
    {"traceId", "trace_id", 5, kTraceId},
    {"spanId", "span_id", 4, kSpanId},
};
const Message kExemplar{"Exemplar", kExemplarFields};
constexpr Field kNumberPointFields[] = {
    {"attributes", "attributes", 7, kMessage, kRepeated, &kKeyValue},
    {"startTimeUnixNano", "start_time_unix_nano", 2, kFixed64},
    {"timeUnixNano", "time_unix_nano", 3, kFixed64},
    {"asDouble", "as_double", 4, kDouble, kOneof},
    {"asInt", "as_int", 6, kSfixed64, kOneof},
    {"exemplars", "exemplars", 5, kMessage, kRepeated, &kExemplar},
    {"flags", "flags", 8, kUint32},
};
const Message kNumberPoint{"NumberDataPoint", kNumberPointFields};
constexpr Field kHistogramPointFields[] = {
    {"attributes", "attributes", 9, kMessage, kRepeated, &kKeyValue},
    {"startTimeUnixNano", "start_time_unix_nano", 2, kFixed64},
    {"timeUnixNano", "time_unix_nano", 3, kFixed64},
    {"count", "count", 4, kFixed64},
    {"sum", "sum", 5, kDouble, kOptional},
    {"bucketCounts", "bucket_counts", 6, kFixed64, kRepeated},
    {"explicitBounds", "explicit_bounds", 7, kDouble, kRepeated},
    {"exemplars", "exemplars", 8, kMessage, kRepeated, &kExemplar},
    {"flags", "flags", 10, kUint32},
    {"min", "min", 11, kDouble, kOptional},
    {"max", "max", 12, kDouble, kOptional},
};
const Message kHistogramPoint{"HistogramDataPoint", kHistogramPointFields, 2};
constexpr Field kBucketsFields[] = {
    {"offset", "offset", 1, kSint32},
    {"bucketCounts", "bucket_counts", 2, kUint64, kRepeated},
};
const Message kBuckets{"Buckets", kBucketsFields};
constexpr Field kExponentialPointFields[] = {
    {"attributes", "attributes", 1, kMessage, kRepeated, &kKeyValue},
    {"startTimeUnixNano", "start_time_unix_nano", 2, kFixed64},
    {"timeUnixNano", "time_unix_nano", 3, kFixed64},
    {"count", "count", 4, kFixed64},
    {"sum", "sum", 5, kDouble, kOptional},
    {"scale", "scale", 6, kSint32},
    {"zeroCount", "zero_count", 7, kFixed64},
    {"positive", "positive", 8, kMessage, kShown, &kBuckets},
    {"negative", "negative", 9, kMessage, kShown, &kBuckets},
    {"flags", "flags", 10, kUint32},
    {"exemplars", "exemplars", 11, kMessage, kRepeated, &kExemplar},
    {"min", "min", 12, kDouble, kOptional},
    {"max", "max", 13, kDouble, kOptional},
    {"zeroThreshold", "zero_threshold", 14, kDouble},
};
const Message kExponentialPoint{"ExponentialHistogramDataPoint", kExponentialPointFields, 2};
constexpr Field kQuantileFields[] = {
    {"quantile", "quantile", 1, kDouble},
    {"value", "value", 2, kDouble},
};
const Message kQuantile{"ValueAtQuantile", kQuantileFields};
constexpr Field kSummaryPointFields[] = {
    {"attributes", "attributes", 7, kMessage, kRepeated, &kKeyValue},
    {"startTimeUnixNano", "start_time_unix_nano", 2, kFixed64},
    {"timeUnixNano", "time_unix_nano", 3, kFixed64},
    {"count", "count", 4, kFixed64},
    {"sum", "sum", 5, kDouble},
    {"quantileValues", "quantile_values", 6, kMessage, kRepeated, &kQuantile},
    {"flags", "flags", 8, kUint32},
};
const Message kSummaryPoint{"SummaryDataPoint", kSummaryPointFields};

constexpr Field kTemporality{
    "aggregationTemporality", "aggregation_temporality", 2, kEnum, kPlain, nullptr, kTemporalities};
constexpr Field PointsOf(const Message& point) {
  return {"dataPoints", "data_points", 1, kMessage, kRepeated, &point};
}
constexpr Field kGaugeFields[] = {PointsOf(kNumberPoint)};
constexpr Field kSumFields[] = {
    PointsOf(kNumberPoint), kTemporality, {"isMonotonic", "is_monotonic", 3, kBool}};
constexpr Field kHistogramFields[] = {PointsOf(kHistogramPoint), kTemporality};
constexpr Field kExponentialFields[] = {PointsOf(kExponentialPoint), kTemporality};
constexpr Field kSummaryFields[] = {PointsOf(kSummaryPoint)};
const Message kGauge{"Gauge", kGaugeFields, 2};
const Message kSum{"Sum", kSumFields, 2};
const Message kHistogram{"Histogram", kHistogramFields, 2};
const Message kExponential{"ExponentialHistogram", kExponentialFields, 2};
const Message kSummary{"Summary", kSummaryFields, 2};

constexpr Field kMetricFields[] = {
    {"name", "name", 1, kString},
    {"description", "description", 2, kString},
    {"unit", "unit", 3, kString},
    {"gauge", "gauge", 5, kMessage, kOneof, &kGauge},
    {"sum", "sum", 7, kMessage, kOneof, &kSum},
    {"histogram", "histogram", 9, kMessage, kOneof, &kHistogram},
    {"exponentialHistogram", "exponential_histogram", 10, kMessage, kOneof, &kExponential},
    {"summary", "summary", 11, kMessage, kOneof, &kSummary},
    {"metadata", "metadata", 12, kMessage, kRepeated, &kKeyValue},
};
const Message kMetric{"Metric", kMetricFields, 2};
constexpr Field kScopeMetricsFields[] = {
    {"scope", "scope", 1, kMessage, kShown, &kScope},
    {"metrics", "metrics", 2, kMessage, kRepeated, &kMetric},
    {"schemaUrl", "schema_url", 3, kString},
};
const Message kScopeMetrics{"ScopeMetrics", kScopeMetricsFields, 3};
constexpr Field kResourceMetricsFields[] = {
    {"resource", "resource", 1, kMessage, kShown, &kResource},
    {"scopeMetrics", "scope_metrics", 2, kMessage, kRepeated, &kScopeMetrics},
    {"schemaUrl", "schema_url", 3, kString},
};
const Message kResourceMetrics{"ResourceMetrics", kResourceMetricsFields, 3};

constexpr Field kTracesRequestFields[] = {
    {"resourceSpans", "resource_spans", 1, kMessage, kRepeated, &kResourceSpans}};
constexpr Field kMetricsRequestFields[] = {
    {"resourceMetrics", "resource_metrics", 1, kMessage, kRepeated, &kResourceMetrics}};
constexpr Field kLogsRequestFields[] = {
    {"resourceLogs", "resource_logs", 1, kMessage, kRepeated, &kResourceLogs}};
constexpr std::array<Message, kSignalCount> kRequests = {{
    {"ExportTraceServiceRequest", kTracesRequestFields},
    {"ExportMetricsServiceRequest", kMetricsRequestFields},
    {"ExportLogsServiceRequest", kLogsRequestFields},
}};

// Answers.
constexpr Field kRejectedSpansFields[] = {{"rejectedSpans", "rejected_spans", 1, kInt64},
                                          {"errorMessage", "error_message", 2, kString}};
constexpr Field kRejectedPointsFields[] = {
    {"rejectedDataPoints", "rejected_data_points", 1, kInt64},
    {"errorMessage", "error_message", 2, kString}};
constexpr Field kRejectedLogsFields[] = {{"rejectedLogRecords", "rejected_log_records", 1, kInt64},
                                         {"errorMessage", "error_message", 2, kString}};
constexpr std::array<Message, kSignalCount> kPartialSuccesses = {{
    {"ExportTracePartialSuccess", kRejectedSpansFields},
    {"ExportMetricsPartialSuccess", kRejectedPointsFields},
    {"ExportLogsPartialSuccess", kRejectedLogsFields},
}};
constexpr Field PartialSuccessOf(Signal signal) {
  return {"partialSuccess",
          "partial_success",
          1,
          kMessage,
          kShown,
          &kPartialSuccesses[SignalIndex(signal)]};
}
constexpr Field kTracesResponseFields[] = {PartialSuccessOf(Signal::kTraces)};
constexpr Field kMetricsResponseFields[] = {PartialSuccessOf(Signal::kMetrics)};
constexpr Field kLogsResponseFields[] = {PartialSuccessOf(Signal::kLogs)};
constexpr std::array<Message, kSignalCount> kResponses = {{
    {"ExportTraceServiceResponse", kTracesResponseFields},
    {"ExportMetricsServiceResponse", kMetricsResponseFields},
    {"ExportLogsServiceResponse", kLogsResponseFields},
}};
constexpr Field kRpcStatusFields[] = {{"code", "code", 1, kInt32},
                                      {"message", "message", 2, kString}};

}  // namespace

const Message kRpcStatus{"Status", kRpcStatusFields};
const Message kAnyValue{"AnyValue", kAnyValueFields};
const Message kKeyValue{"KeyValue", kKeyValueFields};

const Message& RequestMessage(Signal signal) { return kRequests[SignalIndex(signal)]; }
const Message& ResponseMessage(Signal signal) { return kResponses[SignalIndex(signal)]; }

}  // namespace weir::model::json
