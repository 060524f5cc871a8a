// Reading records of a journal.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/check.h"
#include "storage/io/crc32c.h"
#include "storage/io/io.h"
#include "storage/journal/state.h"

namespace weir::storage::journal {
namespace {

// Neighbouring records are read together up to this size, into one block.
constexpr uint64_t kRunSizeMax = 256 << 10;

uint64_t FrameEnd(const Place& place) { return place.offset + kFrameHeaderSize + place.length; }

// One behind the last place that is read together with places[begin].
size_t RunEnd(const std::vector<Place>& places, size_t begin) {
  size_t end = begin + 1;
  while (end < places.size() &&
         places[end].offset == places[end - 1].offset + FrameSize(places[end - 1].length) &&
         FrameEnd(places[end]) - places[begin].offset <= kRunSizeMax) {
    ++end;
  }
  return end;
}

std::optional<FrameHeader> CheckFrame(std::string_view bytes, const Place& place, uint32_t mark) {
  if (bytes.size() < kFrameHeaderSize + place.length) return {};
  auto header = DecodeFrameHeader(bytes.data(), mark);
  if (!header || header->sequence != place.sequence || header->length != place.length) return {};
  if (io::Crc32c(bytes.substr(kFrameHeaderSize, place.length)) != header->payload_crc) return {};
  return header;
}

}  // namespace

Result<std::vector<Record>> Journal::State::Read(CursorId cursor, Sequence from, size_t bytes_max,
                                                 ByteBudget* budget) {
  CHECK(cursor < options.cursors.size()) << cursor;
  std::vector<Record> records;
  uint64_t left = bytes_max;
  while (left > 0 || records.empty()) {
    ReadPlan plan;
    {
      MutexLock hold(mutex);
      if (closed) break;
      plan = catalog.Plan(cursor, from, left);
    }
    if (plan.number == 0) break;
    uint64_t size = 0;
    for (const Place& place : plan.places) size += FrameSize(place.length);
    if (!records.empty() && size > left) break;
    Status status =
        !plan.file || plan.needs_index ? Bring(plan) : ReadPlaces(cursor, plan, budget, records);
    if (!status.ok()) {
      if (records.empty()) return Fail(std::move(status));
      break;
    }
    if (!plan.file || plan.needs_index) continue;
    left -= std::min(left, size);
    from = plan.places.back().sequence + 1;
  }
  return records;
}

Status Journal::State::Bring(const ReadPlan& plan) {
  std::shared_ptr<io::File> file = plan.file;
  if (!file) {
    auto opened = directory->Open(plan.name, io::OpenMode::kRead);
    if (!opened && opened.error() == ENOENT) {
      ForgetMissing(plan);
      return {};
    }
    if (!opened) return io::DiskStatus(opened.error(), "open", directory->path() + "/" + plan.name);
    file = std::move(*opened);
  }
  std::optional<Segment> indexed;
  if (plan.needs_index) {
    Segment known;
    {
      MutexLock hold(mutex);
      const Segment* found = catalog.Find(plan.number);
      if (found == nullptr) return {};
      known = *found;
    }
    indexed = ReadIndex(*file, known);
  }
  MutexLock hold(mutex);
  catalog.SetFile(plan.number, std::move(file));
  if (indexed) catalog.SetIndex(plan.number, std::move(*indexed));
  return {};
}

// Removed meanwhile, when everything in it was delivered; or by somebody else.
void Journal::State::ForgetMissing(const ReadPlan& plan) {
  uint64_t lost = 0;
  {
    MutexLock hold(mutex);
    lost = catalog.Lose(plan.number);
  }
  if (lost == 0) return;
  damaged.fetch_add(lost);
  logger.Error("A stored file has been removed by another program; its records are lost.",
               {{"file", directory->path() + "/" + plan.name}, {"records", lost}});
}

Status Journal::State::ReadPlaces(CursorId cursor, const ReadPlan& plan, ByteBudget* budget,
                                  std::vector<Record>& records) {
  for (size_t begin = 0; begin < plan.places.size();) {
    const size_t end = RunEnd(plan.places, begin);
    Result<MutableBuffer> read = ReadRun(plan, begin, end, budget);
    if (!read) return std::move(read).error();
    const uint64_t base = plan.places[begin].offset;
    const Slice run = std::move(*read).Freeze();
    for (; begin < end; ++begin) {
      const Place& place = plan.places[begin];
      const uint64_t at = place.offset - base;
      const auto bytes = run.view().substr(std::min<uint64_t>(at, run.size()));
      const auto header = CheckFrame(bytes, place, plan.mark);
      if (!header) {
        SkipDamaged(cursor, plan, place);
        continue;
      }
      records.push_back(
          {place.sequence, header->type, run.Sub(at + kFrameHeaderSize, place.length)});
    }
  }
  return {};
}

Result<MutableBuffer> Journal::State::ReadRun(const ReadPlan& plan, size_t begin, size_t end,
                                              ByteBudget* budget) {
  const uint64_t offset = plan.places[begin].offset;
  const size_t size = FrameEnd(plan.places[end - 1]) - offset;
  MutableBuffer buffer =
      budget == nullptr ? MutableBuffer(size) : MutableBuffer::TryAllocate(size, *budget);
  if (!buffer) {
    return Fail(Status::Retryable("no memory to read " + std::to_string(size) + " bytes of " +
                                  directory->path() + ": the limit is reached"));
  }
  const auto read = io::ReadFull(*plan.file, buffer.data(), size, offset);
  if (read) {
    buffer.SetSize(*read);
    return buffer;
  }
  // A sector that is gone is a damaged record; one by one, so that it costs no neighbour.
  if (read.error() == EIO && end - begin == 1) return buffer;
  if (read.error() != EIO) {
    return Fail(io::DiskStatus(read.error(), "read", directory->path() + "/" + plan.name));
  }
  for (size_t i = begin; i < end; ++i) {
    const Place& place = plan.places[i];
    const size_t frame = kFrameHeaderSize + place.length;
    uint8_t* to = buffer.data() + (place.offset - offset);
    const auto one = io::ReadFull(*plan.file, to, frame, place.offset);
    // No frame is all zero.
    if (!one || *one != frame) std::memset(to, 0, frame);
  }
  buffer.SetSize(size);
  return buffer;
}

void Journal::State::SkipDamaged(CursorId cursor, const ReadPlan& plan, const Place& place) {
  damaged.fetch_add(1);
  logger.Error("A stored record is damaged and is skipped.",
               {{"file", directory->path() + "/" + plan.name},
                {"offset", place.offset},
                {"size_bytes", uint64_t{place.length}}});
  Delivered(cursor, place.sequence);
}

}  // namespace weir::storage::journal
