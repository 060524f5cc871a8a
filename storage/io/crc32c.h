// CRC32C (Castagnoli, RFC 3720 appendix B.4), the checksum of everything stored. The processor's
// own instructions where it has them: about 20 GB/s; ISA-L's door in storage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::storage::io {

// The checksum of `bytes` behind bytes whose checksum is `before` (0: nothing before):
// Crc32c("b", Crc32c("a")) == Crc32c("ab").
uint32_t Crc32c(std::string_view bytes, uint32_t before = 0);

}  // namespace weir::storage::io
