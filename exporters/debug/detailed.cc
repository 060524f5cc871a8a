#include <array>
#include <span>

#include "exporters/debug/lines.h"
#include "exporters/debug/text.h"

namespace weir::exporters::debug {
namespace {

using model::Signal;

constexpr std::array<std::string_view, 25> kSeverities = {
    "Unspecified", "Trace",  "Trace2", "Trace3", "Trace4", "Debug",  "Debug2", "Debug3", "Debug4",
    "Info",        "Info2",  "Info3",  "Info4",  "Warn",   "Warn2",  "Warn3",  "Warn4",  "Error",
    "Error2",      "Error3", "Error4", "Fatal",  "Fatal2", "Fatal3", "Fatal4"};
constexpr std::array<std::string_view, 6> kSpanKinds = {"Unspecified", "Internal", "Server",
                                                        "Client",      "Producer", "Consumer"};
constexpr std::array<std::string_view, 3> kStatusCodes = {"Unset", "Ok", "Error"};
constexpr std::array<std::string_view, 3> kTemporalities = {"Unspecified", "Delta", "Cumulative"};

std::string_view NameOf(std::span<const std::string_view> names, int32_t number) {
  const auto index = static_cast<size_t>(number);
  return number >= 0 && index < names.size() ? names[index] : std::string_view();
}

void AddEvents(const model::SpanView& span, Lines& lines) {
  if (!span.events.empty()) lines.Add("Events:");
  size_t index = 0;
  for (const model::SpanEventView event : span.events) {
    lines.Add("SpanEvent #", index++);
    lines.Add("     -> Name: ", event.name);
    lines.Add("     -> Timestamp: ", Time{event.time_unix_nano});
    lines.Add("     -> DroppedAttributesCount: ", event.dropped_attributes_count);
    lines.AddAttributes("-> Attributes:", event.attributes, "     ");
  }
}

void AddLinks(const model::SpanView& span, Lines& lines) {
  if (!span.links.empty()) lines.Add("Links:");
  size_t index = 0;
  for (const model::SpanLinkView link : span.links) {
    lines.Add("SpanLink #", index++);
    lines.Add("     -> Trace ID: ", Id{link.trace_id});
    lines.Add("     -> ID: ", Id{link.span_id});
    lines.Add("     -> TraceState: ", link.trace_state);
    lines.Add("     -> DroppedAttributesCount: ", link.dropped_attributes_count);
    lines.AddAttributes("-> Attributes:", link.attributes, "     ");
  }
}

void AddSpan(const model::SpanView& span, Lines& lines) {
  lines.Add("    Trace ID       : ", Id{span.trace_id});
  lines.Add("    Parent ID      : ", Id{span.parent_span_id});
  lines.Add("    ID             : ", Id{span.span_id});
  lines.Add("    Name           : ", span.name);
  lines.Add("    Kind           : ", NameOf(kSpanKinds, span.kind));
  if (!span.trace_state.empty()) lines.Add("    TraceState     : ", span.trace_state);
  lines.Add("    Start time     : ", Time{span.start_time_unix_nano});
  lines.Add("    End time       : ", Time{span.end_time_unix_nano});
  const model::SpanStatusView status = span.status();
  lines.Add("    Status code    : ", NameOf(kStatusCodes, status.code));
  lines.Add("    Status message : ", status.message);
  lines.Add("    DroppedAttributesCount: ", span.dropped_attributes_count);
  lines.Add("    DroppedEventsCount: ", span.dropped_events_count);
  lines.Add("    DroppedLinksCount: ", span.dropped_links_count);
  lines.AddAttributes("Attributes", span.attributes);
  AddEvents(span, lines);
  AddLinks(span, lines);
}

void AddLogRecord(const model::LogRecordView& record, Lines& lines) {
  lines.Add("ObservedTimestamp: ", Time{record.observed_time_unix_nano});
  lines.Add("Timestamp: ", Time{record.time_unix_nano});
  lines.Add("SeverityText: ", record.severity_text);
  lines.Add("SeverityNumber: ", NameOf(kSeverities, record.severity_number), "(",
            record.severity_number, ")");
  if (!record.event_name.empty()) lines.Add("EventName: ", record.event_name);
  lines.Add("Body: ", record.body());
  lines.AddAttributes("Attributes", record.attributes);
  lines.Add("Trace ID: ", Id{record.trace_id});
  lines.Add("Span ID: ", Id{record.span_id});
  lines.Add("Flags: ", record.flags);
}

// The words of a signal in headings.
struct Headings {
  std::string_view resource, scope, item;
};
constexpr std::array<Headings, model::kSignalCount> kHeadings = {{
    {"ResourceSpans #", "ScopeSpans", "Span #"},
    {"ResourceMetrics #", "ScopeMetrics", "Metric #"},
    {"ResourceLog #", "ScopeLogs", "LogRecord #"},
}};

void AddItem(Signal signal, std::string_view message, Lines& lines) {
  switch (signal) {
    case Signal::kTraces:
      return AddSpan(model::SpanView(message), lines);
    case Signal::kMetrics:
      return AddMetric(model::MetricView(message), lines);
    case Signal::kLogs:
      return AddLogRecord(model::LogRecordView(message), lines);
  }
}

void AddResource(Signal signal, const model::ResourceItemsView& items, Lines& lines) {
  const Headings& headings = kHeadings[model::SignalIndex(signal)];
  const model::ResourceView resource = items.resource();
  lines.Add("Resource SchemaURL: ", items.schema_url);
  lines.AddAttributes("Resource attributes", resource.attributes);
  lines.AddEntityRefs(resource);
  size_t scope_index = 0;
  for (const model::ScopeItemsView scope : items.scopes) {
    lines.Add(headings.scope, " #", scope_index++);
    lines.Add(headings.scope, " SchemaURL: ", scope.schema_url);
    lines.AddScope(scope.scope());
    size_t item_index = 0;
    for (const model::BytesView item : scope.items) {
      lines.Add(headings.item, item_index++);
      AddItem(signal, item.bytes, lines);
    }
  }
}

}  // namespace

std::string_view TemporalityName(int32_t temporality) {
  return NameOf(kTemporalities, temporality);
}

void Lines::AddAttributes(std::string_view header, const model::Attributes& attributes,
                          std::string_view indent) {
  if (!attributes.empty()) Add(indent, header, ":");
  for (const model::KeyValueView attribute : attributes) {
    Add(indent, "     -> ", attribute.key, ": ", attribute.value());
  }
}

void Lines::AddScope(const model::ScopeView& scope) {
  Add("InstrumentationScope ", scope.name, " ", scope.version);
  AddAttributes("InstrumentationScope attributes", scope.attributes);
}

void Lines::AddEntityRefs(const model::ResourceView& resource) {
  if (!resource.entity_refs.empty()) Add("Resource entity refs:");
  size_t index = 0;
  for (const model::EntityRefView entity : resource.entity_refs) {
    Add("     -> Entity ref #", index++, ":");
    Add("          -> Type: ", entity.type);
    if (!entity.schema_url.empty()) Add("          -> Schema URL: ", entity.schema_url);
    const auto add_keys = [this](std::string_view heading, const auto& keys) {
      if (!keys.empty()) Add("          -> ", heading);
      for (const model::BytesView key : keys) Add("               -> ", key.bytes);
    };
    add_keys("ID keys:", entity.id_keys);
    add_keys("Description keys:", entity.description_keys);
  }
}

Counts CountContents(const model::Batch& batch) {
  Counts counts{.resources = batch.resource_count(), .items = batch.items()};
  if (batch.signal() != Signal::kMetrics) return counts;
  batch.ForEachResource([&](std::string_view message, uint32_t, const Slice&) {
    for (const model::ScopeItemsView scope : model::ResourceItemsView(message).scopes) {
      counts.metrics += scope.items.size();
    }
  });
  return counts;
}

std::string DetailedText(const model::Batch& batch) {
  Lines lines;
  size_t index = 0;
  batch.ForEachResource([&](std::string_view message, uint32_t, const Slice&) {
    lines.Add(kHeadings[model::SignalIndex(batch.signal())].resource, index++);
    AddResource(batch.signal(), model::ResourceItemsView(message), lines);
  });
  return std::move(lines).Take();
}

}  // namespace weir::exporters::debug
