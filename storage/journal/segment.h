// One file of a journal as it is known in memory: where its records are, and who still needs them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/io/file_system.h"
#include "storage/journal/frame.h"

namespace weir::storage::journal {

// Where one record is. Twelve bytes, because a segment of small records has many.
struct IndexEntry {
  uint32_t delta;   // sequence - Segment::first_sequence
  uint32_t block;   // offset of the frame in the file / kFrameAlignment
  uint32_t length;  // of the payload
  uint64_t offset() const { return uint64_t{block} * kFrameAlignment; }
};

struct Tally {
  uint64_t records = 0;
  uint64_t bytes = 0;  // of payload
};

// Guarded by the journal's mutex but for what is constant after construction.
struct Segment {
  // Constant after construction.
  SegmentId id;
  std::string name;
  uint64_t first_sequence = 0;

  uint64_t last_sequence = 0;  // first_sequence - 1 when it holds no record
  Tally held;
  // Where the frames of acknowledged records end; what lies behind is void.
  uint64_t end_offset = kSegmentHeaderSize;
  // Records in order. When it is not loaded, the file's index frame has it (sealed segments only).
  bool index_loaded = false;
  std::vector<IndexEntry> index;
  bool sealed = false;   // the file ends with index and seal
  bool sealable = true;  // false when reading it failed: it stays as it is
  // What each cursor has not delivered, by CursorId.
  std::vector<Tally> undelivered;
  // For reading; opened when needed.
  std::shared_ptr<io::File> file;

  uint64_t sequence_of(const IndexEntry& entry) const { return first_sequence + entry.delta; }
  // The entry of `sequence`, or the first behind it; index_loaded is required.
  size_t FindEntry(uint64_t sequence) const;
  void AddRecord(uint64_t sequence, uint64_t offset, uint32_t length);
};

// The payload of the index frame: counts and entries of `segment`, whose index must be loaded.
std::string EncodeIndex(const Segment& segment);
// The frames that seal `segment` at `offset`: index, then seal, the last 32 bytes of the file.
std::string EncodeSealing(const Segment& segment, uint64_t offset);
// Its size for `records` records.
uint64_t SealingSize(uint64_t records);

// What a segment's file turned out to hold.
struct Found {
  // Absent when the header is damaged and no frame followed, or the file cannot be read.
  std::optional<Segment> segment;
  uint64_t damaged_frames = 0;  // places where frames ought to be and are not
  uint64_t damaged_bytes = 0;
  uint64_t torn_bytes = 0;            // written last, whole never: nothing was acknowledged of them
  int error = 0;                      // errno of a read that failed
  uint32_t version = kFormatVersion;  // another one: nothing else was read
};

// Learns what `file` holds: from its index when it is sealed, reading nothing else; else from every
// frame, whose payloads it checks. Never fails: what is damaged is passed by and counted.
Found ReadSegment(io::File& file, const SegmentId& id);
// The index of a sealed file; false when it is damaged.
bool LoadIndex(io::File& file, Segment& segment);

}  // namespace weir::storage::journal
