// The segment that is being written: creating, filling, sealing and giving it up. Used by one
// thread at a time; what it writes is known to nobody until its caller says so.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/slice.h"
#include "storage/io/file_system.h"
#include "storage/journal/block_writer.h"
#include "storage/journal/catalog.h"
#include "storage/journal/segment.h"

namespace weir::storage::journal {

// One record to be written: the parts one behind the other.
struct Input {
  std::vector<Slice> parts;
  uint64_t length = 0;       // of all parts
  uint32_t payload_crc = 0;  // of all parts
  uint8_t type = 0;
};

class Appender {
 public:
  // With `sync` false nothing is synced: a power cut may take what was acknowledged.
  Appender(io::Directory& directory, uint64_t segment_size_bytes, bool sync)
      : directory_(directory), segment_size_bytes_(segment_size_bytes), sync_(sync) {}

  // The number of the open segment, 0 when there is none.
  uint64_t number() const { return file_ ? segment_.id.number : 0; }
  const std::shared_ptr<io::File>& file() const { return file_; }
  // Whether a record of this length fits into the open segment, with room left for sealing it.
  bool Fits(uint64_t length) const;
  // Behind the last of [begin, end) that fits beside those in front of it and into `bytes_max`; at
  // least one fits.
  const Input* FitEnd(const Input* begin, const Input* end, uint64_t bytes_max) const;

  // Begins segment `id` with room for a record of `length`. On return 0 it is durable: its bytes,
  // length and name. Otherwise errno, and nothing of it is left.
  int Create(const SegmentId& id, uint64_t first_sequence, uint64_t length,
             uint64_t created_unix_nanos);
  // As a catalog entry, right after Create.
  const Segment& segment() const { return segment_; }

  // Writes records [begin, end), numbered from `sequence` on, and syncs. 0: they are durable, and
  // `places` says where they are. Otherwise errno: the segment is given up, because a second sync
  // may lie, and the records must go to another one.
  int Write(const Input* begin, const Input* end, uint64_t sequence, std::vector<Place>* places);
  uint64_t end_offset() const { return offset_; }

  // Ends the open segment with its index, which is in `indexed`. Errno: it stays unsealed, which
  // costs a scan when the journal is opened next. Either way it is no longer open.
  int Seal(const Segment& indexed);

 private:
  int Prepare(const SegmentHeader& header, uint64_t size);
  // Writes the header past the page cache, if that is to be had. 0 or errno.
  int BeginBlocks(std::string_view header);
  void Close();

  io::Directory& directory_;
  const uint64_t segment_size_bytes_;
  const bool sync_;
  std::shared_ptr<io::File> file_;  // null: no segment is open
  BlockWriter blocks_;              // writes the open segment, when it can
  bool has_direct_ = true;          // until the file system says otherwise
  Segment segment_;                 // as created; its index is the catalog's
  uint64_t size_ = 0;               // of the file
  uint64_t offset_ = 0;             // where the next frame goes
  uint64_t records_ = 0;
};

// Seals a segment that a process left behind: ends `file` (opened for writing) with the index of
// `indexed`, behind its last whole record. 0 or errno.
int SealFile(io::File& file, const Segment& indexed, bool sync);

}  // namespace weir::storage::journal
