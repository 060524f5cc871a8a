// Cutting batches to a size, for exporter queues and the batch processor.
//
// Between resources a cut is a slice. Inside a resource only that one is walked: both parts get its
// resource, scope, metric and schema_url fields, and the items are copied as they stand, in order.
//
//   [ R1: 3 items ][ R2: 5 items ]   split at 5 items   [ R1: 3 ][ R2: 2 ]   [ R2: 3 ]
//
// The parts carry exactly the items of the whole. Scopes and metrics without items stay where they
// are, but those behind the last item of a resource are left out when they would pass a byte limit.
// Thread-safe.
#pragma once

#include <cstddef>
#include <vector>

#include "model/batch.h"

namespace weir::model {

enum class SizedBy : uint8_t {
  kItems,
  kBytes,  // of the request that carries the part
};

struct SplitResult {
  Batch front;
  Batch rest;  // empty when the whole batch was within the limit
};

// Cuts off the front of `batch`: exactly `limit` items, or as many as make a request of at most
// `limit` bytes (now and then a few more bytes could have held one more). A batch within the limit
// is all front, unchanged. The front has at least one item or resource: a record above a byte limit
// goes alone. `limit` is at least 1.
SplitResult Split(const Batch& batch, size_t limit, SizedBy by);

// All of it in parts, each as Split cuts them. Cheaper than calling Split in a loop: what remains
// is not copied again for each part.
std::vector<Batch> SplitAll(const Batch& batch, size_t limit, SizedBy by);

}  // namespace weir::model
