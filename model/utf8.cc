#include "model/utf8.h"

#include <cstdint>

#include "model/schema.h"
#include "model/wire.h"

namespace weir::model {
namespace {

constexpr uint64_t kHighBits = 0x8080808080808080;

bool IsContinuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

// The size of the well-formed character at `p`, which is not ASCII; 0 when there is none.
size_t CharacterSize(const uint8_t* p, size_t left) {
  const uint8_t lead = p[0];
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (left < size) return 0;
  // The second byte tells overlong forms, surrogates and what is above U+10FFFF.
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  if (lead == 0xe0) low = 0xa0;
  if (lead == 0xed) high = 0x9f;
  if (lead == 0xf0) low = 0x90;
  if (lead == 0xf4) high = 0x8f;
  if (p[1] < low || p[1] > high) return 0;
  for (size_t i = 2; i < size; ++i) {
    if (!IsContinuation(p[i])) return 0;
  }
  return size;
}

size_t CountIn(MessageId message, std::string_view bytes) {
  size_t count = 0;
  for (WireReader in(bytes); in.Next();) {
    if (in.type() != WireType::kBytes) continue;
    const FieldRule rule = RuleOfTag(message, in.tag());
    if (rule.child != MessageId::kCount) {
      count += CountIn(rule.child, in.bytes());
    } else if (rule.action == FieldAction::kString && !IsValidUtf8(in.bytes())) {
      ++count;
    }
  }
  return count;
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* end = p + text.size();
  while (p != end) {
    if (end - p >= 8 && (LoadLittle<uint64_t>(p) & kHighBits) == 0) {
      p += 8;
    } else if (*p < 0x80) {
      ++p;
    } else {
      const size_t size = CharacterSize(p, static_cast<size_t>(end - p));
      if (size == 0) return false;
      p += size;
    }
  }
  return true;
}

size_t CountInvalidUtf8(const Batch& batch) {
  size_t count = 0;
  batch.ForEachResource([&](std::string_view message, uint32_t, const Slice&) {
    count += CountIn(ResourceItemsOf(batch.signal()), message);
  });
  return count;
}

}  // namespace weir::model
