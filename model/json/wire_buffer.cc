#include "model/json/wire_buffer.h"

#include <algorithm>

namespace weir::model::json {

bool WireBuffer::Grow(size_t more) {
  const size_t wanted = std::max({size_ + more, capacity_ * 2, size_t{256}});
  if (!buffer_) {
    buffer_ = budget_ ? MutableBuffer::TryAllocate(wanted, *budget_) : MutableBuffer(wanted);
    if (!buffer_) return false;
  } else if (!buffer_.TryGrow(wanted)) {
    return false;
  }
  data_ = buffer_.data();
  capacity_ = buffer_.capacity();
  return true;
}

bool WireBuffer::End(Mark mark) {
  const size_t length = size_ - mark.start;
  uint8_t needed = 1;
  for (size_t rest = length >> 7; rest != 0; rest >>= 7) ++needed;
  if (needed != mark.length_bytes) {
    if (!Ensure(needed)) return false;
    uint8_t* const from = data_ + mark.start;
    uint8_t* const to = from - mark.length_bytes + needed;
    if (length != 0) std::memmove(to, from, length);
  }
  size_ = mark.start - mark.length_bytes;
  PutVarint(length);
  size_ += length;
  return true;
}

Slice WireBuffer::Freeze() && {
  if (size_ == 0) return {};
  constexpr size_t kWasteMax = 4096;
  if (capacity_ - size_ > std::max(kWasteMax, size_ / 8)) {
    return Slice::Copy({reinterpret_cast<const char*>(data_), size_}, budget_);
  }
  buffer_.SetSize(size_);
  return std::move(buffer_).Freeze();
}

}  // namespace weir::model::json
