// Gzip by ISA-L, for whole buffers. The generator compresses before it starts; the sink inflates
// only when it is asked to look inside.
#pragma once

#include <string>
#include <string_view>

namespace weir::bench {

// One gzip member, level 1.
std::string Deflate(std::string_view plain);

// False when `gzip` is not one whole gzip member; `plain` is then unspecified.
bool Inflate(std::string_view gzip, std::string& plain);

inline bool IsGzip(std::string_view bytes) {
  return bytes.size() > 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

}  // namespace weir::bench
