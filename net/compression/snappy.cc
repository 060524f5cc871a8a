// snappy in and out: blocks, and the framing format (google/snappy, framing_format.txt).
//
//   framed   ff 06 00 00 "sNaPpY"   then chunks: type (1)  length (3, little endian)  content
//            00 compressed: masked CRC-32C of the data (4), block   01 the same, stored
//            fe padding and 80..fd: skipped                         02..7f: unknown, an error
#include <isa-l/crc.h>
#include <snappy-sinksource.h>
#include <snappy.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "net/compression/codecs.h"

namespace weir::net::codecs {
namespace {

constexpr std::string_view kStreamId("\xff\x06\x00\x00sNaPpY", 10);
constexpr size_t kChunkHeaderSize = 4;
constexpr size_t kChecksumSize = 4;
constexpr size_t kChunkDataMax = 65536;

enum ChunkType : uint8_t {
  kCompressed = 0x00,
  kStored = 0x01,
  kSkippable = 0x80,
  kIdentifier = 0xff
};

Status Corrupt() { return Damaged("snappy: corrupt input"); }

uint32_t MaskedChecksum(const uint8_t* data, size_t size) {
  const uint32_t crc = ~crc32_iscsi(const_cast<unsigned char*>(data), static_cast<int>(size), ~0U);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

// The slices of a batch as the library reads them.
class GatherSource final : public snappy::Source {
 public:
  explicit GatherSource(std::span<const Slice> parts)
      : parts_(parts), available_(TotalSize(parts)) {
    SkipEmpty();
  }
  size_t Available() const override { return available_; }
  const char* Peek(size_t* size) override {
    if (available_ == 0) {
      *size = 0;
      return "";
    }
    const std::string_view rest = parts_[index_].view().substr(offset_);
    *size = rest.size();
    return rest.data();
  }
  void Skip(size_t size) override {
    available_ -= size;
    while (size > 0) {
      const size_t step = std::min(size, parts_[index_].size() - offset_);
      offset_ += step;
      size -= step;
      SkipEmpty();
    }
  }

 private:
  void SkipEmpty() {
    while (index_ < parts_.size() && offset_ == parts_[index_].size()) {
      ++index_;
      offset_ = 0;
    }
  }

  std::span<const Slice> parts_;
  size_t index_ = 0;
  size_t offset_ = 0;
  size_t available_;
};

struct Chunk {
  uint8_t type;
  std::string_view content;
};

Result<Chunk> NextChunk(std::string_view& in) {
  if (in.size() < kChunkHeaderSize) return Fail(Corrupt());
  const auto* p = reinterpret_cast<const uint8_t*>(in.data());
  const size_t size = p[1] | static_cast<size_t>(p[2]) << 8 | static_cast<size_t>(p[3]) << 16;
  if (size > in.size() - kChunkHeaderSize) return Fail(Corrupt());
  const Chunk chunk = {p[0], in.substr(kChunkHeaderSize, size)};
  in.remove_prefix(kChunkHeaderSize + size);
  return chunk;
}

Status DecodeChunk(const Chunk& chunk, Output& out) {
  if (chunk.content.size() < kChecksumSize) return Corrupt();
  uint32_t checksum;
  std::memcpy(&checksum, chunk.content.data(), sizeof(checksum));
  const std::string_view data = chunk.content.substr(kChecksumSize);
  size_t size = data.size();
  if (chunk.type == kCompressed &&
      !snappy::GetUncompressedLength(data.data(), data.size(), &size)) {
    return Corrupt();
  }
  if (size > kChunkDataMax) return Corrupt();
  WEIR_RETURN_IF_ERROR(out.Reserve(size));
  if (chunk.type == kStored) {
    if (size > 0) std::memcpy(out.end(), data.data(), size);
  } else if (!snappy::RawUncompress(data.data(), data.size(), reinterpret_cast<char*>(out.end()))) {
    return Corrupt();
  }
  if (MaskedChecksum(out.end(), size) != checksum) return Corrupt();
  out.Advance(size);
  return {};
}

void AppendChunk(uint8_t type, uint32_t checksum, std::string_view data, MutableBuffer& out) {
  const size_t size = data.size() + kChecksumSize;
  const std::array<uint8_t, 4> header = {type, static_cast<uint8_t>(size),
                                         static_cast<uint8_t>(size >> 8),
                                         static_cast<uint8_t>(size >> 16)};
  out.Append({reinterpret_cast<const char*>(header.data()), header.size()});
  out.Append({reinterpret_cast<const char*>(&checksum), sizeof(checksum)});
  out.Append(data);
}

}  // namespace

bool IsSnappyFramed(std::string_view in) { return in.starts_with(kStreamId); }

Result<Slice> Unsnappy(std::string_view in, size_t size_max, ByteBudget& budget) {
  size_t size = 0;
  if (!snappy::GetUncompressedLength(in.data(), in.size(), &size)) return Fail(Corrupt());
  if (size > size_max) {
    return Fail(Status(StatusCode::kResourceExhausted,
                       "snappy: decoded size exceeds max request body size"));
  }
  MutableBuffer out = MutableBuffer::TryAllocate(size, budget);
  if (!out) return Fail(NoMemory());
  if (!snappy::RawUncompress(in.data(), in.size(), reinterpret_cast<char*>(out.data()))) {
    return Fail(Corrupt());
  }
  out.SetSize(size);
  return std::move(out).Freeze();
}

Result<Slice> UnsnappyFramed(std::string_view in, size_t size_max, ByteBudget& budget) {
  if (in.empty()) return Slice();
  if (!IsSnappyFramed(in)) return Fail(Corrupt());
  Output out(in.size() * 2, size_max, budget);
  while (!in.empty()) {
    Result<Chunk> chunk = NextChunk(in);
    if (!chunk) return Fail(std::move(chunk).error());
    if (chunk->type == kIdentifier) {
      if (chunk->content != kStreamId.substr(kChunkHeaderSize)) return Fail(Corrupt());
    } else if (chunk->type <= kStored) {
      if (Status decoded = DecodeChunk(*chunk, out); !decoded.ok()) return Fail(std::move(decoded));
    } else if (chunk->type < kSkippable) {
      return Fail(Damaged("snappy: unsupported input"));
    }
  }
  return std::move(out).Take();
}

Result<Slice> Snappy(std::span<const Slice> parts, ByteBudget* budget) {
  const size_t size = TotalSize(parts);
  if (size > std::numeric_limits<uint32_t>::max() / 2) {
    return Fail(Status::Permanent("too large for a snappy block"));
  }
  MutableBuffer out = AllocateForced(snappy::MaxCompressedLength(size), budget);
  GatherSource source(parts);
  snappy::UncheckedByteArraySink sink(reinterpret_cast<char*>(out.data()));
  out.SetSize(snappy::Compress(&source, &sink));
  return Finish(std::move(out));
}

Result<Slice> SnappyFramed(std::span<const Slice> parts, ByteBudget* budget) {
  const size_t size = TotalSize(parts);
  const size_t chunks = size / kChunkDataMax + parts.size() + 1;
  MutableBuffer out =
      AllocateForced(kStreamId.size() + size + chunks * (kChunkHeaderSize + kChecksumSize), budget);
  out.Append(kStreamId);
  std::array<char, kChunkDataMax + kChunkDataMax / 6 + 32> packed;
  for (const Slice& part : parts) {
    for (size_t offset = 0; offset < part.size(); offset += kChunkDataMax) {
      const std::string_view data = part.view().substr(offset, kChunkDataMax);
      const uint32_t checksum =
          MaskedChecksum(reinterpret_cast<const uint8_t*>(data.data()), data.size());
      size_t packed_size = 0;
      snappy::RawCompress(data.data(), data.size(), packed.data(), &packed_size);
      const bool worth = packed_size < data.size() - data.size() / 8;
      AppendChunk(worth ? kCompressed : kStored, checksum,
                  worth ? std::string_view(packed.data(), packed_size) : data, out);
    }
  }
  return Finish(std::move(out));
}

}  // namespace weir::net::codecs
