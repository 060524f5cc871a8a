// The messages of OTLP as data: what the JSON reader and writer walk instead of generated classes.
//
// One table describes every message both ways: field numbers and wire types for protobuf, names for
// JSON. The order of a table is the order in which the Collector prints the fields, which is also
// the order in which most clients send them, so the reader guesses the next name from the last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/signal.h"

namespace weir::model::json {

// How a value is encoded, in protobuf and in JSON.
enum class FieldType : uint8_t {
  kMessage,
  kString,
  kBytes,    // base64 in JSON
  kTraceId,  // 16 bytes, hexadecimal in JSON
  kSpanId,   // 8 bytes, hexadecimal in JSON
  kBool,
  kEnum,  // a number, or in JSON read also a name
  kInt32,
  kSint32,  // zigzag
  kUint32,
  kInt64,  // 64-bit integers are strings in JSON
  kUint64,
  kFixed32,
  kFixed64,
  kSfixed64,
  kDouble,
};

enum class FieldRule : uint8_t {
  kPlain,     // absent means zero; zero is not written
  kShown,     // a message that JSON out shows even when it is absent: {}
  kOptional,  // zero and absent differ
  kOneof,     // one of the message's oneof (none has two); the last one counts
  kRepeated,  // numbers are packed
};

struct EnumValue {
  std::string_view name;
  int32_t number;
};

struct Message;

struct Field {
  std::string_view name;        // lowerCamelCase
  std::string_view snake_name;  // equal to `name` when that is one word
  uint32_t number;
  FieldType type;
  FieldRule rule = FieldRule::kPlain;
  const Message* message = nullptr;        // of kMessage
  std::span<const EnumValue> values = {};  // of kEnum
};

// A span has the most.
inline constexpr size_t kMessageFieldsMax = 16;

struct Message {
  std::string_view name;  // "Span"
  // At most kMessageFieldsMax.
  std::span<const Field> fields;
  // Bytes that the length of such a message usually takes: a guess right means that nothing is
  // moved when the message ends.
  uint8_t length_bytes_hint = 1;
};

extern const Message kAnyValue;
extern const Message kKeyValue;

// ExportTraceServiceRequest, ExportMetricsServiceRequest, ExportLogsServiceRequest.
const Message& RequestMessage(Signal signal);
// ExportTraceServiceResponse, ...
const Message& ResponseMessage(Signal signal);
// google.rpc.Status without its details.
extern const Message kRpcStatus;

}  // namespace weir::model::json
