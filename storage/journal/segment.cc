#include "storage/journal/segment.h"

#include <algorithm>
#include <limits>

#include "storage/io/crc32c.h"
#include "storage/io/io.h"
#include "storage/journal/bytes.h"
#include "storage/journal/segment_scan.h"

namespace weir::storage::journal {
namespace {

constexpr size_t kIndexHeaderSize = 4 * sizeof(uint64_t);
constexpr size_t kEntrySize = 3 * sizeof(uint32_t);

struct IndexFrame {
  std::string payload;
  uint64_t offset = 0;
};

// The checked payload of the index frame that a sealed file ends with.
std::optional<IndexFrame> ReadIndexFrame(io::File& file, uint64_t size, uint32_t mark) {
  if (size < kSegmentHeaderSize + 2 * kFrameHeaderSize) return {};
  char bytes[kFrameHeaderSize];
  if (io::ReadFull(file, bytes, sizeof bytes, size - sizeof bytes) != sizeof bytes) return {};
  const auto seal = DecodeFrameHeader(bytes, mark);
  if (!seal || seal->type != kSealType) return {};
  IndexFrame frame;
  frame.offset = seal->sequence;
  if (frame.offset < kSegmentHeaderSize || frame.offset > size - 2 * kFrameHeaderSize) return {};
  if (io::ReadFull(file, bytes, sizeof bytes, frame.offset) != sizeof bytes) return {};
  const auto header = DecodeFrameHeader(bytes, mark);
  if (!header || header->type != kIndexType || header->length < kIndexHeaderSize) return {};
  if (frame.offset + FrameSize(header->length) + kFrameHeaderSize != size) return {};
  frame.payload.resize(header->length);
  if (io::ReadFull(file, frame.payload.data(), header->length, frame.offset + kFrameHeaderSize) !=
      header->length) {
    return {};
  }
  if (io::Crc32c(frame.payload) != header->payload_crc) return {};
  return frame;
}

// Everything but the entries; false when the numbers contradict each other.
bool DecodeCounts(const IndexFrame& frame, Segment& segment) {
  std::string_view bytes = frame.payload;
  uint64_t last = 0;
  static_cast<void>(Take(bytes, &segment.first_sequence) && Take(bytes, &last) &&
                    Take(bytes, &segment.held.records) && Take(bytes, &segment.held.bytes));
  segment.last_sequence = last;
  segment.end_offset = frame.offset;
  return segment.first_sequence > 0 && segment.first_sequence <= kSequenceMax &&
         last <= kSequenceMax && last + 1 >= segment.first_sequence &&
         segment.held.records == bytes.size() / kEntrySize && bytes.size() % kEntrySize == 0 &&
         (segment.held.records == 0) == (last + 1 == segment.first_sequence);
}

bool DecodeEntries(const IndexFrame& frame, Segment& segment) {
  std::string_view bytes = std::string_view(frame.payload).substr(kIndexHeaderSize);
  std::vector<IndexEntry> index(bytes.size() / kEntrySize);
  int64_t before = -1;
  for (IndexEntry& entry : index) {
    Take(bytes, &entry.delta);
    Take(bytes, &entry.block);
    Take(bytes, &entry.length);
    const bool inside = entry.offset() >= kSegmentHeaderSize &&
                        entry.offset() + FrameSize(entry.length) <= segment.end_offset;
    if (!inside || entry.delta <= before) return false;
    before = entry.delta;
  }
  if (!index.empty() && segment.sequence_of(index.back()) != segment.last_sequence) return false;
  segment.index = std::move(index);
  segment.index_loaded = true;
  return true;
}

}  // namespace

size_t Segment::FindEntry(uint64_t sequence) const {
  if (sequence <= first_sequence) return 0;
  const uint64_t delta = sequence - first_sequence;
  const auto found =
      std::lower_bound(index.begin(), index.end(), delta,
                       [](const IndexEntry& entry, uint64_t d) { return entry.delta < d; });
  return static_cast<size_t>(found - index.begin());
}

void Segment::AddRecord(uint64_t sequence, uint64_t offset, uint32_t length) {
  index.push_back({static_cast<uint32_t>(sequence - first_sequence),
                   static_cast<uint32_t>(offset / kFrameAlignment), length});
  last_sequence = sequence;
  ++held.records;
  held.bytes += length;
}

std::string EncodeIndex(const Segment& segment) {
  std::string bytes;
  bytes.reserve(kIndexHeaderSize + segment.index.size() * kEntrySize);
  Add(bytes, segment.first_sequence);
  Add(bytes, segment.last_sequence);
  Add(bytes, segment.held.records);
  Add(bytes, segment.held.bytes);
  for (const IndexEntry& entry : segment.index) {
    Add(bytes, entry.delta);
    Add(bytes, entry.block);
    Add(bytes, entry.length);
  }
  return bytes;
}

std::string EncodeSealing(const Segment& segment, uint64_t offset) {
  const std::string payload = EncodeIndex(segment);
  FrameHeader header;
  header.type = kIndexType;
  header.length = static_cast<uint32_t>(payload.size());
  header.sequence = segment.last_sequence;
  header.payload_crc = io::Crc32c(payload);
  std::string bytes(kFrameHeaderSize, '\0');
  EncodeFrameHeader(header, segment.id.mark, bytes.data());
  bytes += payload;
  bytes.resize(FrameSize(payload.size()) + kFrameHeaderSize);
  FrameHeader seal;
  seal.type = kSealType;
  seal.sequence = offset;
  EncodeFrameHeader(seal, segment.id.mark, bytes.data() + bytes.size() - kFrameHeaderSize);
  return bytes;
}

uint64_t SealingSize(uint64_t records) {
  return FrameSize(kIndexHeaderSize + records * kEntrySize) + kFrameHeaderSize;
}

Found ReadSegment(io::File& file, const SegmentId& id) {
  Found found;
  Segment segment;
  segment.id = id;
  segment.name = SegmentName(id.number, id.mark);
  const auto size = file.Size();
  if (!size) {
    found.error = size.error();
    return found;
  }
  std::string bytes(kSegmentHeaderSize, '\0');
  const auto read = io::ReadFull(file, bytes.data(), bytes.size(), 0);
  if (!read) {
    found.error = read.error();
    return found;
  }
  const auto header = DecodeSegmentHeader(bytes.substr(0, *read));
  if (header && header->version != kFormatVersion) {
    found.version = header->version;
    return found;
  }
  if (const auto index = ReadIndexFrame(file, *size, id.mark)) {
    if (DecodeCounts(*index, segment)) {
      segment.sealed = true;
      found.segment = std::move(segment);
      return found;
    }
  }
  if (header && header->mark == id.mark && header->first_sequence <= kSequenceMax) {
    segment.first_sequence = header->first_sequence;
  }
  ScanSegment(file, *size, segment, found);
  return found;
}

bool LoadIndex(io::File& file, Segment& segment) {
  const auto size = file.Size();
  if (!size) return false;
  const auto index = ReadIndexFrame(file, *size, segment.id.mark);
  if (!index) return false;
  Segment counts;
  return DecodeCounts(*index, counts) && counts.first_sequence == segment.first_sequence &&
         counts.last_sequence == segment.last_sequence && DecodeEntries(*index, segment);
}

}  // namespace weir::storage::journal
