// Large blocks of memory, used again while they are warm.
//
// A request's body is a block of a few hundred kilobytes that lives for a millisecond. Given back
// to the C library it goes to the kernel and comes back as zeroed pages, at a page fault per 4 KiB:
// more than the copy into it costs. So the last few freed blocks are kept here, the latest on top,
// because its bytes are in the processor's cache still.
//
// Blocks below kBlockMin, and what passes kKeptBytesMax, go straight to and from malloc. Kept
// blocks are nobody's charge; they are what the process may be larger by. Thread-safe.
#pragma once

#include <cstddef>
#include <vector>

#include "base/mutex.h"

namespace weir {

class BlockCache {
 public:
  static constexpr size_t kBlockMin = 64 * 1024;
  static constexpr size_t kKeptBytesMax = 4 * 1024 * 1024;

  BlockCache() = default;
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;
  ~BlockCache();

  struct Block {
    void* data;
    size_t size;  // at least what was asked for, at most a quarter more
  };
  // Never null: without memory the process ends.
  Block Take(size_t size);
  void Give(Block block);
  // Gives everything kept back to the C library.
  void Trim();

 private:
  Mutex mutex_;
  std::vector<Block> kept_ GUARDED_BY(mutex_);  // the latest at the back
  size_t kept_bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace weir
