#include "model/wire.h"

#include <array>

namespace weir::model {
namespace {

constexpr size_t kGroupDepthMax = 100;  // as libprotobuf

// How many bytes the value of a field takes behind `p`, which moves over a length; null when that
// cannot be read.
const uint8_t* ValueSize(const uint8_t* p, const uint8_t* end, WireType type, uint64_t* size) {
  uint64_t ignored;
  *size = 0;
  switch (type) {
    case WireType::kVarint:
      return ReadVarint(p, end, &ignored);
    case WireType::kBytes:
      return ReadVarint(p, end, size);
    case WireType::kFixed64:
      *size = 8;
      return p;
    case WireType::kFixed32:
      *size = 4;
      return p;
    default:
      return p;
  }
}

}  // namespace

const uint8_t* ReadLongVarint(const uint8_t* p, const uint8_t* end, uint64_t* value) {
  uint64_t result = 0;
  for (unsigned shift = 0; shift < 70 && p < end; shift += 7) {
    const uint64_t byte = *p++;
    if (shift < 64) result |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = result;
      return p;
    }
  }
  return nullptr;
}

const uint8_t* SkipGroup(const uint8_t* p, const uint8_t* end, uint32_t number) {
  std::array<uint64_t, kGroupDepthMax> open;
  size_t depth = 0;
  open[depth++] = number;
  while (depth > 0) {
    uint64_t tag;
    p = ReadVarint(p, end, &tag);
    if (p == nullptr || tag < 8 || tag > UINT32_MAX || (tag & 7) > 5) return nullptr;
    const auto type = static_cast<WireType>(tag & 7);
    if (type == WireType::kStartGroup) {
      if (depth == kGroupDepthMax) return nullptr;
      open[depth++] = tag >> 3;
    } else if (type == WireType::kEndGroup) {
      if (open[--depth] != tag >> 3) return nullptr;
    }
    uint64_t size;
    p = ValueSize(p, end, type, &size);
    if (p == nullptr || size > static_cast<size_t>(end - p)) return nullptr;
    p += size;
  }
  return p;
}

}  // namespace weir::model
