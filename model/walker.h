// The pass over one OTLP message that check.h promises: proves it well formed, counts its items.
//
// Serialisers write fields in the order of their numbers, and most of them in the plainest way
// there is. So each message of the schema has a walk that the compiler unrolls along its fields: it
// steps over plain fields in their order, at a few instructions each. What it does not know at a
// glance it leaves to the tables of schema.h, which know everything, one field at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "model/schema.h"

namespace weir::model {

// What is wrong with a message.
enum class Flaw : uint8_t {
  kNone,
  kEof,
  kOverflow,
  kWrongType,
  kIllegalTag,
  kTraceId,
  kSpanId,
  kDepth,
  kPacked,
  kItems,
};

// What a length in front of it encloses.
struct Enclosed {
  const uint8_t* begin;  // null when it does not fit
  const uint8_t* end;
};

// One walk over one request, on one thread. Functions that answer a position answer null at a flaw.
class Walker {
 public:
  // AnyValue may nest `any_value_depth_max` deep, at most 1000. All positions below are in a
  // request that ends at `body_end`.
  Walker(int any_value_depth_max, const uint8_t* body_end);

  // Whether [p, end) is a well-formed `message` that is inside `depth` any-values. When it is not,
  // flaw() and flaw_at() say why, and items() is of no use.
  bool Message(const uint8_t* p, const uint8_t* end, MessageId message, int depth);

  // Reads a length and makes sure that many bytes follow.
  Enclosed Length(const uint8_t* p, const uint8_t* end) {
    const Enclosed enclosed = ShortLength(p, end);
    return enclosed.begin != nullptr ? enclosed : LongLength(p, end);
  }

  // The end of the field that begins at `start`, whatever its tag. `items_before`: items() when the
  // message began.
  const uint8_t* LookUp(const uint8_t* start, const uint8_t* end, MessageId message, int depth,
                        uint64_t items_before);

  const uint8_t* Fail(Flaw what, const uint8_t* at) {
    flaw_ = what;
    flaw_at_ = at;
    return nullptr;
  }

  uint64_t items() const { return items_; }
  Flaw flaw() const { return flaw_; }
  const uint8_t* flaw_at() const { return flaw_at_; }

 private:
  friend struct Walks;

  template <size_t kMessage>
  static bool Walk(Walker& walker, const uint8_t* p, const uint8_t* end, int depth);
  template <size_t kMessage, bool kHasRoom, size_t... kFields>
  bool Steps(std::index_sequence<kFields...> all, const uint8_t*& p, const uint8_t* end, int depth,
             uint64_t items_before);
  template <size_t kMessage, size_t kField, bool kHasRoom>
  bool Step(const uint8_t*& p, const uint8_t* end, int depth, uint64_t items_before);
  template <uint32_t kTag, bool kHasRoom>
  const uint8_t* SkipStringValue(const uint8_t* p, const uint8_t* end, int depth) const;
  template <MessageId kChild>
  const uint8_t* ChildOf(const uint8_t* p, const uint8_t* end, int depth);
  template <uint32_t kTag, MessageId kChild>
  const uint8_t* Items(const uint8_t* p, const uint8_t* end, int depth);

  const uint8_t* Field(const uint8_t* start, const uint8_t* end, MessageId message, int depth,
                       uint64_t items_before);
  const uint8_t* Value(const uint8_t* p, const uint8_t* start, const uint8_t* end, FieldRule rule,
                       int depth, uint64_t items_before);
  // A length of one or two bytes whose content fits; anything else has begin == nullptr.
  static Enclosed ShortLength(const uint8_t* p, const uint8_t* end) {
    const auto left = static_cast<size_t>(end - p);
    if (left > 0 && p[0] < 0x80) {
      if (p[0] < left) return {p + 1, p + 1 + p[0]};
    } else if (left >= 2 && p[1] < 0x80) {
      const size_t size = (p[0] & 0x7fu) | static_cast<size_t>(p[1]) << 7;
      if (size <= left - 2) return {p + 2, p + 2 + size};
    }
    return {nullptr, nullptr};
  }
  Enclosed LongLength(const uint8_t* p, const uint8_t* end);
  const uint8_t* Varint(const uint8_t* p, const uint8_t* end);
  const uint8_t* Id(const uint8_t* p, const uint8_t* end, size_t id_size, Flaw otherwise);
  const uint8_t* Child(const uint8_t* p, const uint8_t* end, MessageId child, int depth);
  const uint8_t* PackedVarints(const uint8_t* p, const uint8_t* end);

  const int depth_max_;
  const uint8_t* const body_end_;
  uint64_t items_ = 0;
  Flaw flaw_ = Flaw::kNone;
  const uint8_t* flaw_at_ = nullptr;
};

}  // namespace weir::model
