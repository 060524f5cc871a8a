#include "model/check.h"

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/fields.h"
#include "model/schema.h"
#include "model/walker.h"
#include "model/wire.h"

namespace weir::model {
namespace {

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
    return walker.LookUp(start, end, RequestOf(signal), 0, walker.items());
  }
  const bool plain_tag = p == start + 1;
  const uint64_t items_before = walker.items();
  const Enclosed resource = walker.Length(p, end);
  if (resource.begin == nullptr ||
      !walker.Message(resource.begin, resource.end, ResourceItemsOf(signal), 0)) {
    return nullptr;
  }
  const uint64_t items = walker.items() - items_before;
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
  Walker walker(limits.any_value_depth_max, end);
  RunCollector runs(signal, body);
  for (const uint8_t* p = begin; p != end;) {
    const uint8_t* start = p;
    p = CheckRequestField(walker, start, begin, end, signal, runs);
    if (p != nullptr && walker.items() > limits.items_max) p = walker.Fail(Flaw::kItems, start);
    if (p == nullptr) {
      const auto at = static_cast<size_t>(walker.flaw_at() - begin);
      return Fail(FlawStatus(signal, bytes, walker.flaw(), at));
    }
  }
  return runs.Finish();
}

}  // namespace weir::model
