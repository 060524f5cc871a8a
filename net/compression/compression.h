// One door for every codec of a request's body: HTTP's Content-Encoding and gRPC's grpc-encoding.
//
// Decompress() never holds more than the limit allows: room is reserved from the budget before each
// growth, and the size is checked while inflating, so a bomb costs at most `size_max` and one
// chunk. Compress() takes a gather list, as batches are. Codec contexts live per thread and are
// used again. Both are thread-safe and throw nothing.
//
//   gzip             ISA-L (levels 0 and default) or zlib (levels 1 to 9); several members in a row
//   zlib, deflate    the zlib format, both names
//   zstd             frames, several in a row
//   snappy           block; a body that begins with the stream identifier is read as framed
//   x-snappy-framed  the framing format
//   lz4              frames
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/byte_budget.h"
#include "base/slice.h"
#include "base/status.h"

namespace weir::net {

enum class Encoding : uint8_t {
  kNone,
  kGzip,
  kZstd,
  kZlib,
  kDeflate,
  kSnappy,
  kSnappyFramed,
  kLz4
};

// "", "gzip", "zstd", "zlib", "deflate", "snappy", "x-snappy-framed", "lz4": as on the wire.
std::string_view EncodingName(Encoding encoding);
// By exactly that spelling; nothing for any other.
std::optional<Encoding> ParseEncoding(std::string_view name);

// What `body` says, `body` itself for kNone.
//   kResourceExhausted  the result would pass `size_max` bytes; the text is HTTP's
//                       (`http: request body too large`), an exactly filled limit passes
//   kUnavailable        the budget refused, with a delay
//   kInvalidArgument    damaged or cut; the text is that of Go's decoder (`gzip: invalid header`,
//                       `unexpected EOF`, `flate: corrupt input before offset 5`)
Result<Slice> Decompress(Encoding encoding, const Slice& body, size_t size_max, ByteBudget& budget);

// Reads as the client's `compression_params.level`: kDefaultLevel is -1.
inline constexpr int kDefaultLevel = -1;

// The parts one behind the other, compressed. `level`: gzip, zlib and deflate -2 to 9, zstd any
// (Go's meaning: 1 fastest to 11), others ignore it. The result is charged to `budget` (never
// refused) when given. kNone joins the parts. Fails only for more than 2 GiB (snappy) or lack of
// memory in a library.
Result<Slice> Compress(Encoding encoding, int level, std::span<const Slice> parts,
                       ByteBudget* budget);

}  // namespace weir::net
