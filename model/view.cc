#include "model/view.h"

#include "model/fields.h"

namespace weir::model {

template <typename T, Packing kPacking>
void Numbers<T, kPacking>::Add(const WireReader& in) {
  const std::string_view field = in.field();
  if (range_.empty()) {
    range_ = field;
    number_ = in.number();
  } else {
    range_ = {range_.data(), static_cast<size_t>(field.data() + field.size() - range_.data())};
  }
}

template <typename T, Packing kPacking>
size_t Numbers<T, kPacking>::size() const {
  size_t count = 0;
  ForEach([&count](T) { ++count; });
  return count;
}

template class Numbers<uint64_t, Packing::kFixed64>;
template class Numbers<uint64_t, Packing::kVarint>;
template class Numbers<double, Packing::kFixed64>;

AnyValueView::AnyValueView(std::string_view any_value) : message(any_value) {
  using F = fields::AnyValue;
  for (WireReader in(any_value); in.Next();) {
    switch (in.tag()) {
      case BytesTag(F::kString):
        kind = ValueKind::kString;
        bytes = in.bytes();
        break;
      case VarintTag(F::kBool):
        kind = ValueKind::kBool;
        int_value = in.Bool() ? 1 : 0;
        break;
      case VarintTag(F::kInt):
        kind = ValueKind::kInt;
        int_value = in.Int64();
        break;
      case Fixed64Tag(F::kDouble):
        kind = ValueKind::kDouble;
        double_value = in.Double();
        break;
      case BytesTag(F::kArray):
        kind = ValueKind::kArray;
        bytes = in.bytes();
        break;
      case BytesTag(F::kKvlist):
        kind = ValueKind::kKvlist;
        bytes = in.bytes();
        break;
      case BytesTag(F::kBytes):
        kind = ValueKind::kBytes;
        bytes = in.bytes();
        break;
    }
  }
}

namespace {

template <typename View>
Repeated<View> ValuesOf(std::string_view list) {
  Repeated<View> values;
  for (WireReader in(list); in.Next();) {
    if (in.tag() == BytesTag(fields::Values::kValues)) values.Add(in);
  }
  return values;
}

}  // namespace

Repeated<AnyValueView> AnyValueView::array() const {
  return kind == ValueKind::kArray ? ValuesOf<AnyValueView>(bytes) : Repeated<AnyValueView>();
}

Repeated<KeyValueView> AnyValueView::kvlist() const {
  return kind == ValueKind::kKvlist ? ValuesOf<KeyValueView>(bytes) : Repeated<KeyValueView>();
}

void KeyValueView::ReadFields() {
  using F = fields::KeyValue;
  for (WireReader in(message); in.Next();) {
    if (in.tag() == BytesTag(F::kKey)) key = in.bytes();
    if (in.tag() == BytesTag(F::kValue)) value_message = in.bytes();
  }
}

std::optional<AnyValueView> Find(const Attributes& attributes, std::string_view key) {
  for (const KeyValueView entry : attributes) {
    if (entry.key == key) return entry.value();
  }
  return std::nullopt;
}

EntityRefView::EntityRefView(std::string_view message) {
  using F = fields::EntityRef;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case BytesTag(F::kSchemaUrl):
        schema_url = in.bytes();
        break;
      case BytesTag(F::kType):
        type = in.bytes();
        break;
      case BytesTag(F::kIdKeys):
        id_keys.Add(in);
        break;
      case BytesTag(F::kDescriptionKeys):
        description_keys.Add(in);
        break;
    }
  }
}

ResourceView::ResourceView(std::string_view message) {
  using F = fields::Resource;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case BytesTag(F::kAttributes):
        attributes.Add(in);
        break;
      case VarintTag(F::kDroppedAttributesCount):
        dropped_attributes_count = in.Uint32();
        break;
      case BytesTag(F::kEntityRefs):
        entity_refs.Add(in);
        break;
    }
  }
}

ScopeView::ScopeView(std::string_view message) {
  using F = fields::Scope;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case BytesTag(F::kName):
        name = in.bytes();
        break;
      case BytesTag(F::kVersion):
        version = in.bytes();
        break;
      case BytesTag(F::kAttributes):
        attributes.Add(in);
        break;
      case VarintTag(F::kDroppedAttributesCount):
        dropped_attributes_count = in.Uint32();
        break;
    }
  }
}

ScopeItemsView::ScopeItemsView(std::string_view message) {
  using F = fields::ScopeItems;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case BytesTag(F::kScope):
        scope_message = in.bytes();
        break;
      case BytesTag(F::kItems):
        items.Add(in);
        break;
      case BytesTag(F::kSchemaUrl):
        schema_url = in.bytes();
        break;
    }
  }
}

