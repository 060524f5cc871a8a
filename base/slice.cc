#include "base/slice.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/block_cache.h"
#include "base/check.h"

namespace weir {
namespace {

// Behind every buffer of the process, as malloc is behind every container. Never destroyed: buffers
// may outlive everything else.
BlockCache& Blocks() {
  static BlockCache& blocks = *new BlockCache();
  return blocks;
}

}  // namespace

void Buffer::Destroy() {
  if (release_) {
    release_();
  } else {
    Blocks().Give({data_, block_size_});
  }
  delete this;
}

Slice Slice::Copy(std::string_view bytes, ByteBudget* budget) {
  MutableBuffer buffer(bytes.size(), budget ? budget->ForceReserve(bytes.size()) : Charge());
  buffer.Append(bytes);
  return std::move(buffer).Freeze();
}

Slice Slice::Adopt(std::string_view bytes, UniqueFunction<void()> release, Charge charge) {
  auto* buffer = new Buffer();
  buffer->capacity_ = bytes.size();
  buffer->charge_ = std::move(charge);
  buffer->release_ = std::move(release);
  return Slice(buffer, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

Slice Slice::Sub(size_t offset, size_t size) const {
  CHECK(offset <= size_ && size <= size_ - offset)
      << "range " << offset << "+" << size << " of a slice of " << size_;
  if (buffer_) buffer_->Ref();
  return Slice(buffer_, data_ + offset, size);
}

void Slice::Extend(const Slice& next) {
  CHECK(IsFollowedBy(next)) << "the slices are not neighbours";
  size_ += next.size_;
}

MutableBuffer::MutableBuffer(size_t capacity, Charge charge) : buffer_(new Buffer()) {
  const BlockCache::Block block = Blocks().Take(capacity);
  buffer_->data_ = static_cast<uint8_t*>(block.data);
  buffer_->block_size_ = block.size;
  buffer_->capacity_ = capacity;
  buffer_->charge_ = std::move(charge);
}

MutableBuffer MutableBuffer::TryAllocate(size_t capacity, ByteBudget& budget) {
  Charge charge = budget.TryReserve(capacity);
  return charge ? MutableBuffer(capacity, std::move(charge)) : MutableBuffer();
}

MutableBuffer::~MutableBuffer() {
  if (buffer_) buffer_->Unref();
}

void MutableBuffer::SetSize(size_t size) {
  CHECK(size <= capacity()) << size << " bytes in a buffer of " << capacity();
  size_ = size;
}

void MutableBuffer::Append(std::string_view bytes) {
  CHECK(bytes.size() <= capacity() - size_) << "buffer of " << capacity() << " is full";
  if (!bytes.empty()) std::memcpy(buffer_->data_ + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

bool MutableBuffer::TryGrow(size_t capacity) {
  CHECK(buffer_ != nullptr && capacity >= size_) << "cannot grow to " << capacity;
  if (buffer_->charge_ && !buffer_->charge_.TryResize(capacity)) return false;
  if (capacity > buffer_->block_size_) {
    const BlockCache::Block block = Blocks().Take(capacity);
    // All of it: who fills a buffer through data() sets its size at the end.
    if (buffer_->capacity_ > 0) std::memcpy(block.data, buffer_->data_, buffer_->capacity_);
    Blocks().Give({buffer_->data_, buffer_->block_size_});
    buffer_->data_ = static_cast<uint8_t*>(block.data);
    buffer_->block_size_ = block.size;
  } else if (capacity < buffer_->block_size_ - buffer_->block_size_ / 4) {
    const size_t size = std::max<size_t>(capacity, 1);
    if (void* shrunk = std::realloc(buffer_->data_, size)) {
      buffer_->data_ = static_cast<uint8_t*>(shrunk);
      buffer_->block_size_ = size;
    }
  }
  buffer_->capacity_ = capacity;
  return true;
}

Slice MutableBuffer::Freeze() && {
  CHECK(buffer_ != nullptr) << "nothing to freeze";
  Buffer* buffer = std::exchange(buffer_, nullptr);
  return Slice(buffer, buffer->data_, std::exchange(size_, 0));
}

}  // namespace weir
