// gRPC's codes and HTTP's numbers, and google.rpc.Status on the wire (reference: the OTLP
// specification, "Failures", and the Collector's statusutil package).
//
//   google.rpc.Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details =
//   3 } RetryInfo detail: type.googleapis.com/google.rpc.RetryInfo { Duration retry_delay = 1 }
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace weir::net {

// How a server answers with a failure: 503 for what may be retried, 429 for ResourceExhausted, ...
int HttpStatusOf(StatusCode code);
// How a client reads an answer: 429 is ResourceExhausted, 502 to 504 Unavailable, else kUnknown.
StatusCode StatusCodeOf(int http_status);

// google.rpc.Status of `status`: its wire_status when it has one, with its message replaced when
// that differs; else code, message, and RetryInfo when it has a delay.
std::string EncodeRpcStatus(const Status& status);
// The same as JSON, as the Collector writes it: {"code":3, "message":"..."}.
std::string EncodeRpcStatusJson(const Status& status);

struct RpcStatus {
  int code = 0;
  std::string message;
  std::optional<Status::Delay> retry_delay;
  std::vector<std::string> details;  // serialised google.protobuf.Any
};
// Nothing when the bytes are no google.rpc.Status.
std::optional<RpcStatus> DecodeRpcStatus(std::string_view bytes);

// As Status with that code, message, delay and wire form. Retryable by the OTLP table.
Status ToStatus(const RpcStatus& rpc, std::string_view wire);

// Retry-After: whole seconds, at least 0, rounded up for our own delays.
std::string FormatRetryAfter(Status::Delay delay);
// Seconds, or a date of RFC 9110 against `now`; nothing for anything else.
std::optional<Status::Delay> ParseRetryAfter(std::string_view value,
                                             std::chrono::system_clock::time_point now);

}  // namespace weir::net
