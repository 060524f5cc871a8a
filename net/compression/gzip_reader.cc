// gzip and zlib in, by ISA-L.
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>

#include "net/compression/codecs.h"

namespace weir::net::codecs {
namespace {

// About 90 kB; one per thread, reset for each member.
inflate_state& ThreadState() {
  thread_local const std::unique_ptr<inflate_state> state(new inflate_state);
  return *state;
}

constexpr size_t kGzipHeaderSize = 10;
constexpr size_t kGzipTrailerSize = 8;

struct Wrapper {
  uint32_t flag;
  const char* bad_header;
  const char* bad_checksum;
};
constexpr Wrapper kGzipWrapper = {ISAL_GZIP, "gzip: invalid header", "gzip: invalid checksum"};
constexpr Wrapper kZlibWrapper = {ISAL_ZLIB, "zlib: invalid header", "zlib: invalid checksum"};

Status InflateError(int code, const inflate_state& state, size_t in_size, size_t header_size,
                    const Wrapper& wrapper) {
  switch (code) {
    case ISAL_INVALID_WRAPPER:
    case ISAL_UNSUPPORTED_METHOD:
      return Damaged(wrapper.bad_header);
    case ISAL_NEED_DICT:
      return Damaged("zlib: invalid dictionary");
    case ISAL_INCORRECT_CHECKSUM:
      return Damaged(wrapper.bad_checksum);
    default: {
      // Go counts the bytes of the deflate stream that its decoder has taken; whole bytes that wait
      // in our bit buffer it would not have.
      const size_t waiting =
          state.avail_in + static_cast<size_t>(std::max(state.read_in_length, 0)) / 8;
      const size_t taken = in_size - std::min(in_size, waiting);
      return Damaged("flate: corrupt input before offset " +
                     std::to_string(taken - std::min(taken, header_size)));
    }
  }
}

// One member or stream at the front of `in`; how many bytes it was.
Result<size_t> InflateOne(std::string_view in, const Wrapper& wrapper, size_t header_size,
                          Output& out) {
  inflate_state& state = ThreadState();
  isal_inflate_init(&state);
  state.crc_flag = wrapper.flag;
  state.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(in.data()));
  state.avail_in = static_cast<uint32_t>(in.size());
  for (;;) {
    if (out.room() == 0) {
      if (Status grown = out.Grow(); !grown.ok()) return Fail(std::move(grown));
    }
    const auto room =
        static_cast<uint32_t>(std::min<size_t>(out.room(), std::numeric_limits<uint32_t>::max()));
    state.next_out = out.end();
    state.avail_out = room;
    const uint32_t in_before = state.avail_in;
    const int code = isal_inflate(&state);
    out.Advance(room - state.avail_out);
    if (code != ISAL_DECOMP_OK) {
      return Fail(InflateError(code, state, in.size(), header_size, wrapper));
    }
    if (state.block_state == ISAL_BLOCK_FINISH) return in.size() - state.avail_in;
    const bool stuck = state.avail_out != 0 && state.avail_in == in_before;
    if (state.avail_in == 0 && (state.avail_out != 0 || stuck)) return Fail(CutShort());
  }
}

// The size that the last member's trailer promises, when it can be true: deflate packs at most 1032
// to 1.
size_t ExpectedGunzipSize(std::string_view in) {
  if (in.size() < kGzipHeaderSize + kGzipTrailerSize) return 0;
  uint32_t size;
  std::memcpy(&size, in.data() + in.size() - sizeof(size), sizeof(size));
  if (size / 1032 > in.size()) return 0;
  return static_cast<size_t>(size) + 1;
}

}  // namespace

Result<Slice> Gunzip(std::string_view in, size_t size_max, ByteBudget& budget) {
  if (in.empty()) return Fail(Damaged("EOF"));
  if (in.size() > std::numeric_limits<uint32_t>::max()) return Fail(TooLarge());
  Output out(ExpectedGunzipSize(in), size_max, budget);
  while (!in.empty()) {
    if (in.size() >= kGzipHeaderSize && !in.starts_with("\x1f\x8b")) {
      return Fail(Damaged(kGzipWrapper.bad_header));
    }
    Result<size_t> used = InflateOne(in, kGzipWrapper, kGzipHeaderSize, out);
    if (!used) return Fail(std::move(used).error());
    in.remove_prefix(*used);
  }
  return std::move(out).Take();
}

Result<Slice> Unzlib(std::string_view in, size_t size_max, ByteBudget& budget) {
  if (in.size() < 2) return Fail(CutShort());
  if (in.size() > std::numeric_limits<uint32_t>::max()) return Fail(TooLarge());
  const unsigned header = unsigned{static_cast<uint8_t>(in[0])} << 8 | static_cast<uint8_t>(in[1]);
  if ((header >> 8 & 0x0f) != 8 || header >> 12 > 7 || header % 31 != 0) {
    return Fail(Damaged(kZlibWrapper.bad_header));
  }
  Output out(in.size() * 4, size_max, budget);
  Result<size_t> used = InflateOne(in, kZlibWrapper, 2, out);
  if (!used) return Fail(std::move(used).error());
  return std::move(out).Take();
}

}  // namespace weir::net::codecs
