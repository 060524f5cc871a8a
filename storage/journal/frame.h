// The bytes of a journal: segment headers, frames, names (docs/formats/journal.md).
//
//   segment  [ header 64 ][ frame ][ frame ] ... [ index frame ][ seal frame ]
//   frame    [ header 32 ][ payload ][ zeros up to a multiple of 8 ]
//
// A frame's header carries its segment's mark, a random number that stands in the file's name and
// nowhere a sender of telemetry can see it. So a reader that lost its place finds the next frame by
// looking at every eighth byte, and payload that happens to be (or is made to be) a frame is never
// taken for one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::storage::journal {

inline constexpr uint32_t kFormatVersion = 1;
inline constexpr size_t kSegmentHeaderSize = 64;
inline constexpr size_t kFrameHeaderSize = 32;
inline constexpr size_t kFrameAlignment = 8;

// What every frame begins with.
inline constexpr std::string_view kFrameMagic{"WJF\xA7", 4};

// Types from here on are the journal's own; those below are the user's.
inline constexpr uint8_t kOwnTypesFrom = 0xF0;
inline constexpr uint8_t kIndexType = 0xF0;  // payload: EncodeIndex (storage/journal/segment.h)
inline constexpr uint8_t kSealType = 0xF1;   // sequence: where the index frame begins

// Numbers of records begin at 1; a larger one than this is no record's.
inline constexpr uint64_t kSequenceMax = uint64_t{1} << 62;

// Records that one sync makes durable are at most so many more than one (FrameHeader::unsynced).
inline constexpr size_t kUnsyncedMax = 0xFFFF;

struct FrameHeader {
  uint8_t type = 0;
  uint16_t unsynced = 0;     // so many records in front of it were not synced before it was written
  uint32_t length = 0;       // of the payload, bytes
  uint64_t sequence = 0;     // of the record
  uint32_t payload_crc = 0;  // CRC32C of the payload
};

// Writes kFrameHeaderSize bytes.
void EncodeFrameHeader(const FrameHeader& header, uint32_t mark, char* to);
// Reads kFrameHeaderSize bytes; nothing when they are no whole header of this segment.
std::optional<FrameHeader> DecodeFrameHeader(const char* bytes, uint32_t mark);
// Of the whole frame, padding included.
inline uint64_t FrameSize(uint64_t payload_length) {
  return kFrameHeaderSize +
         (payload_length + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
}

struct SegmentHeader {
  uint32_t version = kFormatVersion;
  uint32_t mark = 0;
  uint64_t number = 0;
  // The segment speaks for all records from this one on: what an older segment holds of them is
  // void (it was written there, but never acknowledged).
  uint64_t first_sequence = 0;
  uint64_t created_unix_nanos = 0;
};

// kSegmentHeaderSize bytes.
std::string EncodeSegmentHeader(const SegmentHeader& header);
// Nothing when damaged. A header of another version is read as far as `version`.
std::optional<SegmentHeader> DecodeSegmentHeader(std::string_view bytes);

// "000000000000002a-9f3b0c11.segment": number and mark, so that a damaged header hides nothing.
std::string SegmentName(uint64_t number, uint32_t mark);
struct SegmentId {
  uint64_t number = 0;
  uint32_t mark = 0;
};
std::optional<SegmentId> ParseSegmentName(std::string_view name);

}  // namespace weir::storage::journal
