#include "model/walker.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "model/schema_tables.h"
#include "model/wire.h"

namespace weir::model {
namespace {

constexpr int kDepthMax = 1000;  // recursion is about 200 bytes of stack a level

// Whether `size` bytes follow `p`; at one instruction less than by the distance.
[[gnu::always_inline]] inline bool Fits(const uint8_t* p, size_t size, const uint8_t* end) {
  return p + size <= end;
}

// A copy of `p` whose value the compiler does not know.
[[gnu::always_inline]] inline const uint8_t* Opaque(const uint8_t* p) {
  asm("" : "+r"(p));
  return p;
}

// Asks for a line of memory that the walk is going to need. What has just arrived is seldom in the
// nearest cache, and the processor does not see far enough through the jumps from field to field.
// Called two times for an item and once for an attribute, which asks for most lines, some twice;
// a loop over the item's lines costs more than it brings.
[[gnu::always_inline]] inline void AskAhead(const uint8_t* p) {
  constexpr size_t kAhead = 1024;
  __builtin_prefetch(p + kAhead);
}

// Whether the `size` bytes at `p`, at least one, are one varint. Without room for eight bytes,
// false also for one that is longer than a byte.
[[gnu::always_inline]] inline bool IsVarint(const uint8_t* p, size_t size, bool has_room) {
  if (!has_room) return size == 1 && *p < 0x80;
  const uint64_t last_bytes = ~LoadLittle<uint64_t>(p) & 0x8080808080808080;
  return static_cast<size_t>(std::countr_zero(last_bytes)) == size * 8 - 1;
}

// One AnyValue with a plain value, in a field of its own, is four bytes and what they announce:
//
//   tag size   0a string_size string
//   tag size   18 varint
//
// HeadOfString answers the first four when the AnyValue has `size` bytes, 2 to 127.
template <uint32_t kTag>
constexpr uint32_t HeadOfString(size_t size) {
  constexpr uint32_t kAtZero = (kTag | BytesTag(1) << 16) - (2u << 24);
  return kAtZero + static_cast<uint32_t>(size) * (1u << 8 | 1u << 24);
}

// Whether the field at `p`, which begins with HeadOfString(size) ^ `beside`, holds an AnyValue with
// a number or a bool in its shortest form. `has_room`: eight bytes behind it may be read.
[[gnu::always_inline]] inline bool IsPlainNumber(uint32_t beside, const uint8_t* p, size_t size,
                                                 bool has_room) {
  if (static_cast<uint16_t>(beside) != 0) return false;  // tag or size is another
  switch (static_cast<uint8_t>(beside >> 16) ^ BytesTag(1)) {
    case VarintTag(2):  // bool
    case VarintTag(3):  // int
      return IsVarint(p + 3, size - 1, has_room);
    case Fixed64Tag(4):
      return size == 9;
    default:
      return false;
  }
}

// Steps over fields kTag at `p` for as long as they are a key with a plain value and below 128
// bytes, as nearly all attributes are. With kHasRoom, 300 bytes may be read from `p` on, and `p`
// may be beyond `end`.
//
//   tag size 0a key_size   key   12 value_size 0a string_size   string
//   └── four bytes ────┘         └────── four bytes ────────┘
template <uint32_t kTag, bool kHasRoom>
[[gnu::always_inline]] inline const uint8_t* SkipPlainKeyValues(const uint8_t* p,
                                                                const uint8_t* end) {
  constexpr uint32_t kBesideSizes = 0x80ff80ff;
  constexpr uint32_t kHead = kTag | BytesTag(1) << 16;
  constexpr size_t kSmallest = 8;  // an empty key, an empty string
  while (kHasRoom || Fits(p, kSmallest, end)) {
    const uint32_t head = LoadLittle<uint32_t>(p);
    if ((head & kBesideSizes) != kHead) [[unlikely]]
      break;
    const uint32_t size = p[1];  // not from `head`: the next field waits for it
    const uint32_t key_size = head >> 24;
    const uint8_t* next = p + 2 + size;
    const auto rest = static_cast<int32_t>(size - key_size);  // 0a, key_size and the value's field
    if (rest < 6 || next > end) [[unlikely]]
      break;
    const uint8_t* value = p + 4 + key_size;
    const auto value_size = static_cast<uint32_t>(rest - 4);
    const uint32_t beside = LoadLittle<uint32_t>(value) ^ HeadOfString<BytesTag(2)>(value_size);
    if (beside != 0) [[unlikely]] {
      const bool has_room = kHasRoom || Fits(next, 8, end);
      if (!IsPlainNumber(beside, value, value_size, has_room)) break;
    }
    p = next;
    AskAhead(p);
  }
  return p;
}

}  // namespace

// The walks of all messages, by MessageId.
struct Walks {
  using Walk = bool (*)(Walker&, const uint8_t* p, const uint8_t* end, int depth);

