#include "model/wire.h"

namespace weir::model {

const uint8_t* SkipGroup(const uint8_t* p, const uint8_t* end) {
  size_t depth = 1;
  while (depth > 0) {
    uint64_t tag;
    p = ReadVarint(p, end, &tag);
    if (p == nullptr || tag < 8 || tag > UINT32_MAX) return nullptr;
    uint64_t size = 0;
    switch (tag & 7) {
      case 0:
        p = ReadVarint(p, end, &size);
        size = 0;
        break;
      case 1:
        size = 8;
        break;
      case 2:
        p = ReadVarint(p, end, &size);
        break;
      case 3:
        ++depth;
        break;
      case 4:
        --depth;
        break;
      case 5:
        size = 4;
        break;
      default:
        return nullptr;
    }
    if (p == nullptr || size > static_cast<size_t>(end - p)) return nullptr;
    p += size;
  }
  return p;
}

}  // namespace weir::model
