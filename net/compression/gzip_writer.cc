// gzip and zlib out: ISA-L for speed, zlib for the levels.
#include <isa-l/igzip_lib.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>

#include "net/compression/codecs.h"

namespace weir::net::codecs {
namespace {

struct FastState {
  isal_zstream stream;
  uint8_t level_buffer[ISAL_DEF_LVL1_DEFAULT];
};

FastState& ThreadState() {
  thread_local const std::unique_ptr<FastState> state(new FastState);
  return *state;
}

// Stored blocks of incompressible data: five bytes per 64 KiB, and the wrapper.
size_t DeflateBound(size_t size) { return size + size / 1024 + 512; }

// zlib keeps 256 kB per stream; one per thread, level and wrapper in use.
class ZlibStream {
 public:
  ZlibStream() = default;
  ~ZlibStream() {
    if (ready_) deflateEnd(&stream_);
  }
  ZlibStream(const ZlibStream&) = delete;
  ZlibStream& operator=(const ZlibStream&) = delete;

  z_stream* Get(int level, bool gzip) {
    if (ready_ && level_ == level && gzip_ == gzip) {
      deflateReset(&stream_);
      return &stream_;
    }
    if (ready_) deflateEnd(&stream_);
    stream_ = {};
    const bool huffman = level == -2;
    ready_ = deflateInit2(&stream_, huffman ? Z_DEFAULT_COMPRESSION : level, Z_DEFLATED,
                          gzip ? 31 : 15, 8, huffman ? Z_HUFFMAN_ONLY : Z_DEFAULT_STRATEGY) == Z_OK;
    level_ = level;
    gzip_ = gzip;
    return ready_ ? &stream_ : nullptr;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
  int level_ = 0;
  bool gzip_ = false;
};

Status CompressorFailed(const char* library, int code) {
  return Status::Permanent(std::string(library) + " failed to compress: " + std::to_string(code));
}

}  // namespace

Result<Slice> GzipFast(std::span<const Slice> parts, ByteBudget* budget) {
  const size_t size = TotalSize(parts);
  MutableBuffer out = AllocateForced(DeflateBound(size), budget);
  if (out.capacity() > std::numeric_limits<uint32_t>::max()) {
    return Deflate(parts, Z_DEFAULT_COMPRESSION, true, budget);
  }
  FastState& state = ThreadState();
  isal_zstream& stream = state.stream;
  isal_deflate_init(&stream);
  stream.level = 1;
  stream.level_buf = state.level_buffer;
  stream.level_buf_size = sizeof(state.level_buffer);
  stream.gzip_flag = IGZIP_GZIP;
  stream.flush = NO_FLUSH;
  stream.next_out = out.data();
  stream.avail_out = static_cast<uint32_t>(out.capacity());
  for (size_t i = 0; i < parts.size() || i == 0; ++i) {
    const std::string_view part = i < parts.size() ? parts[i].view() : std::string_view();
    stream.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(part.data()));
    stream.avail_in = static_cast<uint32_t>(part.size());
    stream.end_of_stream = i + 1 >= parts.size() ? 1 : 0;
    const int code = isal_deflate(&stream);
    if (code != COMP_OK) return Fail(CompressorFailed("ISA-L", code));
  }
  if (stream.internal_state.state != ZSTATE_END) return Fail(CompressorFailed("ISA-L", 0));
  out.SetSize(stream.total_out);
  return Finish(std::move(out));
}

Result<Slice> Deflate(std::span<const Slice> parts, int level, bool gzip, ByteBudget* budget) {
  thread_local ZlibStream streams;
  z_stream* stream = streams.Get(level, gzip);
  if (stream == nullptr) return Fail(CompressorFailed("zlib", Z_MEM_ERROR));
  const size_t size = TotalSize(parts);
  if (size > std::numeric_limits<uInt>::max() / 2)
    return Fail(CompressorFailed("zlib", Z_BUF_ERROR));
  MutableBuffer out = AllocateForced(deflateBound(stream, size), budget);
  stream->next_out = out.data();
  stream->avail_out = static_cast<uInt>(out.capacity());
  for (const Slice& part : parts) {
    stream->next_in = const_cast<Bytef*>(part.data());
    stream->avail_in = static_cast<uInt>(part.size());
    const int code = part.empty() ? Z_OK : deflate(stream, Z_NO_FLUSH);
    if (code != Z_OK) return Fail(CompressorFailed("zlib", code));
  }
  const int code = deflate(stream, Z_FINISH);
  if (code != Z_STREAM_END) return Fail(CompressorFailed("zlib", code));
  out.SetSize(stream->total_out);
  return Finish(std::move(out));
}

}  // namespace weir::net::codecs