  template <size_t... kMessages>
  static constexpr std::array<Walk, sizeof...(kMessages)> Make(
      std::index_sequence<kMessages...> /*all*/) {
    return {&Walker::Walk<kMessages>...};
  }
  static const std::array<Walk, tables::kMessageCount> kAll;
};

constinit const std::array<Walks::Walk, tables::kMessageCount> Walks::kAll =
    Walks::Make(std::make_index_sequence<tables::kMessageCount>());

Walker::Walker(int any_value_depth_max, const uint8_t* body_end)
    : depth_max_(std::min(any_value_depth_max, kDepthMax)), body_end_(body_end) {}

bool Walker::Message(const uint8_t* p, const uint8_t* end, MessageId message, int depth) {
  return Walks::kAll[static_cast<size_t>(message)](*this, p, end, depth);
}

template <size_t kMessage>
bool Walker::Walk(Walker& walker, const uint8_t* p, const uint8_t* end, int depth) {
  constexpr auto kFields = std::make_index_sequence<tables::kMessages[kMessage].fields.size()>();
  const uint64_t items_before = walker.items_;
  while (walker.Steps<kMessage, false>(kFields, p, end, depth, items_before)) {
    if (p == end) return true;
    p = walker.Field(p, end, static_cast<MessageId>(kMessage), depth, items_before);
    if (p == nullptr) return false;
  }
  return false;
}

template <size_t kMessage, bool kHasRoom, size_t... kFields>
[[gnu::always_inline]] inline bool Walker::Steps(std::index_sequence<kFields...> /*all*/,
                                                 const uint8_t*& p, const uint8_t* end, int depth,
                                                 uint64_t items_before) {
  return (Step<kMessage, kFields, kHasRoom>(p, end, depth, items_before) && ...);
}

// Steps over field number kField of the table if it stands at `p`, plainly written. False at a
// flaw. With kHasRoom, one more AnyValue may be opened, and `p` may come out beyond `end`.
template <size_t kMessage, size_t kField, bool kHasRoom>
[[gnu::always_inline]] inline bool Walker::Step(const uint8_t*& p, const uint8_t* end, int depth,
                                                uint64_t items_before) {
  constexpr const tables::FieldEntry& kEntry = tables::kMessages[kMessage].fields[kField];
  constexpr FieldAction kAction = kEntry.action;
  constexpr uint32_t kTag = Tag(kEntry.number, tables::TypeOf(kAction));
  constexpr size_t kTagSize = kEntry.number < 16 ? 1 : 2;
  static_assert(kEntry.number < 128, "tags of two bytes hold no more");
  const auto has_tag = [&]() __attribute__((always_inline)) {
    if constexpr (kTagSize == 1) return *p == kTag;
    return LoadLittle<uint16_t>(p) == ((kTag & 0x7f) | 0x80 | kTag >> 7 << 8);
  };
  // Whether the tag stands at `p` with `size` bytes behind it.
  const auto stands_here = [&](size_t size) __attribute__((always_inline)) {
    return (kHasRoom || Fits(p, kTagSize + size, end)) && has_tag();
  };
  const uint8_t* value = p + kTagSize;
  if constexpr (kAction == FieldAction::kVarint) {
    if (stands_here(1) && *value < 0x80) [[likely]]
      p = value + 1;
  } else if constexpr (kAction == FieldAction::kFixed32) {
    if (stands_here(4)) [[likely]]
      p = value + 4;
  } else if constexpr (kAction == FieldAction::kFixed64) {
    if (stands_here(8)) [[likely]]
      p = value + 8;
  } else if constexpr (kAction == FieldAction::kTraceId) {
    // The expected size is compared, not added, so that the next field need not wait for the load.
    if (stands_here(17) && *value == 16) [[likely]]
      p = value + 17;
  } else if constexpr (kAction == FieldAction::kSpanId) {
    if (stands_here(9) && *value == 8) [[likely]]
      p = value + 9;
  } else if constexpr (kAction == FieldAction::kString || kAction == FieldAction::kBytes) {
    if (stands_here(1)) [[likely]] {
      const size_t size = *value;
      if (size < 0x80) [[likely]] {
        if (kHasRoom || Fits(value + 1, size, end)) p = value + 1 + size;
      } else if (!kHasRoom || Fits(value, 2, end)) {
        const Enclosed bytes = ShortLength(value, end);
        if (bytes.begin != nullptr) p = bytes.end;
      }
    }
  } else if constexpr (kAction == FieldAction::kItem) {
    static_assert(!kHasRoom, "items hold no items");
    if (stands_here(1)) p = Items<kTag, kEntry.child>(p, end, depth);
    return p != nullptr;
  } else if constexpr (kEntry.child != MessageId::kCount) {
    if constexpr (kAction == FieldAction::kKeyValue) {
      if (kHasRoom || depth < depth_max_) p = SkipPlainKeyValues<kTag, kHasRoom>(p, end);
    } else if constexpr (kEntry.child == MessageId::kAnyValue) {
      if (const uint8_t* next = SkipStringValue<kTag, kHasRoom>(p, end, depth)) {
        p = next;
        return true;
      }
    }
    // With room the tag first: after the plain ones it is another, nearly always.
    while (kHasRoom ? has_tag() && Fits(p, kTagSize + 1, end)
                    : Fits(p, kTagSize + 1, end) && has_tag()) {
      if (kAction == FieldAction::kChoice) items_ = items_before;
      p = ChildOf<kEntry.child>(p + kTagSize, end, depth);
      if (p == nullptr) return false;
      if constexpr (kAction == FieldAction::kKeyValue) {
        if (kHasRoom || depth < depth_max_) p = SkipPlainKeyValues<kTag, kHasRoom>(p, end);
      }
    }
  }
  return true;
}

// The end of field kTag at `p` if it is an AnyValue with a string and below 128 bytes, as most
// bodies of logs are; null when it is anything else.
template <uint32_t kTag, bool kHasRoom>
[[gnu::always_inline]] inline const uint8_t* Walker::SkipStringValue(const uint8_t* p,
                                                                     const uint8_t* end,
                                                                     int depth) const {
  if (!kHasRoom && !Fits(p, 4, end)) return nullptr;
  const size_t size = p[1];
  const uint8_t* next = p + 2 + size;
  const bool is_string = LoadLittle<uint32_t>(p) == HeadOfString<kTag>(size) && size >= 2 &&
                         size < 0x80 && next <= end && (kHasRoom || depth < depth_max_);
  return is_string ? next : nullptr;
}

template <MessageId kChild>
[[gnu::always_inline]] inline const uint8_t* Walker::ChildOf(const uint8_t* p, const uint8_t* end,
                                                             int depth) {
  const Enclosed inner = Length(p, end);
  if (inner.begin == nullptr) return nullptr;
  if constexpr (kChild == MessageId::kAnyValue) {
    if (++depth > depth_max_) return Fail(Flaw::kDepth, p);
  }
  return Walk<static_cast<size_t>(kChild)>(*this, inner.begin, inner.end, depth) ? inner.end
                                                                                 : nullptr;
}

// How far the steps over a message may read beyond its end, when it ends early and what follows it
// looks like more of its fields.
constexpr size_t RoomOf(const tables::MessageEntry& message) {
  constexpr size_t kLargestField = 2 + 1 + 127;  // a tag, a length, that many bytes
  constexpr size_t kKeyValue = 300;              // SkipPlainKeyValues
  return message.fields.size() * kLargestField + kKeyValue;
}

// The items from `p` on, which have one tag and stand together. While there is room behind an item
// and for an AnyValue in it, steps over it do not look for either; its end is compared once, when
// they are done. A step that went beyond it leaves the item to Walk, from the start.
template <uint32_t kTag, MessageId kChild>
[[gnu::noinline]] const uint8_t* Walker::Items(const uint8_t* p, const uint8_t* end, int depth) {
  constexpr auto kMessage = static_cast<size_t>(kChild);
  constexpr auto kFields = std::make_index_sequence<tables::kMessages[kMessage].fields.size()>();
  constexpr size_t kRoom = RoomOf(tables::kMessages[kMessage]);
  const bool has_room = depth < depth_max_ && Fits(p, kRoom, body_end_);
  const uint8_t* roomy_end = has_room ? std::min(end, body_end_ - kRoom) : p;
  do {
    const Enclosed item = Length(p + 1, end);
    if (item.begin == nullptr) return nullptr;
    // Not known to be where the steps end, or the next item would wait for this one's whole walk.
    const uint8_t* next = Opaque(item.end);
    ++items_;
    p = item.begin;
    AskAhead(p);
    AskAhead(p + 64);
    if (item.end <= roomy_end) [[likely]] {
      if (!Steps<kMessage, true>(kFields, p, item.end, depth, 0)) return nullptr;
      if (p > item.end) p = item.begin;
    }
    if (p != item.end && !Walk<kMessage>(*this, p, item.end, depth)) [[unlikely]]
      return nullptr;
    p = next;
  } while (Fits(p, 2, end) && *p == kTag);
  return p;
}

const uint8_t* Walker::Field(const uint8_t* start, const uint8_t* end, MessageId message, int depth,
                             uint64_t items_before) {
  const FieldRule rule = RuleOf(message).by_tag_byte[*start];
  if (rule.action == FieldAction::kLookUp) return LookUp(start, end, message, depth, items_before);
  return Value(start + 1, start, end, rule, depth, items_before);
}

const uint8_t* Walker::LookUp(const uint8_t* start, const uint8_t* end, MessageId message,
                              int depth, uint64_t items_before) {
  uint64_t tag;
  const uint8_t* p = ReadVarint(start, end, &tag);
  if (p == nullptr) return Fail(end - start >= 10 ? Flaw::kOverflow : Flaw::kEof, start);
  if (tag < 8 || tag > UINT32_MAX) return Fail(Flaw::kIllegalTag, start);
  FieldRule rule = RuleOfTag(message, static_cast<uint32_t>(tag));
  if (rule.action == FieldAction::kLookUp) {
    switch (static_cast<WireType>(tag & 7)) {
      case WireType::kVarint:
        rule.action = FieldAction::kVarint;
        break;
      case WireType::kFixed64:
        rule.action = FieldAction::kFixed64;
        break;
      case WireType::kBytes:
        rule.action = FieldAction::kBytes;
        break;
      case WireType::kFixed32:
        rule.action = FieldAction::kFixed32;
        break;
      default:
        p = SkipGroup(p, end, static_cast<uint32_t>(tag) >> 3);
        return p != nullptr ? p : Fail(Flaw::kEof, start);
    }
  }
  return Value(p, start, end, rule, depth, items_before);
}

// The value at `p` of the field that began at `start`.
const uint8_t* Walker::Value(const uint8_t* p, const uint8_t* start, const uint8_t* end,
                             FieldRule rule, int depth, uint64_t items_before) {
  switch (rule.action) {
    case FieldAction::kVarint:
      return Varint(p, end);
    case FieldAction::kFixed32:
      return end - p >= 4 ? p + 4 : Fail(Flaw::kEof, p);
    case FieldAction::kFixed64:
      return end - p >= 8 ? p + 8 : Fail(Flaw::kEof, p);
    case FieldAction::kString:
    case FieldAction::kBytes:
      return Length(p, end).end;
    case FieldAction::kTraceId:
      return Id(p, end, 16, Flaw::kTraceId);
    case FieldAction::kSpanId:
      return Id(p, end, 8, Flaw::kSpanId);
    case FieldAction::kChoice:
      items_ = items_before;
      return Child(p, end, rule.child, depth);
    case FieldAction::kItem:
      ++items_;
      return Child(p, end, rule.child, depth);
    case FieldAction::kMessage:
    case FieldAction::kKeyValue:
      return Child(p, end, rule.child, depth);
    case FieldAction::kPackedVarints:
      return PackedVarints(p, end);
    case FieldAction::kPackedFixed64: {
      const Enclosed packed = Length(p, end);
      if (packed.begin == nullptr) return nullptr;
      return (packed.end - packed.begin) % 8 == 0 ? packed.end : Fail(Flaw::kPacked, start);
    }
    case FieldAction::kWrongType:
      return Fail(Flaw::kWrongType, start);
    case FieldAction::kIllegal:
    case FieldAction::kLookUp:
      break;
  }
  return Fail(Flaw::kIllegalTag, start);
}

const uint8_t* Walker::Child(const uint8_t* p, const uint8_t* end, MessageId child, int depth) {
  const Enclosed inner = Length(p, end);
  if (inner.begin == nullptr) return nullptr;
  if (child == MessageId::kAnyValue && ++depth > depth_max_) return Fail(Flaw::kDepth, p);
  return Message(inner.begin, inner.end, child, depth) ? inner.end : nullptr;
}

const uint8_t* Walker::Varint(const uint8_t* p, const uint8_t* end) {
  uint64_t ignored;
  if (const uint8_t* next = ReadVarint(p, end, &ignored)) return next;
  return Fail(end - p >= 10 ? Flaw::kOverflow : Flaw::kEof, p);
}

const uint8_t* Walker::Id(const uint8_t* p, const uint8_t* end, size_t id_size, Flaw otherwise) {
  const Enclosed id = Length(p, end);
  if (id.begin == nullptr) return nullptr;
  const auto size = static_cast<size_t>(id.end - id.begin);
  return size == 0 || size == id_size ? id.end : Fail(otherwise, p);
}

const uint8_t* Walker::PackedVarints(const uint8_t* p, const uint8_t* end) {
  const Enclosed packed = Length(p, end);
  if (packed.begin == nullptr) return nullptr;
  for (p = packed.begin; p != packed.end;) {
    p = Varint(p, packed.end);
    if (p == nullptr) return nullptr;
  }
  return p;
}

Enclosed Walker::LongLength(const uint8_t* p, const uint8_t* end) {
  uint64_t size;
  const uint8_t* begin = ReadVarint(p, end, &size);
  if (begin == nullptr) return {Fail(end - p >= 10 ? Flaw::kOverflow : Flaw::kEof, p), nullptr};
  if (size > static_cast<size_t>(end - begin)) return {Fail(Flaw::kEof, p), nullptr};
  return {begin, begin + size};
}

}  // namespace weir::model
