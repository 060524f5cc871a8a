// Read views over OTLP messages: what a message says, without copying it.
//
// A view is read in one pass over its message when it is constructed: scalars are decoded, strings
// and ids are string_views into the message, submessages are their bytes (construct their view when
// you need it), repeated submessages are a Repeated<View> that is walked on demand.
//
//   batch.ForEachResource([&](std::string_view message, uint32_t, Slice) {
//     const ResourceItemsView resource(message);          // ResourceSpans, -Metrics or -Logs
//     for (const ScopeItemsView scope : resource.scopes) {
//       for (const SpanView span : scope.items.As<SpanView>()) {
//         const AttributesView attributes(span.attributes);
//         if (auto value = Find(span.attributes, "http.route")) ...
//
// Views are plain values, valid as long as the bytes are. They expect bytes that CheckRequest
// passed; on others they are wrong but stay inside the message and never throw. A field that occurs
// twice: the last wins, also for submessages (protobuf would merge those; no encoder writes them
// twice). Absent fields have proto3's default. Times are nanoseconds since 1970.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "model/wire.h"

namespace weir::model {

// The occurrences of one repeated message field. Iterating constructs a `View` per element.
template <typename View>
class Repeated {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = View;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = View;

    Iterator(std::string_view range, uint32_t tag) : in_(range), tag_(tag) { Advance(); }
    View operator*() const { return View(in_.bytes()); }
    // The element's bytes, without constructing its view.
    std::string_view bytes() const { return in_.bytes(); }
    Iterator& operator++() {
      Advance();
      return *this;
    }
    void operator++(int) { Advance(); }
    bool operator==(std::default_sentinel_t) const { return done_; }

   private:
    void Advance() {
      while (in_.Next()) {
        if (in_.tag() == tag_) return;
      }
      done_ = true;
    }
    WireReader in_;
    uint32_t tag_;
    bool done_ = false;
  };

  Repeated() = default;
  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  Iterator begin() const { return Iterator(range_, tag_); }
  std::default_sentinel_t end() const { return {}; }
  // The same elements read as another view.
  template <typename Other>
  Repeated<Other> As() const {
    Repeated<Other> other;
    other.range_ = range_;
    other.tag_ = tag_;
    other.count_ = count_;
    return other;
  }

  // Takes in the field `in` stands on. For the views' constructors.
  void Add(const WireReader& in) {
    const std::string_view field = in.field();
    if (count_++ == 0) {
      range_ = field;
      tag_ = in.tag();
    } else {
      range_ = {range_.data(), static_cast<size_t>(field.data() + field.size() - range_.data())};
    }
  }

 private:
  template <typename Other>
  friend class Repeated;
  std::string_view range_;  // from the first occurrence to the last, other fields may lie between
  uint32_t tag_ = 0;
  size_t count_ = 0;
};

// Elements as they are: for repeated strings, and for items whose view the signal decides.
struct BytesView {
  explicit BytesView(std::string_view message) : bytes(message) {}
  std::string_view bytes;
};

// Numbers of a packed field (or one that should have been packed): each of 8 bytes, or a
// varint.
enum class Packing : uint8_t { kFixed64, kVarint };

template <typename T, Packing kPacking = Packing::kFixed64>
class Numbers {
 public:
  // Calls visit(T) for each, in order.
  template <typename Visit>
  void ForEach(Visit&& visit) const;
  size_t size() const;
  bool empty() const { return range_.empty(); }

  void Add(const WireReader& in);

 private:
  std::string_view range_;  // fields with their tags
  uint32_t number_ = 0;
};

struct AnyValueView;
struct KeyValueView;

enum class ValueKind : uint8_t { kEmpty, kString, kBool, kInt, kDouble, kArray, kKvlist, kBytes };

struct AnyValueView {
  AnyValueView() = default;  // kEmpty
  explicit AnyValueView(std::string_view message);

  std::string_view message;  // the AnyValue itself, to copy it elsewhere
  ValueKind kind = ValueKind::kEmpty;
  std::string_view bytes;  // kString, kBytes: the value; kArray, kKvlist: the list's message
  int64_t int_value = 0;   // kInt; kBool as 0 or 1
  double double_value = 0;

  bool bool_value() const { return int_value != 0; }
  // The elements of kArray; empty for other kinds.
  Repeated<AnyValueView> array() const;
  // The entries of kKvlist; empty for other kinds.
  Repeated<KeyValueView> kvlist() const;
};

struct KeyValueView {
  explicit KeyValueView(std::string_view key_value) : message(key_value) {
    if (!ReadPlain()) ReadFields();
  }
  AnyValueView value() const { return AnyValueView(value_message); }

  std::string_view message;
  std::string_view key;
  std::string_view value_message;  // an AnyValue; empty is the empty value

 private:
  // Key, then value, both below 128 bytes, and nothing else: as nearly all are.
  bool ReadPlain();
  void ReadFields();
};

