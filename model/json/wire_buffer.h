// A growing block of protobuf bytes, for messages whose length is known only at their end.
//
// Begin() leaves a guess of room for a message's length; End() writes it and moves the message when
// the guess was wrong. Lengths are minimal, as other encoders write them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/byte_budget.h"
#include "base/slice.h"

namespace weir::model::json {

class WireBuffer {
 public:
  enum class WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

  // Charged to `budget` when it is not null.
  explicit WireBuffer(ByteBudget* budget) : budget_(budget) {}

  // The functions that write are false when the budget refuses to grow the block.

  [[nodiscard]] bool Varint(uint32_t field, uint64_t value) {
    if (!Ensure(20)) return false;
    PutTag(field, WireType::kVarint);
    PutVarint(value);
    return true;
  }
  template <typename T>  // of 4 or 8 bytes
  [[nodiscard]] bool Fixed(uint32_t field, T value) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8);
    if (!Ensure(10 + sizeof(T))) return false;
    PutTag(field, sizeof(T) == 8 ? WireType::kFixed64 : WireType::kFixed32);
    PutRaw(&value, sizeof(T));
    return true;
  }
  [[nodiscard]] bool Bytes(uint32_t field, std::string_view bytes) {
    if (!Ensure(20 + bytes.size())) return false;
    PutTag(field, WireType::kLength);
    PutVarint(bytes.size());
    PutRaw(bytes.data(), bytes.size());
    return true;
  }
  // An element of a packed list.
  [[nodiscard]] bool PackedVarint(uint64_t value) {
    if (!Ensure(10)) return false;
    PutVarint(value);
    return true;
  }
  template <typename T>
  [[nodiscard]] bool PackedFixed(T value) {
    if (!Ensure(sizeof(T))) return false;
    PutRaw(&value, sizeof(T));
    return true;
  }

  // Opens a message or packed list of about `length_bytes` (1..5) bytes of length; `*mark` goes to
  // its End().
  struct Mark {
    size_t start;  // where the content begins
    uint8_t length_bytes;
  };
  [[nodiscard]] bool Begin(uint32_t field, uint8_t length_bytes, Mark* mark) {
    if (!Ensure(20)) return false;
    PutTag(field, WireType::kLength);
    size_ += length_bytes;
    *mark = {size_, length_bytes};
    return true;
  }
  [[nodiscard]] bool End(Mark mark);
  // What has been written since the mark.
  size_t SizeSince(Mark mark) const { return size_ - mark.start; }

  // Room for `size` bytes at the end, to be followed by Advance(); null when the budget refuses.
  uint8_t* Room(size_t size) { return Ensure(size) ? data_ + size_ : nullptr; }
  void Advance(size_t size) { size_ += size; }

  // Asks for room for `capacity` bytes in all.
  [[nodiscard]] bool Reserve(size_t capacity) {
    return capacity <= capacity_ || Grow(capacity - size_);
  }
  size_t size() const { return size_; }
  // Everything written, in a block that is not much larger.
  Slice Freeze() &&;

 private:
  [[nodiscard]] bool Ensure(size_t more) { return capacity_ - size_ >= more || Grow(more); }
  bool Grow(size_t more);
  void PutTag(uint32_t field, WireType type) {
    PutVarint(uint64_t{field} << 3 | static_cast<uint32_t>(type));
  }
  void PutVarint(uint64_t value) {
    while (value >= 0x80) {
      data_[size_++] = static_cast<uint8_t>(value | 0x80);
      value >>= 7;
    }
    data_[size_++] = static_cast<uint8_t>(value);
  }
  void PutRaw(const void* bytes, size_t size) {
    if (size != 0) std::memcpy(data_ + size_, bytes, size);
    size_ += size;
  }

  ByteBudget* const budget_;
  MutableBuffer buffer_;
  uint8_t* data_ = nullptr;  // of buffer_
  size_t capacity_ = 0;
  size_t size_ = 0;
};

}  // namespace weir::model::json
