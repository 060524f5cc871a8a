// What an OTLP/HTTP server answers in JSON, and what a client reads of such an answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "model/response.h"
#include "model/signal.h"

namespace weir::model::json {

// The answer to a request that was taken whole: {"partialSuccess":{}}.
std::string SuccessResponse();
// The answer to one of which `rejected` items were not taken.
std::string PartialSuccessResponse(Signal signal, int64_t rejected, std::string_view message);

// google.rpc.Status: {"code":3,"message":"..."}, with a RetryInfo detail when there is a delay.
// Zero and empty parts are left out.
std::string StatusResponse(StatusCode code, std::string_view message,
                           std::optional<std::chrono::nanoseconds> retry_delay = std::nullopt);

// Unknown fields are skipped. kInvalidArgument when `text` is no such answer.
Result<PartialSuccess> ReadResponse(Signal signal, std::string_view text);

// Code and message of a google.rpc.Status; details are skipped.
struct StatusText {
  int32_t code = 0;
  std::string message;
};
Result<StatusText> ReadStatus(std::string_view text);

}  // namespace weir::model::json