inline bool KeyValueView::ReadPlain() {
  const size_t size = message.size();
  if (size < 4 || message[0] != BytesTag(1)) return false;
  const size_t key_size = static_cast<uint8_t>(message[1]);
  if (key_size >= 0x80 || key_size + 4 > size) return false;
  const char* value = message.data() + 2 + key_size;
  const size_t value_size = static_cast<uint8_t>(value[1]);
  if (value[0] != BytesTag(2) || value_size >= 0x80 || key_size + value_size + 4 != size) {
    return false;
  }
  key = {message.data() + 2, key_size};
  value_message = {value + 2, value_size};
  return true;
}

using Attributes = Repeated<KeyValueView>;

// The value of the first entry with `key`, as Go's pcommon.Map.Get.
std::optional<AnyValueView> Find(const Attributes& attributes, std::string_view key);

struct EntityRefView {
  explicit EntityRefView(std::string_view message);
  std::string_view schema_url;
  std::string_view type;
  Repeated<BytesView> id_keys;
  Repeated<BytesView> description_keys;
};

struct ResourceView {
  ResourceView() = default;
  explicit ResourceView(std::string_view message);
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
  Repeated<EntityRefView> entity_refs;
};

struct ScopeView {
  ScopeView() = default;
  explicit ScopeView(std::string_view message);
  std::string_view name;
  std::string_view version;
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
};

// ScopeSpans, ScopeMetrics or ScopeLogs.
struct ScopeItemsView {
  explicit ScopeItemsView(std::string_view message);
  ScopeView scope() const { return ScopeView(scope_message); }

  std::string_view scope_message;
  Repeated<BytesView> items;  // As<SpanView>(), As<MetricView>() or As<LogRecordView>()
  std::string_view schema_url;
};

// ResourceSpans, ResourceMetrics or ResourceLogs: what Batch::ForEachResource visits.
struct ResourceItemsView {
  explicit ResourceItemsView(std::string_view message);
  ResourceView resource() const { return ResourceView(resource_message); }

  std::string_view resource_message;
  Repeated<ScopeItemsView> scopes;
  std::string_view schema_url;
};

struct SpanEventView {
  explicit SpanEventView(std::string_view message);
  uint64_t time_unix_nano = 0;
  std::string_view name;
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
};

struct SpanLinkView {
  explicit SpanLinkView(std::string_view message);
  std::string_view trace_id;  // 0 or 16 bytes
  std::string_view span_id;   // 0 or 8 bytes
  std::string_view trace_state;
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
  uint32_t flags = 0;
};

struct SpanStatusView {
  SpanStatusView() = default;
  explicit SpanStatusView(std::string_view status_message);
  std::string_view message;
  int32_t code = 0;  // 0 unset, 1 ok, 2 error
};

struct SpanView {
  explicit SpanView(std::string_view message);
  SpanStatusView status() const { return SpanStatusView(status_message); }

  std::string_view trace_id;        // 0 or 16 bytes
  std::string_view span_id;         // 0 or 8 bytes
  std::string_view parent_span_id;  // 0 or 8 bytes
  std::string_view trace_state;
  std::string_view name;
  int32_t kind = 0;
  uint32_t flags = 0;
  uint64_t start_time_unix_nano = 0;
  uint64_t end_time_unix_nano = 0;
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
  Repeated<SpanEventView> events;
  uint32_t dropped_events_count = 0;
  Repeated<SpanLinkView> links;
  uint32_t dropped_links_count = 0;
  std::string_view status_message;
  bool has_status = false;
};

struct LogRecordView {
  explicit LogRecordView(std::string_view message);
  AnyValueView body() const { return AnyValueView(body_message); }

  uint64_t time_unix_nano = 0;
  uint64_t observed_time_unix_nano = 0;
  int32_t severity_number = 0;
  uint32_t flags = 0;
  std::string_view severity_text;
  std::string_view body_message;  // an AnyValue
  bool has_body = false;
  Attributes attributes;
  uint32_t dropped_attributes_count = 0;
  std::string_view trace_id;  // 0 or 16 bytes
  std::string_view span_id;   // 0 or 8 bytes
  std::string_view event_name;
};

template <typename T, Packing kPacking>
template <typename Visit>
void Numbers<T, kPacking>::ForEach(Visit&& visit) const {
  for (WireReader in(range_); in.Next();) {
    if (in.number() != number_) continue;
    if (in.type() != WireType::kBytes) {
      visit(std::bit_cast<T>(in.value()));
      continue;
    }
    const auto* p = reinterpret_cast<const uint8_t*>(in.bytes().data());
    const uint8_t* end = p + in.bytes().size();
    if constexpr (kPacking == Packing::kFixed64) {
      for (; end - p >= 8; p += 8) visit(LoadLittle<T>(p));
    } else {
      for (uint64_t value; p != end && (p = ReadVarint(p, end, &value)) != nullptr;) visit(value);
    }
  }
}

}  // namespace weir::model
