// The shape of the OTLP messages as data: which field of which message has which kind. CheckRequest
// walks bytes by these tables, so every signal is the same code.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/signal.h"

namespace weir::model {

enum class MessageId : uint8_t {
  kTracesRequest,
  kMetricsRequest,
  kLogsRequest,
  kResourceSpans,
  kResourceMetrics,
  kResourceLogs,
  kScopeSpans,
  kScopeMetrics,
  kScopeLogs,
  kResource,
  kEntityRef,
  kScope,
  kKeyValue,
  kAnyValue,
  kArrayValue,
  kKeyValueList,
  kSpan,
  kSpanEvent,
  kSpanLink,
  kSpanStatus,
  kLogRecord,
  kMetric,
  kGauge,
  kSum,
  kHistogram,
  kExponentialHistogram,
  kSummary,
  kNumberDataPoint,
  kHistogramDataPoint,
  kExponentialHistogramDataPoint,
  kBuckets,
  kSummaryDataPoint,
  kValueAtQuantile,
  kExemplar,
  kCount,
};

// What to do with a field, by the tag in front of it.
enum class FieldAction : uint8_t {
  kLookUp,     // tags of several bytes, fields and groups that nobody knows
  kWrongType,  // a known field with another wire type
  kIllegal,    // field number 0, wire types 6 and 7, a group end without a group
  kVarint,
  kFixed32,
  kFixed64,
  kString,  // may hold any bytes, see model/utf8.h
  kBytes,
  kTraceId,  // 0 or 16 bytes
  kSpanId,   // 0 or 8 bytes
  kMessage,
  kKeyValue,  // a message that is nearly always a key with a plain value
  kItem,      // a message that counts as one item
  kChoice,    // one of a metric's kinds of data: the last in the metric counts
  kPackedVarints,
  kPackedFixed64,
};

struct FieldRule {
  FieldAction action = FieldAction::kLookUp;
  MessageId child = MessageId::kCount;  // of messages
};

struct MessageRule {
  // By the first byte of a field. Tags are one byte long for field numbers below 16.
  std::array<FieldRule, 256> by_tag_byte;
};

extern const std::array<MessageRule, static_cast<size_t>(MessageId::kCount)> kMessageRules;

// The rules of `message`; valid for ever.
inline const MessageRule& RuleOf(MessageId message) {
  return kMessageRules[static_cast<size_t>(message)];
}

// The rule for a tag as decoded: kLookUp is answered for fields that are unknown.
FieldRule RuleOfTag(MessageId message, uint32_t tag);

// "spans", "trace_id", ...; empty for unknown fields.
std::string_view FieldName(MessageId message, uint32_t number);
// "Span", "KeyValue", ...: the message's name in the .proto files.
std::string_view MessageName(MessageId message);

constexpr MessageId RequestOf(Signal signal) {
  return static_cast<MessageId>(static_cast<uint8_t>(MessageId::kTracesRequest) +
                                static_cast<uint8_t>(signal));
}
constexpr MessageId ResourceItemsOf(Signal signal) {
  return static_cast<MessageId>(static_cast<uint8_t>(MessageId::kResourceSpans) +
                                static_cast<uint8_t>(signal));
}

}  // namespace weir::model
