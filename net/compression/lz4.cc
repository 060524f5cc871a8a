// lz4 frames in and out.
#include <lz4frame.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "net/compression/codecs.h"

namespace weir::net::codecs {
namespace {

struct FreeDecoder {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};
struct FreeEncoder {
  void operator()(LZ4F_cctx* context) const { LZ4F_freeCompressionContext(context); }
};

LZ4F_dctx* ThreadDecoder() {
  thread_local const std::unique_ptr<LZ4F_dctx, FreeDecoder> context([] {
    LZ4F_dctx* made = nullptr;
    LZ4F_createDecompressionContext(&made, LZ4F_VERSION);
    return made;
  }());
  return context.get();
}
LZ4F_cctx* ThreadEncoder() {
  thread_local const std::unique_ptr<LZ4F_cctx, FreeEncoder> context([] {
    LZ4F_cctx* made = nullptr;
    LZ4F_createCompressionContext(&made, LZ4F_VERSION);
    return made;
  }());
  return context.get();
}

constexpr uint32_t kMagic = 0x184d2204;
constexpr uint32_t kSkippableMagic = 0x184d2a50;  // to ...5f

bool BeginsAsFrame(std::string_view in) {
  uint32_t magic = 0;
  std::memcpy(&magic, in.data(), std::min(in.size(), sizeof(magic)));
  return magic == kMagic || (magic & ~0xfU) == kSkippableMagic;
}

Status DecoderError() { return Damaged("lz4: invalid source or destination buffer too short"); }

}  // namespace

Result<Slice> Unlz4(std::string_view in, size_t size_max, ByteBudget& budget) {
  Output out(in.size() * 3, size_max, budget);
  LZ4F_dctx* context = ThreadDecoder();
  size_t hint = 0;  // what the decoder still wants; 0 between frames
  LZ4F_resetDecompressionContext(context);
  for (bool blocked = false; !in.empty() || blocked;) {
    if (hint == 0 && !in.empty()) {
      if (in.size() < sizeof(kMagic)) return Fail(CutShort());
      if (!BeginsAsFrame(in)) return Fail(Damaged("lz4: bad magic number"));
    }
    if (out.room() == 0) {
      if (Status grown = out.Grow(); !grown.ok()) return Fail(std::move(grown));
    }
    size_t written = out.room();
    size_t read = in.size();
    LZ4F_decompressOptions_t options{};
    hint = LZ4F_decompress(context, out.end(), &written, in.data(), &read, &options);
    if (LZ4F_isError(hint) != 0) return Fail(DecoderError());
    out.Advance(written);
    in.remove_prefix(read);
    blocked = out.room() == 0 && hint != 0;
  }
  if (hint != 0) return Fail(CutShort());
  return std::move(out).Take();
}

Result<Slice> Lz4(std::span<const Slice> parts, ByteBudget* budget) {
  LZ4F_cctx* context = ThreadEncoder();
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max256KB;
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.frameInfo.contentSize = 0;
  size_t bound = LZ4F_HEADER_SIZE_MAX + LZ4F_compressBound(0, &preferences);
  for (const Slice& part : parts) bound += LZ4F_compressBound(part.size(), &preferences);
  MutableBuffer out = AllocateForced(bound, budget);
  const auto append = [&out](size_t result) {
    if (LZ4F_isError(result) != 0) return false;
    out.SetSize(out.size() + result);
    return true;
  };
  const auto end = [&out] { return out.data() + out.size(); };
  const auto room = [&out] { return out.capacity() - out.size(); };
  bool good = append(LZ4F_compressBegin(context, end(), room(), &preferences));
  for (size_t i = 0; good && i < parts.size(); ++i) {
    good = append(
        LZ4F_compressUpdate(context, end(), room(), parts[i].data(), parts[i].size(), nullptr));
  }
  good = good && append(LZ4F_compressEnd(context, end(), room(), nullptr));
  if (!good) return Fail(Status::Permanent("lz4 failed to compress"));
  return Finish(std::move(out));
}

}  // namespace weir::net::codecs
