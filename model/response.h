// What a backend answers to an export request: Export{Trace,Metrics,Logs}ServiceResponse.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "model/signal.h"

namespace weir::model {

// What a server said about a request it answered with success.
struct PartialSuccess {
  int64_t rejected = 0;
  std::string message;  // may stand alone: a warning
  bool empty() const { return rejected == 0 && message.empty(); }
};

// Reads a serialised response of any signal: { partial_success = 1 { rejected = 1, error_message =
// 2 } }. Unknown fields are skipped. kInvalidArgument with Go's text when `bytes` are no message.
Result<PartialSuccess> ReadExportResponse(std::string_view bytes);

// "dropped_spans", "dropped_data_points", "dropped_log_records": what the Collector's log lines
// call the rejected items.
std::string_view DroppedItemsName(Signal signal);

}  // namespace weir::model
