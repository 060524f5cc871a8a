#include "model/response.h"

#include "model/wire.h"

namespace weir::model {

Result<PartialSuccess> ReadExportResponse(std::string_view bytes) {
  const auto broken = [] { return Fail(Status(StatusCode::kInvalidArgument, "unexpected EOF")); };
  PartialSuccess partial;
  WireReader response(bytes);
  while (response.Next()) {
    if (response.tag() != BytesTag(1)) continue;
    WireReader inner(response.bytes());
    while (inner.Next()) {
      if (inner.tag() == VarintTag(1)) partial.rejected = inner.Int64();
      if (inner.tag() == BytesTag(2)) partial.message = inner.bytes();
    }
    if (inner.malformed()) return broken();
  }
  if (response.malformed()) return broken();
  return partial;
}

std::string_view DroppedItemsName(Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return "dropped_spans";
    case Signal::kMetrics:
      return "dropped_data_points";
    case Signal::kLogs:
      break;
  }
  return "dropped_log_records";
}

}  // namespace weir::model
