// Field numbers of the OTLP messages (opentelemetry-proto 1.x), one struct per message.
//
// For everyone who reads or writes OTLP by hand: model/wire.h takes these numbers. Wire types are
// in the comments where the name does not tell: "varint", "fixed64", "fixed32"; times are fixed64
// nanoseconds since 1970, names and urls are strings, the rest are messages.
#pragma once

#include <cstdint>

namespace weir::model::fields {

struct Request {
  static constexpr uint32_t kResources = 1;  // resource_spans, resource_metrics, resource_logs
};

// ResourceSpans, ResourceMetrics and ResourceLogs are alike.
struct ResourceItems {
  static constexpr uint32_t kResource = 1, kScopes = 2, kSchemaUrl = 3;
};

// ScopeSpans, ScopeMetrics and ScopeLogs are alike; `items` are spans, metrics or log records.
struct ScopeItems {
  static constexpr uint32_t kScope = 1, kItems = 2, kSchemaUrl = 3;
};

struct Resource {
  static constexpr uint32_t kAttributes = 1, kDroppedAttributesCount = 2 /* varint */,
                            kEntityRefs = 3;
};

struct EntityRef {
  static constexpr uint32_t kSchemaUrl = 1, kType = 2, kIdKeys = 3, kDescriptionKeys = 4;
};

struct Scope {
  static constexpr uint32_t kName = 1, kVersion = 2, kAttributes = 3,
                            kDroppedAttributesCount = 4 /* varint */;
};

struct KeyValue {
  static constexpr uint32_t kKey = 1, kValue = 2;
};

struct AnyValue {
  static constexpr uint32_t kString = 1, kBool = 2 /* varint */, kInt = 3 /* varint */,
                            kDouble = 4 /* fixed64 */, kArray = 5, kKvlist = 6, kBytes = 7;
};

// ArrayValue (of AnyValue) and KeyValueList (of KeyValue).
struct Values {
  static constexpr uint32_t kValues = 1;
};

struct Span {
  static constexpr uint32_t kTraceId = 1, kSpanId = 2, kTraceState = 3, kParentSpanId = 4,
                            kName = 5, kKind = 6 /* varint */, kStartTime = 7, kEndTime = 8,
                            kAttributes = 9, kDroppedAttributesCount = 10 /* varint */,
                            kEvents = 11, kDroppedEventsCount = 12 /* varint */, kLinks = 13,
                            kDroppedLinksCount = 14 /* varint */, kStatus = 15,
                            kFlags = 16 /* fixed32 */;
};

struct SpanEvent {
  static constexpr uint32_t kTime = 1, kName = 2, kAttributes = 3,
                            kDroppedAttributesCount = 4 /* varint */;
};

struct SpanLink {
  static constexpr uint32_t kTraceId = 1, kSpanId = 2, kTraceState = 3, kAttributes = 4,
                            kDroppedAttributesCount = 5 /* varint */, kFlags = 6 /* fixed32 */;
};

struct SpanStatus {
  static constexpr uint32_t kMessage = 2, kCode = 3 /* varint */;
};

struct LogRecord {
  static constexpr uint32_t kTime = 1, kSeverityNumber = 2 /* varint */, kSeverityText = 3,
                            kBody = 5, kAttributes = 6, kDroppedAttributesCount = 7 /* varint */,
                            kFlags = 8 /* fixed32 */, kTraceId = 9, kSpanId = 10,
                            kObservedTime = 11, kEventName = 12;
};

struct Metric {
  static constexpr uint32_t kName = 1, kDescription = 2, kUnit = 3, kGauge = 5, kSum = 7,
                            kHistogram = 9, kExponentialHistogram = 10, kSummary = 11,
                            kMetadata = 12;
};

// Gauge, Sum, Histogram, ExponentialHistogram and Summary; only Sum is monotonic, Gauge and Summary
// have no temporality.
struct MetricData {
  static constexpr uint32_t kDataPoints = 1, kAggregationTemporality = 2 /* varint */,
                            kIsMonotonic = 3 /* varint */;
};

struct NumberDataPoint {
  static constexpr uint32_t kStartTime = 2, kTime = 3, kAsDouble = 4 /* fixed64 */, kExemplars = 5,
                            kAsInt = 6 /* fixed64 */, kAttributes = 7, kFlags = 8 /* varint */;
};

struct HistogramDataPoint {
  static constexpr uint32_t kStartTime = 2, kTime = 3, kCount = 4 /* fixed64 */,
                            kSum = 5 /* fixed64 */, kBucketCounts = 6 /* packed fixed64 */,
                            kExplicitBounds = 7 /* packed fixed64 */, kExemplars = 8,
                            kAttributes = 9, kFlags = 10 /* varint */, kMin = 11 /* fixed64 */,
                            kMax = 12 /* fixed64 */;
};

struct ExponentialHistogramDataPoint {
  static constexpr uint32_t kAttributes = 1, kStartTime = 2, kTime = 3, kCount = 4 /* fixed64 */,
                            kSum = 5 /* fixed64 */, kScale = 6 /* zigzag varint */,
                            kZeroCount = 7 /* fixed64 */, kPositive = 8, kNegative = 9,
                            kFlags = 10 /* varint */, kExemplars = 11, kMin = 12 /* fixed64 */,
                            kMax = 13 /* fixed64 */, kZeroThreshold = 14 /* fixed64 */;
};

struct Buckets {
  static constexpr uint32_t kOffset = 1 /* zigzag varint */, kBucketCounts = 2 /* packed varint */;
};

struct SummaryDataPoint {
  static constexpr uint32_t kStartTime = 2, kTime = 3, kCount = 4 /* fixed64 */,
                            kSum = 5 /* fixed64 */, kQuantileValues = 6, kAttributes = 7,
                            kFlags = 8 /* varint */;
};

struct ValueAtQuantile {
  static constexpr uint32_t kQuantile = 1 /* fixed64 */, kValue = 2 /* fixed64 */;
};

struct Exemplar {
  static constexpr uint32_t kTime = 2, kAsDouble = 3 /* fixed64 */, kSpanId = 4, kTraceId = 5,
                            kAsInt = 6 /* fixed64 */, kFilteredAttributes = 7;
};

}  // namespace weir::model::fields
