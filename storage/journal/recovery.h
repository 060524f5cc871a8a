// Reading a journal's directory when it is opened.
#pragma once

#include <cstdint>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "storage/io/file_system.h"
#include "storage/journal/cursors.h"
#include "storage/journal/segment.h"

namespace weir::storage::journal {

struct Recovered {
  // By number. Only the last can be one that was being written; in front of it unsealed ones are
  // those that a failed write or an earlier damage left.
  std::vector<Segment> segments;
  Cursors cursors;
  // Above every number that was ever acknowledged, delivered or declared void.
  uint64_t next_sequence = 1;
  uint64_t next_number = 1;
  uint64_t damaged_frames = 0;
};

// Learns what is in `directory`. Damage is passed by, counted and logged, never a failure. Fails
// when the directory or a file in it cannot be opened, and with kFailedPrecondition when a newer
// version of the format wrote it.
Result<Recovered> Recover(io::Directory& directory, const Logger& logger);

// The index of the segment in `file`, found again by reading all of it when it is damaged.
Segment ReadIndex(io::File& file, const Segment& known);

}  // namespace weir::storage::journal
