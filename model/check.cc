#include "model/check.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/fields.h"
#include "model/schema.h"
#include "model/wire.h"

namespace weir::model {
namespace {

constexpr int kDepthMax = 1000;  // recursion is about 150 bytes of stack a level

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

// Whether `size` bytes, at least one, are one varint.
inline bool IsVarint(const uint8_t* p, size_t size) {
  if (size >= 10) return false;  // the tenth byte has a rule of its own
  while (--size != 0) {
    if (*p++ < 0x80) return false;
  }
  return *p < 0x80;
}

// Whether `size` bytes are one AnyValue holding a plain value in its shortest form. Says no to
// whatever it does not know at a glance.
inline bool IsPlainValue(const uint8_t* p, size_t size) {
  if (size < 2) return false;
  switch (p[0]) {
    case BytesTag(1):  // string
      if (p[1] < 0x80) return p[1] + size_t{2} == size;
      return size > 2 && p[2] < 0x80 && (p[1] & 0x7fu) + (size_t{p[2]} << 7) + 3 == size;
    case VarintTag(2):  // bool
    case VarintTag(3):  // int
      return IsVarint(p + 1, size - 1);
    case Fixed64Tag(4):
      return size == 9;
    default:
      return false;
  }
}

// The KeyValue whose length is at `p`, if it is a key with a plain value and below 128 bytes, as
// nearly all attributes are: the byte behind it. Null when it is anything else.
//
//   size   0a key_size key   12 value_size   0a string_size string
//                            └──────── four bytes ────────┘
[[gnu::always_inline]] inline const uint8_t* SkipPlainKeyValue(const uint8_t* p,
                                                               const uint8_t* end) {
  constexpr size_t kSmallest = 6;  // an empty key, an empty string
  const auto left = static_cast<size_t>(end - p);
  if (left <= kSmallest || p[0] >= left) return nullptr;
  const size_t size = p[0];
  const size_t key_size_max = size - kSmallest;
  if (key_size_max >= 0x80 - kSmallest || p[1] != BytesTag(1) || p[2] > key_size_max) {
    return nullptr;
  }
  const uint8_t* value = p + 3 + p[2];
  const size_t string_size = key_size_max - p[2];
  constexpr uint32_t kTags = BytesTag(2) | BytesTag(1) << 16;
  constexpr uint32_t kSizes = 1u << 8 | 1u << 24;
  const uint32_t string_head = kTags + (2u << 8) + static_cast<uint32_t>(string_size) * kSizes;
  if (LoadLittle<uint32_t>(value) != string_head) {
    const size_t value_size = string_size + 2;
    if (value[0] != BytesTag(2) || value[1] != value_size || !IsPlainValue(value + 2, value_size)) {
      return nullptr;
    }
  }
  return p + 1 + size;
}

// What a length in front of it encloses.
struct Enclosed {
  const uint8_t* begin;  // null when it does not fit
  const uint8_t* end;
};

class Walker {
 public:
  explicit Walker(const CheckLimits& limits)
      : depth_max_(std::min(limits.any_value_depth_max, kDepthMax)) {}

  // Whether [p, end) is a well-formed `message` that is inside `depth` any-values.
  bool Message(const uint8_t* p, const uint8_t* end, MessageId message, int depth);

  // Reads a length and makes sure that many bytes follow.
  [[gnu::always_inline]] Enclosed Length(const uint8_t* p, const uint8_t* end) {
    const auto left = static_cast<size_t>(end - p);
    if (left > 0 && p[0] < 0x80) {
      if (p[0] < left) return {p + 1, p + 1 + p[0]};
    } else if (left >= 2 && p[1] < 0x80) {
      const size_t size = (p[0] & 0x7fu) | static_cast<size_t>(p[1]) << 7;
      if (size <= left - 2) return {p + 2, p + 2 + size};
    }
    return LongLength(p, end);
  }

  // A field whose tag is not one known byte.
  const uint8_t* LookUp(const uint8_t* start, const uint8_t* end, MessageId message, int depth,
                        uint64_t items_before);

  uint64_t items = 0;
  Flaw flaw = Flaw::kNone;
  const uint8_t* flaw_at = nullptr;

  std::nullptr_t Fail(Flaw what, const uint8_t* at) {
    flaw = what;
    flaw_at = at;
    return nullptr;
  }

