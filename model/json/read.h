// OTLP/JSON in: the text of an export request to the protobuf bytes of the same request, in one
// pass, without message objects.
//
// Rules, those of the Collector's reader: names in lowerCamelCase or snake_case; unknown fields are
// skipped; 64-bit integers are numbers or strings; enumerations are numbers or names (a number in
// quotes is neither); ids are hexadecimal of either case, 32 or 16 digits or "" (none); bytes are
// padded standard base64; doubles are numbers or strings, among them "NaN", "Infinity",
// "-Infinity". A null string, list or message is absent; a null number, id or bool is an error. Of
// a field that comes twice the last counts, lists are joined. Text behind the request is ignored.
// Invalid UTF-8 passes unchanged; half a surrogate pair becomes U+FFFD; an id of zeros becomes
// absent.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/byte_budget.h"
#include "base/slice.h"
#include "base/status.h"
#include "model/json/schema.h"
#include "model/signal.h"

namespace weir::model::json {

// How many any-values may stand inside one another.
inline constexpr int kValueDepthMax = 64;

// The Export*ServiceRequest of `signal` that `text` describes, empty when it describes an empty
// one. What it yields is valid protobuf with minimal lengths. Costs about one pass over the text;
// the memory held is that of the result, charged to `budget` when given.
//
// kInvalidArgument, with the path and the offset of the mistake
// (`resourceSpans[0].scopeSpans[0].spans[3].traceId: ... (byte 917)`), when the text is not such a
// request; kUnavailable with a delay when the budget refuses.
Result<Slice> ReadJsonRequest(Signal signal, std::string_view text, ByteBudget* budget);

// The same for any message that schema.h describes.
Result<Slice> ReadJsonMessage(const Message& message, std::string_view text, ByteBudget* budget);

}  // namespace weir::model::json
