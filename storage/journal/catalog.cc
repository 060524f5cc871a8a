#include "storage/journal/catalog.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace weir::storage::journal {
namespace {

// Entries of loaded indexes; beyond it those of sealed segments nobody is reading are dropped.
constexpr size_t kIndexEntriesMax = 256 * 1024;
constexpr size_t kOpenFilesMax = 8;

}  // namespace

Catalog::Catalog(const std::vector<std::string>& cursors, const Cursors& stored) {
  for (const std::string& name : cursors) {
    Cursor& cursor = cursors_.emplace_back();
    cursor.name = name;
    if (const auto known = stored.find(name); known != stored.end()) {
      cursor.delivered = known->second;
    }
  }
}

bool Catalog::NeedsIndex(const Segment& segment) const {
  if (segment.index_loaded || segment.held.records == 0) return false;
  return std::any_of(cursors_.begin(), cursors_.end(), [&](const Cursor& cursor) {
    return cursor.delivered.ContainsAny(segment.first_sequence, segment.last_sequence) &&
           !cursor.delivered.ContainsAll(segment.first_sequence, segment.last_sequence);
  });
}

Tally Catalog::UndeliveredIn(const Segment& segment, const Cursor& cursor) const {
  if (segment.held.records == 0) return {};
  if (!cursor.delivered.ContainsAny(segment.first_sequence, segment.last_sequence)) {
    return segment.held;
  }
  if (cursor.delivered.ContainsAll(segment.first_sequence, segment.last_sequence)) return {};
  CHECK(segment.index_loaded) << segment.name;
  Tally tally;
  for (const IndexEntry& entry : segment.index) {
    if (cursor.delivered.Contains(segment.sequence_of(entry))) continue;
    ++tally.records;
    tally.bytes += entry.length;
  }
  return tally;
}

void Catalog::Add(Segment segment) {
  segment.undelivered.clear();
  for (Cursor& cursor : cursors_) {
    const Tally tally = UndeliveredIn(segment, cursor);
    segment.undelivered.push_back(tally);
    cursor.undelivered.records += tally.records;
    cursor.undelivered.bytes += tally.bytes;
  }
  const uint64_t number = segment.id.number;
  CHECK(segments_.empty() || segments_.rbegin()->first < number) << number;
  segments_.emplace(number, std::move(segment));
  DropIndexes(number);
}

void Catalog::AddRecords(uint64_t number, const std::vector<Place>& places, uint64_t end_offset) {
  Segment& segment = segments_.at(number);
  Tally added;
  for (const Place& place : places) {
    segment.AddRecord(place.sequence, place.offset, place.length);
    ++added.records;
    added.bytes += place.length;
  }
  segment.end_offset = end_offset;
  for (CursorId id = 0; id < cursors_.size(); ++id) {
    for (Tally* tally : {&segment.undelivered[id], &cursors_[id].undelivered}) {
      tally->records += added.records;
      tally->bytes += added.bytes;
    }
  }
}

void Catalog::SetSealed(uint64_t number) {
  segments_.at(number).sealed = true;
  DropIndexes(number);
}

void Catalog::SetFile(uint64_t number, std::shared_ptr<io::File> file) {
  const auto found = segments_.find(number);
  if (found == segments_.end()) return;
  found->second.file = std::move(file);
  DropFiles(number);
}

void Catalog::SetIndex(uint64_t number, Segment with_index) {
  const auto found = segments_.find(number);
  if (found == segments_.end() || found->second.index_loaded) return;
  Segment& segment = found->second;
  segment.index = std::move(with_index.index);
  segment.index_loaded = true;
  // A damaged index that was found again by reading the frames may be a shorter one.
  segment.held = with_index.held;
  for (CursorId id = 0; id < cursors_.size(); ++id) {
    const Tally now = UndeliveredIn(segment, cursors_[id]);
    cursors_[id].undelivered.records -= segment.undelivered[id].records - now.records;
    cursors_[id].undelivered.bytes -= segment.undelivered[id].bytes - now.bytes;
    segment.undelivered[id] = now;
  }
  DropIndexes(number);
}

const Segment* Catalog::Find(uint64_t number) const {
  const auto found = segments_.find(number);
  return found == segments_.end() ? nullptr : &found->second;
}

std::vector<Place> Catalog::PlacesOf(const Segment& segment, const Cursor& cursor, uint64_t from,
                                     size_t bytes_max) const {
  std::vector<Place> places;
  uint64_t bytes = 0;
  size_t at = segment.FindEntry(from);
  while (at < segment.index.size()) {
    const IndexEntry& entry = segment.index[at];
    const uint64_t sequence = segment.sequence_of(entry);
    const uint64_t absent = cursor.delivered.NextAbsent(sequence);
    if (absent != sequence) {
      at = segment.FindEntry(absent);
      continue;
    }
    bytes += FrameSize(entry.length);
    if (!places.empty() && bytes > bytes_max) break;
    places.push_back({sequence, entry.offset(), entry.length});
    ++at;
  }
  return places;
}