 private:
  Enclosed LongLength(const uint8_t* p, const uint8_t* end);
  const uint8_t* Varint(const uint8_t* p, const uint8_t* end) {
    if (p < end && *p < 0x80) return p + 1;
    return LongVarint(p, end);
  }
  const uint8_t* LongVarint(const uint8_t* p, const uint8_t* end);
  const uint8_t* Field(const uint8_t* p, const uint8_t* start, const uint8_t* end,
                       MessageId message, const FieldRule& rule, int depth, uint64_t items_before);
  const uint8_t* Id(const uint8_t* p, const uint8_t* end, size_t id_size, Flaw otherwise);
  const uint8_t* LongId(const uint8_t* p, const uint8_t* end, size_t id_size, Flaw otherwise);
  const uint8_t* KeyValues(const uint8_t* p, const uint8_t* start, const uint8_t* end, int depth);
  const uint8_t* KeyValue(const uint8_t* p, const uint8_t* end, int depth);
  const uint8_t* Child(const uint8_t* p, const uint8_t* end, MessageId child, int depth);
  const uint8_t* PackedVarints(const uint8_t* p, const uint8_t* end);

  const int depth_max_;
};

const uint8_t* Walker::LongVarint(const uint8_t* p, const uint8_t* end) {
  uint64_t ignored;
  if (const uint8_t* next = ReadVarint(p, end, &ignored)) return next;
  return Fail(end - p >= 10 ? Flaw::kOverflow : Flaw::kEof, p);
}

Enclosed Walker::LongLength(const uint8_t* p, const uint8_t* end) {
  uint64_t size;
  const uint8_t* begin = ReadVarint(p, end, &size);
  if (begin == nullptr) return {Fail(end - p >= 10 ? Flaw::kOverflow : Flaw::kEof, p), nullptr};
  if (size > static_cast<size_t>(end - begin)) return {Fail(Flaw::kEof, p), nullptr};
  return {begin, begin + size};
}

[[gnu::always_inline]] inline const uint8_t* Walker::Id(const uint8_t* p, const uint8_t* end,
                                                        size_t id_size, Flaw otherwise) {
  // The expected size is compared, not added, so that the next field need not wait for the load.
  if (static_cast<size_t>(end - p) > id_size && *p == id_size) return p + 1 + id_size;
  return LongId(p, end, id_size, otherwise);
}

const uint8_t* Walker::LongId(const uint8_t* p, const uint8_t* end, size_t id_size,
                              Flaw otherwise) {
  const Enclosed id = Length(p, end);
  if (id.begin == nullptr) return nullptr;
  const auto size = static_cast<size_t>(id.end - id.begin);
  return size == 0 || size == id_size ? id.end : Fail(otherwise, p);
}

[[gnu::always_inline]] inline const uint8_t* Walker::Child(const uint8_t* p, const uint8_t* end,
                                                           MessageId child, int depth) {
  const Enclosed inner = Length(p, end);
  if (inner.begin == nullptr) return nullptr;
  if (child == MessageId::kAnyValue) {
    if (++depth > depth_max_) return Fail(Flaw::kDepth, p);
    if (IsPlainValue(inner.begin, static_cast<size_t>(inner.end - inner.begin))) return inner.end;
  }
  return Message(inner.begin, inner.end, child, depth) ? inner.end : nullptr;
}

// The KeyValue at `p`, and those behind it with the same tag: attributes stand together.
const uint8_t* Walker::KeyValues(const uint8_t* p, const uint8_t* start, const uint8_t* end,
                                 int depth) {
  const uint8_t tag = *start;
  if (p != start + 1 || depth >= depth_max_) return KeyValue(p, end, depth);
  while (true) {
    const uint8_t* next = SkipPlainKeyValue(p, end);
    if (next == nullptr) {
      next = KeyValue(p, end, depth);
      if (next == nullptr) return nullptr;
    }
    if (next == end || *next != tag) return next;
    p = next + 1;
  }
}

const uint8_t* Walker::KeyValue(const uint8_t* p, const uint8_t* end, int depth) {
  const Enclosed inner = Length(p, end);
  if (inner.begin == nullptr) return nullptr;
  return Message(inner.begin, inner.end, MessageId::kKeyValue, depth) ? inner.end : nullptr;
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

// The value at `p` of the field that began at `start`; the byte behind it, or null with the flaw.
[[gnu::always_inline]] inline const uint8_t* Walker::Field(const uint8_t* p, const uint8_t* start,
                                                           const uint8_t* end, MessageId message,
                                                           const FieldRule& rule, int depth,
                                                           uint64_t items_before) {
  switch (rule.action) {
    case FieldAction::kVarint:
      return Varint(p, end);
    case FieldAction::kFixed32:
      return end - p >= 4 ? p + 4 : Fail(Flaw::kEof, p);
    case FieldAction::kFixed64:
      return end - p >= 8 ? p + 8 : Fail(Flaw::kEof, p);
    case FieldAction::kString:
    case FieldAction::kBytes: {
      const Enclosed bytes = Length(p, end);
      return bytes.begin != nullptr ? bytes.end : nullptr;
    }
    case FieldAction::kTraceId:
      return Id(p, end, 16, Flaw::kTraceId);
    case FieldAction::kSpanId:
      return Id(p, end, 8, Flaw::kSpanId);
    case FieldAction::kKeyValue:
      return KeyValues(p, start, end, depth);
    case FieldAction::kChoice:
      items = items_before;
      return Child(p, end, rule.child, depth);
    case FieldAction::kItem:
      ++items;
      return Child(p, end, rule.child, depth);
    case FieldAction::kMessage:
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
      return Fail(Flaw::kIllegalTag, start);
    case FieldAction::kLookUp:
      break;
  }
  return LookUp(start, end, message, depth, items_before);
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
  return Field(p, start, end, message, rule, depth, items_before);
}

bool Walker::Message(const uint8_t* p, const uint8_t* end, MessageId message, int depth) {
  const MessageRule& rules = RuleOf(message);
  const uint64_t items_before = items;
  while (p != end) {
    p = Field(p + 1, p, end, message, rules.by_tag_byte[*p], depth, items_before);
    if (p == nullptr) return false;
  }
  return true;
}

std::string_view Reason(Flaw flaw) {
  switch (flaw) {
    case Flaw::kOverflow:
      return "proto: integer overflow";
    case Flaw::kWrongType:
      return "proto: wrong wireType";
    case Flaw::kIllegalTag:
      return "proto: illegal tag";
    case Flaw::kTraceId:
      return "unmarshal: invalid TraceID length";
    case Flaw::kSpanId:
      return "unmarshal: invalid SpanID length";
    case Flaw::kDepth:
      return "values are nested too deep";
    case Flaw::kPacked:
      return "proto: packed field is not a multiple of 8 bytes";
    case Flaw::kItems:
      return "too many items in one request";
    case Flaw::kNone:
    case Flaw::kEof:
      break;
  }
  return "unexpected EOF";
}

// The field of `message` at byte `at` of `body`, whose fields before are well formed.
struct FieldAt {
  std::string name;  // with its index when it is a message; empty when unknown
  MessageId child = MessageId::kCount;
  std::string_view inner;  // of a message whose length is good
};

FieldAt FindField(MessageId message, std::string_view body, size_t at) {
  std::array<size_t, 32> seen{};
  size_t start = 0;
  for (WireReader in(body); in.Next();) {
    const auto end = static_cast<size_t>(in.rest().data() - body.data());
    if (at < end) {
      FieldAt found;
      found.name = FieldName(message, in.number());
      if (in.type() == WireType::kBytes) found.child = RuleOfTag(message, in.tag()).child;
      if (found.child == MessageId::kCount) return found;
      found.name += '[' + std::to_string(seen[in.number()]) + ']';
      if (at >= static_cast<size_t>(in.bytes().data() - body.data())) found.inner = in.bytes();
      return found;
    }
    start = end;
    if (in.number() < seen.size()) ++seen[in.number()];
  }
  // The flaw is in the field's own tag or length.
  uint64_t tag = 0;
  const auto* p = reinterpret_cast<const uint8_t*>(body.data());
  if (start < body.size() && ReadVarint(p + start, p + body.size(), &tag) == nullptr) tag = 0;
  return {std::string(FieldName(message, static_cast<uint32_t>(tag >> 3))), MessageId::kCount, {}};
}

// "resource_spans[0].scope_spans[0].spans[3].name": the innermost field around byte `at` of `body`.
std::string PathTo(MessageId message, std::string_view body, size_t at) {
  std::string path;
  while (true) {
    const FieldAt field = FindField(message, body, at);
    if (field.name.empty()) return path;
    if (!path.empty()) path += '.';
    path += field.name;
    if (field.inner.data() == nullptr) return path;
    at -= static_cast<size_t>(field.inner.data() - body.data());
    body = field.inner;
    message = field.child;
  }
}

// "resource_spans[0].scope_spans[0].spans[3].trace_id" -> "TraceId", as Go names the field.
std::string GoFieldName(std::string_view path) {
  std::string name;
  bool upper = true;
  for (const char c : path.substr(path.rfind('.') + 1)) {
    if (c == '[') break;
    if (c != '_') name += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = c == '_';
  }
  return name;
}

Status FlawStatus(Signal signal, std::string_view body, Flaw flaw, size_t at) {
  std::string text(Reason(flaw));
  const std::string path = PathTo(RequestOf(signal), body, at);
  uint64_t tag = 0;
  const auto* p = reinterpret_cast<const uint8_t*>(body.data());
  ReadVarint(p + at, p + body.size(), &tag);
  const std::string type = std::to_string(tag & 7);
  if (flaw == Flaw::kWrongType) text += " = " + type + " for field " + GoFieldName(path);
  if (flaw == Flaw::kIllegalTag && (tag & 7) > 5) text = "proto: illegal wireType " + type;
  text += " at byte " + std::to_string(at);
  if (!path.empty()) text += " in " + path;
  return Status(StatusCode::kInvalidArgument, std::move(text));
}

// Collects framed resources into runs: one for as long as they follow each other.
class RunCollector {
 public:
  RunCollector(Signal signal, const Slice& body) : body_(body), batch_(signal) {}

  void Add(size_t offset, size_t size, uint64_t items) {
    if (count_ > 0 && offset != end_) Flush();
    const ResourceExtent extent{static_cast<uint32_t>(size), static_cast<uint32_t>(items)};
    if (count_ == 0) {
      begin_ = offset;
      first_ = extent;
    } else {
      if (count_ == 1) {
        extents_ = std::make_shared<std::vector<ResourceExtent>>();
        extents_->push_back(first_);
      }
      extents_->push_back(extent);
    }
    ++count_;
    end_ = offset + size;
  }

  // A resource that stands behind a tag in another form than Batch expects.
  void AddReframed(std::string_view message, uint64_t items) {
    Flush();
    std::string framed;
    AppendBytesField(framed, 1, message);
    batch_.Append(Run(Slice::Copy(framed), static_cast<uint32_t>(items)));
  }

  Batch Finish() {
    Flush();
    return std::move(batch_);
  }

 private:
  void Flush() {
    if (count_ == 0) return;
    Slice bytes = body_.Sub(begin_, end_ - begin_);
    if (count_ == 1) {
      batch_.Append(Run(std::move(bytes), first_.items));
    } else {
      batch_.Append(Run(std::move(bytes), std::exchange(extents_, nullptr)));
    }
    count_ = 0;
  }

  const Slice& body_;
  Batch batch_;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t count_ = 0;
  ResourceExtent first_{};
  std::shared_ptr<std::vector<ResourceExtent>> extents_;
};

// One field of the request: a resource, which goes to `runs`, or something unknown.
const uint8_t* CheckRequestField(Walker& walker, const uint8_t* start, const uint8_t* begin,
                                 const uint8_t* end, Signal signal, RunCollector& runs) {
  uint64_t tag;
  const uint8_t* p = ReadVarint(start, end, &tag);
  if (p == nullptr || tag != BytesTag(fields::Request::kResources)) {
    return walker.LookUp(start, end, RequestOf(signal), 0, walker.items);
  }
  const bool plain_tag = p == start + 1;
  const uint64_t items_before = walker.items;
  const Enclosed resource = walker.Length(p, end);
  if (resource.begin == nullptr ||
      !walker.Message(resource.begin, resource.end, ResourceItemsOf(signal), 0)) {
    return nullptr;
  }
  const uint64_t items = walker.items - items_before;
  if (plain_tag) {
    runs.Add(static_cast<size_t>(start - begin), static_cast<size_t>(resource.end - start), items);
  } else {
    runs.AddReframed({reinterpret_cast<const char*>(resource.begin),
                      static_cast<size_t>(resource.end - resource.begin)},
                     items);
  }
  return resource.end;
}

}  // namespace

Result<Batch> CheckRequest(Signal signal, Slice body, const CheckLimits& limits) {
  const std::string_view bytes = body.view();
  if (bytes.size() > UINT32_MAX) {
    return Fail(Status(StatusCode::kInvalidArgument, "the request has 4 GiB or more"));
  }
  const uint8_t* begin = body.data();
  const uint8_t* end = begin + bytes.size();
  Walker walker(limits);
  RunCollector runs(signal, body);
  for (const uint8_t* p = begin; p != end;) {
    const uint8_t* start = p;
    p = CheckRequestField(walker, start, begin, end, signal, runs);
    if (p != nullptr && walker.items > limits.items_max) p = walker.Fail(Flaw::kItems, start);
    if (p == nullptr) {
      const auto at = static_cast<size_t>(walker.flaw_at - begin);
      return Fail(FlawStatus(signal, bytes, walker.flaw, at));
    }
  }
  return runs.Finish();
}

}  // namespace weir::model
