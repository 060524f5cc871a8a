// One request in a sending queue on disk: its bytes behind a small header (docs/formats/
// queue-record.md). Authentication results are not written.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/slice.h"
#include "base/status.h"
#include "model/batch.h"
#include "pipeline/consumer.h"

namespace weir::pipeline {

struct QueueRecord {
  model::Batch batch;
  std::shared_ptr<const ClientInfo> client;  // null when nothing was known
};

// The parts of the record, one behind the other: header, then the batch's own slices.
std::vector<Slice> EncodeQueueRecord(const model::Batch& batch, const ClientInfo* client);

// What EncodeQueueRecord wrote. kDataLoss with the reason when `bytes` are no record of `signal`:
// every length, the batch's wire format and its number of items are checked. Shares the bytes.
Result<QueueRecord> DecodeQueueRecord(model::Signal signal, const Slice& bytes);

}  // namespace weir::pipeline