ReadPlan Catalog::Plan(CursorId id, uint64_t from, size_t bytes_max) {
  const Cursor& cursor = cursors_[id];
  for (auto& [number, segment] : segments_) {
    if (segment.undelivered[id].records == 0 || segment.last_sequence < from) continue;
    ReadPlan plan{number, segment.name, segment.id.mark, segment.file, !segment.index_loaded, {}};
    if (!plan.needs_index) plan.places = PlacesOf(segment, cursor, from, bytes_max);
    if (plan.needs_index || !plan.places.empty()) return plan;
  }
  return {};
}

Catalog::Delivery Catalog::Deliver(CursorId id, uint64_t sequence, uint64_t* number) {
  Cursor& cursor = cursors_[id];
  if (cursor.delivered.Contains(sequence)) return Delivery::kNone;
  for (auto& [segment_number, segment] : segments_) {
    if (sequence > segment.last_sequence) continue;
    if (sequence < segment.first_sequence) break;
    *number = segment_number;
    if (!segment.index_loaded) return Delivery::kNeedsIndex;
    const size_t at = segment.FindEntry(sequence);
    if (at == segment.index.size() || segment.sequence_of(segment.index[at]) != sequence) break;
    cursor.delivered.Insert(sequence);
    for (Tally* tally : {&segment.undelivered[id], &cursor.undelivered}) {
      --tally->records;
      tally->bytes -= segment.index[at].length;
    }
    return Delivery::kNew;
  }
  return Delivery::kNone;
}

uint64_t Catalog::Lose(uint64_t number) {
  const auto found = segments_.find(number);
  if (found == segments_.end()) return 0;
  Segment& segment = found->second;
  uint64_t lost = 0;
  for (CursorId id = 0; id < cursors_.size(); ++id) {
    Tally& undelivered = segment.undelivered[id];
    lost = std::max(lost, undelivered.records);
    cursors_[id].undelivered.records -= undelivered.records;
    cursors_[id].undelivered.bytes -= undelivered.bytes;
    undelivered = {};
    if (segment.held.records == 0) continue;
    cursors_[id].delivered.Insert(segment.first_sequence, segment.last_sequence);
  }
  return lost;
}

uint64_t Catalog::FirstUndelivered(CursorId id, uint64_t next) const {
  for (const auto& [number, segment] : segments_) {
    if (segment.undelivered[id].records == 0) continue;
    return cursors_[id].delivered.NextAbsent(segment.first_sequence);
  }
  return next;
}

Cursors Catalog::Delivered(uint64_t next) {
  Cursors all;
  for (CursorId id = 0; id < cursors_.size(); ++id) {
    // Numbers without a record are as good as delivered: one range instead of one for each gap.
    const uint64_t first = FirstUndelivered(id, next);
    if (first > 1) cursors_[id].delivered.Insert(1, first - 1);
    all[cursors_[id].name] = cursors_[id].delivered;
  }
  return all;
}

std::vector<FreeSegment> Catalog::TakeFree(uint64_t active) {
  std::vector<FreeSegment> free;
  for (auto at = segments_.begin(); at != segments_.end() && at->first != active;) {
    const Segment& segment = at->second;
    const bool needed = std::any_of(segment.undelivered.begin(), segment.undelivered.end(),
                                    [](const Tally& tally) { return tally.records > 0; });
    if (needed && !segment.sealed) break;
    if (needed) {
      ++at;
      continue;
    }
    free.push_back({segment.name, !segment.sealed});
    at = segments_.erase(at);
  }
  return free;
}

void Catalog::DropIndexes(uint64_t keep) {
  size_t entries = 0;
  for (const auto& [number, segment] : segments_) entries += segment.index.size();
  // From the back: readers are at the front.
  for (auto at = segments_.rbegin(); at != segments_.rend() && entries > kIndexEntriesMax; ++at) {
    Segment& segment = at->second;
    if (!segment.sealed || !segment.index_loaded || at->first == keep) continue;
    const bool partly =
        std::any_of(segment.undelivered.begin(), segment.undelivered.end(),
                    [&](const Tally& tally) { return tally.records != segment.held.records; });
    if (partly) continue;
    entries -= segment.index.size();
    segment.index = {};
    segment.index_loaded = false;
  }
}

void Catalog::DropFiles(uint64_t keep) {
  size_t open = 0;
  for (const auto& [number, segment] : segments_) open += segment.file != nullptr;
  for (auto at = segments_.rbegin(); at != segments_.rend() && open > kOpenFilesMax; ++at) {
    if (!at->second.sealed || !at->second.file || at->first == keep) continue;
    at->second.file.reset();
    --open;
  }
}

}  // namespace weir::storage::journal
