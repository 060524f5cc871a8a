#include "base/block_cache.h"

#include <cstdlib>

#include "base/check.h"

namespace weir {
namespace {

// A multiple of the page, so that blocks of nearly the same size serve each other.
constexpr size_t kGrain = 4096;

}  // namespace

BlockCache::~BlockCache() { Trim(); }

BlockCache::Block BlockCache::Take(size_t size) {
  if (size >= kBlockMin) {
    size = (size + kGrain - 1) / kGrain * kGrain;
    MutexLock lock(mutex_);
    for (size_t i = kept_.size(); i-- > 0;) {
      const Block block = kept_[i];
      if (block.size < size || block.size > size + size / 4) continue;
      kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(i));
      kept_bytes_ -= block.size;
      return block;
    }
  }
  void* data = std::malloc(size == 0 ? 1 : size);
  CHECK(data != nullptr) << "out of memory for " << size << " bytes";
  return {data, size};
}

void BlockCache::Give(Block block) {
  if (block.size >= kBlockMin) {
    MutexLock lock(mutex_);
    if (kept_bytes_ + block.size <= kKeptBytesMax) {
      kept_.push_back(block);
      kept_bytes_ += block.size;
      return;
    }
  }
  std::free(block.data);
}

void BlockCache::Trim() {
  std::vector<Block> blocks;
  {
    MutexLock lock(mutex_);
    blocks.swap(kept_);
    kept_bytes_ = 0;
  }
  for (const Block& block : blocks) std::free(block.data);
}

}  // namespace weir