ResourceItemsView::ResourceItemsView(std::string_view message) {
  using F = fields::ResourceItems;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case BytesTag(F::kResource):
        resource_message = in.bytes();
        break;
      case BytesTag(F::kScopes):
        scopes.Add(in);
        break;
      case BytesTag(F::kSchemaUrl):
        schema_url = in.bytes();
        break;
    }
  }
}

SpanEventView::SpanEventView(std::string_view message) {
  using F = fields::SpanEvent;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case Fixed64Tag(F::kTime):
        time_unix_nano = in.value();
        break;
      case BytesTag(F::kName):
        name = in.bytes();
        break;
      case BytesTag(F::kAttributes):
        attributes.Add(in);
        break;
      case VarintTag(F::kDroppedAttributesCount):
        dropped_attributes_count = in.Uint32();
        break;
    }
  }
}

SpanLinkView::SpanLinkView(std::string_view message) {
  using F = fields::SpanLink;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case BytesTag(F::kTraceId):
        trace_id = in.bytes();
        break;
      case BytesTag(F::kSpanId):
        span_id = in.bytes();
        break;
      case BytesTag(F::kTraceState):
        trace_state = in.bytes();
        break;
      case BytesTag(F::kAttributes):
        attributes.Add(in);
        break;
      case VarintTag(F::kDroppedAttributesCount):
        dropped_attributes_count = in.Uint32();
        break;
      case Fixed32Tag(F::kFlags):
        flags = in.Uint32();
        break;
    }
  }
}

SpanStatusView::SpanStatusView(std::string_view status_message) {
  using F = fields::SpanStatus;
  for (WireReader in(status_message); in.Next();) {
    if (in.tag() == BytesTag(F::kMessage)) message = in.bytes();
    if (in.tag() == VarintTag(F::kCode)) code = in.Int32();
  }
}

SpanView::SpanView(std::string_view message) {
  using F = fields::Span;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case BytesTag(F::kTraceId):
        trace_id = in.bytes();
        break;
      case BytesTag(F::kSpanId):
        span_id = in.bytes();
        break;
      case BytesTag(F::kTraceState):
        trace_state = in.bytes();
        break;
      case BytesTag(F::kParentSpanId):
        parent_span_id = in.bytes();
        break;
      case BytesTag(F::kName):
        name = in.bytes();
        break;
      case VarintTag(F::kKind):
        kind = in.Int32();
        break;
      case Fixed64Tag(F::kStartTime):
        start_time_unix_nano = in.value();
        break;
      case Fixed64Tag(F::kEndTime):
        end_time_unix_nano = in.value();
        break;
      case BytesTag(F::kAttributes):
        attributes.Add(in);
        break;
      case VarintTag(F::kDroppedAttributesCount):
        dropped_attributes_count = in.Uint32();
        break;
      case BytesTag(F::kEvents):
        events.Add(in);
        break;
      case VarintTag(F::kDroppedEventsCount):
        dropped_events_count = in.Uint32();
        break;
      case BytesTag(F::kLinks):
        links.Add(in);
        break;
      case VarintTag(F::kDroppedLinksCount):
        dropped_links_count = in.Uint32();
        break;
      case BytesTag(F::kStatus):
        status_message = in.bytes();
        has_status = true;
        break;
      case Fixed32Tag(F::kFlags):
        flags = in.Uint32();
        break;
    }
  }
}

LogRecordView::LogRecordView(std::string_view message) {
  using F = fields::LogRecord;
  for (WireReader in(message); in.Next();) {
    switch (in.tag()) {
      case Fixed64Tag(F::kTime):
        time_unix_nano = in.value();
        break;
      case Fixed64Tag(F::kObservedTime):
        observed_time_unix_nano = in.value();
        break;
      case VarintTag(F::kSeverityNumber):
        severity_number = in.Int32();
        break;
      case BytesTag(F::kSeverityText):
        severity_text = in.bytes();
        break;
      case BytesTag(F::kBody):
        body_message = in.bytes();
        has_body = true;
        break;
      case BytesTag(F::kAttributes):
        attributes.Add(in);
        break;
      case VarintTag(F::kDroppedAttributesCount):
        dropped_attributes_count = in.Uint32();
        break;
      case Fixed32Tag(F::kFlags):
        flags = in.Uint32();
        break;
      case BytesTag(F::kTraceId):
        trace_id = in.bytes();
        break;
      case BytesTag(F::kSpanId):
        span_id = in.bytes();
        break;
      case BytesTag(F::kEventName):
        event_name = in.bytes();
        break;
    }
  }
}

}  // namespace weir::model
