// OTLP/JSON out: telemetry as the Collector's JSON marshaler writes it.
//
// Fields stand in the order of the Collector's messages; zeros, empty strings and empty lists are
// left out; resource, scope, status, body, value, positive and negative are always there. Ids are
// lower-case hexadecimal, 64-bit integers strings, enumerations numbers, bytes base64; NaN,
// Infinity and -Infinity are strings. Bytes that are no UTF-8 show as U+FFFD. Unknown fields are
// not shown.
#pragma once

#include <string>
#include <string_view>

#include "model/batch.h"
#include "model/json/schema.h"

namespace weir::model::json {

// Appends the request that carries `batch`, `{"resourceSpans":[...]}`, on one line without a line
// break at the end. An empty batch is `{}`. Expects bytes that CheckRequest passed: of others a
// part may be missing.
void AppendJsonRequest(const Batch& batch, std::string& out);

// Appends one message of kind `message` as an object.
void AppendJsonMessage(const Message& message, std::string_view bytes, std::string& out);

}  // namespace weir::model::json
