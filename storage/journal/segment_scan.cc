#include "storage/journal/segment_scan.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "storage/io/crc32c.h"
#include "storage/io/io.h"

namespace weir::storage::journal {
namespace {

constexpr size_t kWindowSize = 1 << 20;

// Bytes of a file through a window that moves forward.
class Window {
 public:
  Window(io::File& file, uint64_t size) : file_(file), size_(size) {}

  // `size` bytes at `offset`; fewer at the end of the file or when reading fails. Valid until the
  // next call.
  std::string_view At(uint64_t offset, size_t size) { return From(offset, size).substr(0, size); }
  // At(offset, size) and whatever else of the window lies behind it.
  std::string_view From(uint64_t offset, size_t size) {
    const bool inside = offset >= begin_ && offset + size <= begin_ + bytes_.size();
    const bool at_end = offset >= begin_ && begin_ + bytes_.size() >= size_;
    if (!inside && !at_end) Fill(offset, size);
    const uint64_t skip = std::min<uint64_t>(offset - begin_, bytes_.size());
    return std::string_view(bytes_).substr(skip);
  }
  uint64_t size() const { return size_; }
  int error() const { return error_; }

 private:
  void Fill(uint64_t offset, size_t size) {
    begin_ = offset;
    const uint64_t left = offset < size_ ? size_ - offset : 0;
    bytes_.resize(std::min<uint64_t>(left, std::max(size, kWindowSize)));
    const auto read = io::ReadFull(file_, bytes_.data(), bytes_.size(), offset);
    if (!read) error_ = read.error();
    bytes_.resize(read.value_or(0));
  }

  io::File& file_;
  uint64_t size_;
  uint64_t begin_ = 0;
  std::string bytes_;
  int error_ = 0;
};

// Faster than looking for a byte: most of a preallocated file is zero.
bool IsZero(std::string_view bytes) {
  return bytes.front() == '\0' &&
         std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

uint32_t PayloadCrc(Window& window, uint64_t offset, uint64_t length) {
  uint32_t crc = 0;
  while (length > 0) {
    const auto part = window.At(offset, std::min<uint64_t>(length, kWindowSize));
    if (part.empty()) return ~crc;
    crc = io::Crc32c(part, crc);
    offset += part.size();
    length -= part.size();
  }
  return crc;
}

class Scanner {
 public:
  Scanner(io::File& file, uint64_t size, Segment& segment, Found& found)
      : window_(file, size), segment_(segment), found_(found) {}

  void Run() {
    uint64_t offset = kSegmentHeaderSize;
    while (offset + kFrameHeaderSize <= window_.size()) {
      const auto header = HeaderAt(offset);
      if (!header) {
        offset = SkipTo(offset, NextHeader(offset + kFrameAlignment));
        continue;
      }
      TakeFrame(*header, offset);
      offset += FrameSize(header->length);
    }
    Finish();
  }

 private:
  std::optional<FrameHeader> HeaderAt(uint64_t offset) {
    const auto bytes = window_.At(offset, kFrameHeaderSize);
    if (bytes.size() < kFrameHeaderSize) return {};
    auto header = DecodeFrameHeader(bytes.data(), segment_.id.mark);
    if (header && offset + FrameSize(header->length) > window_.size()) header.reset();
    return header;
  }

  // The next header at or behind `offset`, or the end of the file.
  uint64_t NextHeader(uint64_t offset) {
    while (offset + kFrameHeaderSize <= window_.size()) {
      const auto part = window_.From(offset, kFrameHeaderSize);
      if (part.size() < kFrameHeaderSize) break;
      const size_t found = part.find(kFrameMagic);
      // The magic's first bytes may be the last of this part.
      const size_t skip = found == part.npos ? part.size() - (kFrameMagic.size() - 1) : found;
      const bool aligned = skip % kFrameAlignment == 0;
      if (found != part.npos && aligned && HeaderAt(offset + skip)) return offset + skip;
      // Down to a place that was not looked at; never back to the one that was.
      const size_t passed = found == part.npos ? skip / kFrameAlignment * kFrameAlignment
                                               : (skip / kFrameAlignment + 1) * kFrameAlignment;
      offset += std::max(passed, kFrameAlignment);
    }
    return window_.size();
  }

  // Notes what lies between as bad if anything was ever written there.
  uint64_t SkipTo(uint64_t offset, uint64_t next) {
    uint64_t written = 0;
    for (uint64_t at = offset; at < next;) {
      const auto part = window_.At(at, std::min<uint64_t>(next - at, kWindowSize));
      if (part.empty()) break;
      if (!IsZero(part)) written = at + part.find_last_not_of('\0') + 1 - offset;
      at += part.size();
    }
    if (written > 0) NoteBad(written);
    return next;
  }

  void TakeFrame(const FrameHeader& header, uint64_t offset) {
    if (header.type >= kOwnTypesFrom) return;
    const bool follows = header.sequence > 0 && header.sequence <= kSequenceMax &&
                         header.sequence > last_ && header.sequence >= segment_.first_sequence;
    const bool whole = follows && PayloadCrc(window_, offset + kFrameHeaderSize, header.length) ==
                                      header.payload_crc;
    if (segment_.first_sequence == 0 && whole) segment_.first_sequence = header.sequence;
    if (!whole ||
        header.sequence - segment_.first_sequence > std::numeric_limits<uint32_t>::max()) {
      NoteBad(FrameSize(header.length));
      return;
    }
    segment_.AddRecord(header.sequence, offset, header.length);
    segment_.end_offset = offset + FrameSize(header.length);
    last_ = header.sequence;
    // When this was written, all in front of it but the last `unsynced` were on the disk.
    synced_before_ = std::max(synced_before_, last_ - std::min<uint64_t>(last_, header.unsynced));
  }

  void NoteBad(uint64_t bytes) {
    bad_.push_back({std::max(last_ + 1, segment_.first_sequence), bytes});
  }

  void Finish() {
    for (const Bad& bad : bad_) {
      const bool damaged = bad.sequence < synced_before_;
      found_.damaged_frames += damaged;
      (damaged ? found_.damaged_bytes : found_.torn_bytes) += bad.bytes;
    }
    found_.error = window_.error();
    if (segment_.first_sequence == 0) return;
    if (segment_.index.empty()) segment_.last_sequence = segment_.first_sequence - 1;
    segment_.index_loaded = true;
    found_.segment = std::move(segment_);
  }

  Window window_;
  Segment& segment_;
  Found& found_;
  uint64_t last_ = 0;
  // A place where a frame ought to be.
  struct Bad {
    uint64_t sequence;  // of the record that is missing
    uint64_t bytes;
  };
  std::vector<Bad> bad_;
  uint64_t synced_before_ = 0;
};

}  // namespace

void ScanSegment(io::File& file, uint64_t size, Segment& segment, Found& found) {
  Scanner(file, size, segment, found).Run();
}

}  // namespace weir::storage::journal
