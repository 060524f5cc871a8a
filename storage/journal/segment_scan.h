// Finding the records of a segment that is not sealed, damaged places and a torn end included.
#pragma once

#include <cstdint>

#include "storage/io/file_system.h"
#include "storage/journal/segment.h"

namespace weir::storage::journal {

// Reads all of `file` (`size` bytes) once, in order. `segment` brings id, name and first_sequence
// (0: unknown, the first record found begins it). Fills `found`.
void ScanSegment(io::File& file, uint64_t size, Segment& segment, Found& found);

}  // namespace weir::storage::journal
