// The codecs behind net/compression/compression.h, one per library; its contract holds for each.
// Not for use outside this folder.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/byte_budget.h"
#include "base/slice.h"
#include "base/status.h"

namespace weir::net::codecs {

Result<Slice> Gunzip(std::string_view in, size_t size_max, ByteBudget& budget);
Result<Slice> Unzlib(std::string_view in, size_t size_max, ByteBudget& budget);
Result<Slice> Unzstd(std::string_view in, size_t size_max, ByteBudget& budget);
Result<Slice> Unsnappy(std::string_view in, size_t size_max, ByteBudget& budget);
Result<Slice> UnsnappyFramed(std::string_view in, size_t size_max, ByteBudget& budget);
Result<Slice> Unlz4(std::string_view in, size_t size_max, ByteBudget& budget);
bool IsSnappyFramed(std::string_view in);

// gzip by ISA-L at its level 1.
Result<Slice> GzipFast(std::span<const Slice> parts, ByteBudget* budget);
// zlib at -2 (Huffman only) to 9; a gzip or a zlib wrapper.
Result<Slice> Deflate(std::span<const Slice> parts, int level, bool gzip, ByteBudget* budget);
Result<Slice> Zstd(std::span<const Slice> parts, int level, ByteBudget* budget);
Result<Slice> Snappy(std::span<const Slice> parts, ByteBudget* budget);
Result<Slice> SnappyFramed(std::span<const Slice> parts, ByteBudget* budget);
Result<Slice> Lz4(std::span<const Slice> parts, ByteBudget* budget);

Status TooLarge();
Status NoMemory();
Status Damaged(std::string_view text);
inline Status CutShort() { return Damaged("unexpected EOF"); }

size_t TotalSize(std::span<const Slice> parts);
// Charged to `budget` when given, never refused.
MutableBuffer AllocateForced(size_t capacity, ByteBudget* budget);
// Frozen, with what is not used of the block given back when that is much.
Slice Finish(MutableBuffer out);

// The growing block a decoder writes into: charged before each growth, at most `size_max` and one
// byte, so that one byte too much can be seen.
class Output {
 public:
  // `expected` is a first guess of the size, 0 when nothing is known.
  Output(size_t expected, size_t size_max, ByteBudget& budget)
      : size_max_(size_max), expected_(expected), budget_(budget) {}

  // Makes room for at least one more byte. kResourceExhausted when the limit has been passed,
  // kUnavailable when the budget refuses.
  Status Grow();
  // Makes room for `size` more bytes, or fails as Grow().
  Status Reserve(size_t size);

  uint8_t* end() { return buffer_.data() + buffer_.size(); }
  size_t room() const { return buffer_.capacity() - buffer_.size(); }
  void Advance(size_t size) { buffer_.SetSize(buffer_.size() + size); }
  // What has been written; too large fails.
  Result<Slice> Take() &&;

 private:
  Status Resize(size_t capacity);

  const size_t size_max_;
  const size_t expected_;
  ByteBudget& budget_;
  MutableBuffer buffer_;
};

}  // namespace weir::net::codecs
