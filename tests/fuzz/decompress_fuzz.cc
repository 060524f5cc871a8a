// Any bytes as a compressed body: the first byte names the codec. What comes out stays inside the
// limit, and every charge comes back.
#include <cstddef>
#include <cstdint>

#include "base/byte_budget.h"
#include "base/check.h"
#include "net/compression/compression.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using weir::net::Encoding;
  constexpr size_t kSizeMax = 256 * 1024;
  if (size == 0) return 0;
  const auto encoding = static_cast<Encoding>(data[0] % 8);
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  weir::ByteBudget budget(1 << 20);
  {
    const auto plain = weir::net::Decompress(encoding, weir::Slice::Copy(body), kSizeMax, budget);
    if (plain) CHECK(plain->size() <= kSizeMax) << plain->size();
  }
  CHECK(budget.peak_bytes() <= kSizeMax + 1) << budget.peak_bytes();
  CHECK(budget.used_bytes() == 0) << budget.used_bytes();
  return 0;
}
