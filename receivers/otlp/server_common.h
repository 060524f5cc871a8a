// What both halves of the otlp receiver do: what they tell of a client, and how a pipeline's answer
// looks to it.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "pipeline/consumer.h"

namespace weir::receivers::otlp {

// `name` in lower case.
void AddMetadata(pipeline::ClientInfo& client, std::string name, std::string_view value);

// A failure that nobody gave a gRPC code: retryable means unavailable, permanent internal. Others
// pass through.
Status ClientStatus(const Status& status);

}  // namespace weir::receivers::otlp
