#include "bench/loadgen/gzip.h"

#include <isa-l/igzip_lib.h>

#include <vector>

namespace weir::bench {

std::string Deflate(std::string_view plain) {
  std::vector<uint8_t> level_buffer(ISAL_DEF_LVL1_DEFAULT);
  isal_zstream stream;
  isal_deflate_init(&stream);
  stream.level = 1;
  stream.level_buf = level_buffer.data();
  stream.level_buf_size = static_cast<uint32_t>(level_buffer.size());
  stream.gzip_flag = IGZIP_GZIP;
  stream.end_of_stream = 1;
  std::string out(plain.size() + plain.size() / 8 + 256, '\0');
  stream.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uint32_t>(plain.size());
  stream.next_out = reinterpret_cast<uint8_t*>(out.data());
  stream.avail_out = static_cast<uint32_t>(out.size());
  isal_deflate(&stream);
  out.resize(stream.total_out);
  return out;
}

bool Inflate(std::string_view gzip, std::string& plain) {
  inflate_state state;
  isal_inflate_init(&state);
  state.crc_flag = ISAL_GZIP;
  state.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(gzip.data()));
  state.avail_in = static_cast<uint32_t>(gzip.size());
  plain.resize(gzip.size() * 4 + 1024);
  for (;;) {
    state.next_out = reinterpret_cast<uint8_t*>(plain.data()) + state.total_out;
    state.avail_out = static_cast<uint32_t>(plain.size() - state.total_out);
    if (isal_inflate(&state) != ISAL_DECOMP_OK) return false;
    if (state.block_state == ISAL_BLOCK_FINISH) break;
    if (state.avail_out != 0) return false;
    plain.resize(plain.size() * 2);
  }
  plain.resize(state.total_out);
  return true;
}

}  // namespace weir::bench
