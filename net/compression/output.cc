#include <algorithm>
#include <chrono>
#include <string>

#include "net/compression/codecs.h"

namespace weir::net::codecs {
namespace {

constexpr size_t kFirstGuessMin = 4096;

}  // namespace

Status TooLarge() { return {StatusCode::kResourceExhausted, "http: request body too large"}; }

Status NoMemory() {
  return Status::Retryable("data refused due to high memory usage", std::chrono::seconds(1));
}

Status Damaged(std::string_view text) { return {StatusCode::kInvalidArgument, std::string(text)}; }

size_t TotalSize(std::span<const Slice> parts) {
  size_t size = 0;
  for (const Slice& part : parts) size += part.size();
  return size;
}

MutableBuffer AllocateForced(size_t capacity, ByteBudget* budget) {
  return MutableBuffer(capacity, budget != nullptr ? budget->ForceReserve(capacity) : Charge());
}

Slice Finish(MutableBuffer out) {
  // Giving back an eighth and more is worth a call to the allocator; growing smaller cannot fail.
  if (out.capacity() - out.size() > out.capacity() / 8) (void)out.TryGrow(out.size());
  return std::move(out).Freeze();
}

Status Output::Resize(size_t capacity) {
  if (!buffer_) {
    buffer_ = MutableBuffer::TryAllocate(capacity, budget_);
    return buffer_ ? Status() : NoMemory();
  }
  return buffer_.TryGrow(capacity) ? Status() : NoMemory();
}

Status Output::Grow() {
  if (buffer_.size() > size_max_) return TooLarge();
  const size_t limit = size_max_ + 1;
  const size_t wanted = buffer_ ? buffer_.capacity() * 2 : std::max(expected_, kFirstGuessMin);
  return Resize(std::min(wanted, limit));
}

Status Output::Reserve(size_t size) {
  if (size > size_max_ - std::min(buffer_.size(), size_max_)) return TooLarge();
  if (room() >= size) return {};
  return Resize(std::max(buffer_.size() + size, std::min(buffer_.capacity() * 2, size_max_)));
}

Result<Slice> Output::Take() && {
  if (buffer_.size() > size_max_) return Fail(TooLarge());
  if (!buffer_) return Slice();
  return Finish(std::move(buffer_));
}

}  // namespace weir::net::codecs
