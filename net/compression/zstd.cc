// zstd in and out.
//
// Whole frames are decoded in one call into the final block, so that no window is held beside it.
#define ZSTD_STATIC_LINKING_ONLY  // ZSTD_decompressBound: an exported function outside the stable
                                  // set
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <memory>
#include <string>

#include "net/compression/codecs.h"

namespace weir::net::codecs {
namespace {

struct FreeDecoder {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
struct FreeEncoder {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

ZSTD_DCtx* ThreadDecoder() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeDecoder> context(ZSTD_createDCtx());
  return context.get();
}
ZSTD_CCtx* ThreadEncoder() {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeEncoder> context(ZSTD_createCCtx());
  return context.get();
}

Status DecoderError(size_t code) {
  switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_prefix_unknown:
      return Damaged("invalid input: magic number mismatch");
    case ZSTD_error_srcSize_wrong:
      return CutShort();
    case ZSTD_error_checksum_wrong:
      return Damaged("CRC value mismatch");
    case ZSTD_error_dictionary_wrong:
    case ZSTD_error_dictionary_corrupted:
      return Damaged("unknown dictionary");
    case ZSTD_error_frameParameter_windowTooLarge:
      return Damaged("window size exceeded");
    case ZSTD_error_corruption_detected:
      return Damaged("corrupt block: reserved bits not zero");
    default:
      return Damaged(std::string("corrupt input: ") + ZSTD_getErrorName(code));
  }
}

// A first size: what the frames promise, or at most 128 KiB per block more than they hold.
Result<size_t> ExpectedSize(std::string_view in, size_t size_max) {
  const unsigned long long bound = ZSTD_decompressBound(in.data(), in.size());
  if (bound == ZSTD_CONTENTSIZE_ERROR) {
    if (in.size() >= 4 && ZSTD_isFrame(in.data(), in.size()) == 0) {
      return Fail(Damaged("invalid input: magic number mismatch"));
    }
    return Fail(CutShort());
  }
  return static_cast<size_t>(std::min<unsigned long long>(bound, size_max));
}

// Frames that say their size, and more than may be, need not be decoded.
bool SaysMoreThan(std::string_view in, size_t size_max) {
  const unsigned long long size = ZSTD_getFrameContentSize(in.data(), in.size());
  return size != ZSTD_CONTENTSIZE_UNKNOWN && size != ZSTD_CONTENTSIZE_ERROR && size > size_max;
}

int ZstdLevel(int level) {
  // The speeds of Go's encoder: fastest, default, better, best.
  if (level <= 0) return ZSTD_CLEVEL_DEFAULT;
  return std::min(level, ZSTD_maxCLevel());
}

}  // namespace

Result<Slice> Unzstd(std::string_view in, size_t size_max, ByteBudget& budget) {
  if (in.empty()) return Slice();
  Result<size_t> expected = ExpectedSize(in, size_max);
  if (!expected) return Fail(std::move(expected).error());
  if (SaysMoreThan(in, size_max)) return Fail(TooLarge());
  MutableBuffer out = MutableBuffer::TryAllocate(std::max<size_t>(*expected, 1), budget);
  if (!out) return Fail(NoMemory());
  const size_t size =
      ZSTD_decompressDCtx(ThreadDecoder(), out.data(), out.capacity(), in.data(), in.size());
  if (ZSTD_isError(size)) {
    // The block holds all that the frames may hold, or the limit: too small means too large a body.
    if (ZSTD_getErrorCode(size) == ZSTD_error_dstSize_tooSmall) return Fail(TooLarge());
    return Fail(DecoderError(size));
  }
  out.SetSize(size);
  return Finish(std::move(out));
}

Result<Slice> Zstd(std::span<const Slice> parts, int level, ByteBudget* budget) {
  ZSTD_CCtx* context = ThreadEncoder();
  const size_t size = TotalSize(parts);
  ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, ZstdLevel(level));
  ZSTD_CCtx_setPledgedSrcSize(context, size);
  MutableBuffer out = AllocateForced(ZSTD_compressBound(size), budget);
  ZSTD_outBuffer target = {out.data(), out.capacity(), 0};
  for (size_t i = 0; i < parts.size() || i == 0; ++i) {
    const std::string_view part = i < parts.size() ? parts[i].view() : std::string_view();
    ZSTD_inBuffer source = {part.data(), part.size(), 0};
    const ZSTD_EndDirective end = i + 1 >= parts.size() ? ZSTD_e_end : ZSTD_e_continue;
    size_t left;
    do {
      left = ZSTD_compressStream2(context, &target, &source, end);
      if (ZSTD_isError(left)) {
        return Fail(Status::Permanent(std::string("zstd: ") + ZSTD_getErrorName(left)));
      }
    } while (end == ZSTD_e_end ? left != 0 : source.pos < source.size);
  }
  out.SetSize(target.pos);
  return Finish(std::move(out));
}

}  // namespace weir::net::codecs
