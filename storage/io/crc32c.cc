#include "storage/io/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <climits>

namespace weir::storage::io {

uint32_t Crc32c(std::string_view bytes, uint32_t before) {
  uint32_t crc = ~before;
  while (!bytes.empty()) {
    // ISA-L counts with an int.
    const auto size = std::min<size_t>(bytes.size(), INT_MAX);
    auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    crc = crc32_iscsi(data, static_cast<int>(size), crc);
    bytes.remove_prefix(size);
  }
  return ~crc;
}

}  // namespace weir::storage::io
