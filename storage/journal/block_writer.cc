#include "storage/journal/block_writer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "storage/io/io.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weir::storage::journal {
namespace {

constexpr size_t kUnit = io::File::kDirectUnit;
static_assert(BlockWriter::kBufferSize % kUnit == 0);

// memcpy past the processor's caches: nobody but the disk reads the buffer, and what is in the
// caches, the very bytes that are copied, is about to be sent.
void CopyPastCaches(char* to, const char* from, size_t size) {
#if defined(__SSE2__)
  constexpr size_t kLine = 64;
  const size_t before_line = (kLine - reinterpret_cast<uintptr_t>(to) % kLine) % kLine;
  if (size >= before_line + kLine) {
    std::memcpy(to, from, before_line);
    to += before_line;
    from += before_line;
    size -= before_line;
    for (; size >= kLine; size -= kLine, to += kLine, from += kLine) {
      const auto* read = reinterpret_cast<const __m128i*>(from);
      auto* write = reinterpret_cast<__m128i*>(to);
      const __m128i first = _mm_loadu_si128(read);
      const __m128i second = _mm_loadu_si128(read + 1);
      const __m128i third = _mm_loadu_si128(read + 2);
      const __m128i fourth = _mm_loadu_si128(read + 3);
      _mm_stream_si128(write, first);
      _mm_stream_si128(write + 1, second);
      _mm_stream_si128(write + 2, third);
      _mm_stream_si128(write + 3, fourth);
    }
    _mm_sfence();
  }
#endif
  std::memcpy(to, from, size);
}

}  // namespace

int BlockWriter::Begin(std::unique_ptr<io::File> file, std::string_view bytes) {
  if (!buffer_) {
    // The kernel looks up one address for all of it then, not one for each 4 KiB: half of what a
    // write costs.
    buffer_.reset(static_cast<char*>(std::aligned_alloc(kBufferSize, kBufferSize)));
    if (!buffer_) throw std::bad_alloc();
    static_cast<void>(madvise(buffer_.get(), kBufferSize, MADV_HUGEPAGE));
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
      CopyPastCaches(buffer_.get() + used_, from, size);
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
