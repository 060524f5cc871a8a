#include "storage/journal/block_writer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "storage/io/io.h"

namespace weir::storage::journal {
namespace {

constexpr size_t kUnit = io::File::kDirectUnit;
constexpr size_t kHugePage = 2 << 20;
static_assert(BlockWriter::kBufferSize <= kHugePage && BlockWriter::kBufferSize % kUnit == 0);

}  // namespace

int BlockWriter::Begin(std::unique_ptr<io::File> file, std::string_view bytes) {
  if (!buffer_) {
    // The kernel looks up one address for all of it then, not one for each 4 KiB: half of what a
    // write costs.
    buffer_.reset(static_cast<char*>(std::aligned_alloc(kHugePage, kHugePage)));
    if (!buffer_) throw std::bad_alloc();
    static_cast<void>(madvise(buffer_.get(), kHugePage, MADV_HUGEPAGE));
  }
  file_ = std::move(file);
  offset_ = 0;
  used_ = 0;
  return Append({{const_cast<char*>(bytes.data()), bytes.size()}});
}

int BlockWriter::Append(const std::vector<iovec>& parts) {
  for (const iovec& part : parts) {
    const char* from = static_cast<const char*>(part.iov_base);
    for (size_t left = part.iov_len; left > 0;) {
      const size_t size = std::min(left, kBufferSize - used_);
      std::memcpy(buffer_.get() + used_, from, size);
      from += size;
      left -= size;
      used_ += size;
      if (used_ < kBufferSize) continue;
      if (const int error = WriteBlocks(kBufferSize); error != 0) return error;
    }
  }
  const size_t whole = (used_ + kUnit - 1) / kUnit * kUnit;
  std::memset(buffer_.get() + used_, 0, whole - used_);
  return WriteBlocks(whole);
}

int BlockWriter::WriteBlocks(size_t size) {
  if (size == 0) return 0;
  if (const int error = io::WriteAll(*file_, {buffer_.get(), size}, offset_); error != 0) {
    return error;
  }
  const size_t done = used_ / kUnit * kUnit;
  std::memmove(buffer_.get(), buffer_.get() + done, used_ - done);
  offset_ += done;
  used_ -= done;
  return 0;
}

}  // namespace weir::storage::journal
