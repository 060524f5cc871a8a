// Shared, immutable ranges of bytes: what telemetry is made of between a socket and the next
// (DESIGN §1.1).
//
// A Buffer is one owned, charged block of memory, filled once by whoever allocated it and immutable
// from the moment it is shared. A Slice is a range of one, with a reference that keeps the block
// alive; copying a slice is one atomic increment, and cutting one never copies bytes.
//
//   Buffer  [ ................................ ]   capacity, Charge
//   Slice         ^── data(), size() ──^           + reference
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/byte_budget.h"
#include "base/unique_function.h"

namespace weir {

// One block of bytes with its charge. Created through MutableBuffer or Adopt, held through Slice.
class Buffer {
 public:
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

 private:
  friend class Slice;
  friend class MutableBuffer;
  Buffer() = default;
  void Ref() { references_.fetch_add(1, std::memory_order_relaxed); }
  // The release/acquire pair makes every reader's last access happen before the memory goes.
  void Unref() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) Destroy();
  }
  void Destroy();

  std::atomic<uint32_t> references_{1};
  uint8_t* data_ = nullptr;
  size_t capacity_ = 0;
  size_t block_size_ = 0;  // of the memory behind data_, when it is ours
  Charge charge_;
  UniqueFunction<void()> release_;  // for adopted memory; empty when data_ is ours to free
};

class Slice {
 public:
  Slice() = default;  // empty, owns nothing
  Slice(const Slice& other) : buffer_(other.buffer_), data_(other.data_), size_(other.size_) {
    if (buffer_) buffer_->Ref();
  }
  Slice(Slice&& other) noexcept
      : buffer_(std::exchange(other.buffer_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  Slice& operator=(Slice other) noexcept {
    std::swap(buffer_, other.buffer_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Slice() {
    if (buffer_) buffer_->Unref();
  }

  // A copy of `bytes` in a block of its own, charged to `budget` (never refused) when given.
  static Slice Copy(std::string_view bytes, ByteBudget* budget = nullptr);
  // Memory that belongs to someone else, given back by `release` with the last reference. `charge`
  // may be empty.
  static Slice Adopt(std::string_view bytes, UniqueFunction<void()> release, Charge charge = {});

  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {reinterpret_cast<const char*>(data_), size_}; }

  // The range [offset, offset + size) of this slice; must lie inside it.
  Slice Sub(size_t offset, size_t size) const;
  // Whether `next` begins in the same buffer where this slice ends, so that both can be one.
  bool IsFollowedBy(const Slice& next) const {
    return buffer_ != nullptr && buffer_ == next.buffer_ && data_ + size_ == next.data_;
  }
  // This slice grown over `next`; requires IsFollowedBy(next).
  void Extend(const Slice& next);
  // Bytes of the whole block that this slice keeps alive (what a budget was charged), 0 when none.
  size_t held_bytes() const { return buffer_ ? buffer_->capacity_ : 0; }

 private:
  friend class MutableBuffer;
  Slice(Buffer* buffer, const uint8_t* data, size_t size)
      : buffer_(buffer), data_(data), size_(size) {}
  Buffer* buffer_ = nullptr;  // a counted reference
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

// A block being filled by its one owner. Freeze() turns it into a Slice, after which nobody writes.
class MutableBuffer {
 public:
  MutableBuffer() = default;
  // `charge` must cover `capacity` or be empty (uncharged).
  explicit MutableBuffer(size_t capacity, Charge charge = {});
  // Reserves from `budget` first; operator bool is false when the budget refused.
  static MutableBuffer TryAllocate(size_t capacity, ByteBudget& budget);
  MutableBuffer(MutableBuffer&& other) noexcept
      : buffer_(std::exchange(other.buffer_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  MutableBuffer& operator=(MutableBuffer&& other) noexcept {
    std::swap(buffer_, other.buffer_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~MutableBuffer();

  explicit operator bool() const { return buffer_ != nullptr; }
  uint8_t* data() { return buffer_ ? buffer_->data_ : nullptr; }
  size_t capacity() const { return buffer_ ? buffer_->capacity_ : 0; }
  size_t size() const { return size_; }
  // How many bytes from the front count; at most capacity().
  void SetSize(size_t size);
  void Append(std::string_view bytes);  // must fit
  // A block of another capacity, at least size(), with the same bytes as far as both reach; false
  // (and unchanged) when the charge cannot grow.
  [[nodiscard]] bool TryGrow(size_t capacity);

  Slice Freeze() &&;

 private:
  Buffer* buffer_ = nullptr;
  size_t size_ = 0;
};

}  // namespace weir
