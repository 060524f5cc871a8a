// What a journal holds, in memory: its segments, where their records are, and what each cursor has
// not delivered. No I/O: what is missing (an index, an open file) is named, and its user brings it.
//
// Not thread-safe: the journal's mutex guards it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/io/file_system.h"
#include "storage/journal/cursors.h"
#include "storage/journal/segment.h"

namespace weir::storage::journal {

// A cursor of an open journal: its place in Options::cursors.
using CursorId = size_t;

// Where one record is in its segment.
struct Place {
  uint64_t sequence = 0;
  uint64_t offset = 0;
  uint32_t length = 0;
};

// Records of one segment that a cursor has not delivered, in order.
struct ReadPlan {
  uint64_t number = 0;  // of the segment; 0: there is no such record
  std::string name;
  uint32_t mark = 0;
  std::shared_ptr<io::File> file;  // null: to be opened and given to SetFile
  bool needs_index = false;        // to be loaded and given to SetIndex; then `places` is empty
  std::vector<Place> places;
};

// A segment that no cursor needs any more.
struct FreeSegment {
  std::string name;
  // Whether segments behind it may be removed only when its removal is durable: it may hold void
  // records, which only a newer segment declares so.
  bool in_order = false;
};

class Catalog {
 public:
  // `stored` is what the cursors file says; cursors it does not know begin with the oldest record.
  Catalog(const std::vector<std::string>& cursors, const Cursors& stored);

  // Whether Add needs the index of a sealed segment: a cursor has delivered a part of it.
  bool NeedsIndex(const Segment& segment) const;
  // A segment behind those there are.
  void Add(Segment segment);
  // Records were added behind those of segment `number`, whose frames end at `end_offset` now.
  void AddRecords(uint64_t number, const std::vector<Place>& places, uint64_t end_offset);
  void SetSealed(uint64_t number);
  void SetFile(uint64_t number, std::shared_ptr<io::File> file);
  void SetIndex(uint64_t number, Segment with_index);
  // Null when it is gone.
  const Segment* Find(uint64_t number) const;

  // The records at or behind `from` that `cursor` has not delivered, from the first segment that
  // has any; at least one, and no more than fit into `bytes_max` with their frames.
  ReadPlan Plan(CursorId cursor, uint64_t from, size_t bytes_max);

  enum class Delivery : uint8_t {
    kNew,         // noted
    kNone,        // delivered before, or no such record
    kNeedsIndex,  // the index of its segment (`*number`) must be loaded first
  };
  Delivery Deliver(CursorId cursor, uint64_t sequence, uint64_t* number);

  // The file of segment `number` is gone: its records count as delivered. How many there were.
  uint64_t Lose(uint64_t number);

  Tally undelivered(CursorId cursor) const { return cursors_[cursor].undelivered; }
  // No record in front of it is undelivered; `next` when none is at all.
  uint64_t FirstUndelivered(CursorId cursor, uint64_t next) const;
  // For the cursors file.
  Cursors Delivered(uint64_t next);
  // Takes out the segments that are no longer needed, oldest first; `active` (0: none) stays, and
  // so does every segment behind one that is needed and not sealed.
  std::vector<FreeSegment> TakeFree(uint64_t active);
  size_t segment_count() const { return segments_.size(); }

 private:
  struct Cursor {
    std::string name;
    RangeSet delivered;
    Tally undelivered;
  };
  std::vector<Place> PlacesOf(const Segment& segment, const Cursor& cursor, uint64_t from,
                              size_t bytes_max) const;
  Tally UndeliveredIn(const Segment& segment, const Cursor& cursor) const;
  void DropIndexes(uint64_t keep);
  void DropFiles(uint64_t keep);

  std::vector<Cursor> cursors_;
  std::map<uint64_t, Segment> segments_;  // by number
};

}  // namespace weir::storage::journal
