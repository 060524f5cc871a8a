#include "pipeline/ledger.h"

#include <algorithm>
#include <utility>

namespace weir::pipeline {
namespace {

const std::string* FindLabel(const MetricLabels& labels, std::string_view name) {
  for (const auto& [label, value] : labels) {
    if (label == name) return &value;
  }
  return nullptr;
}

bool HasLabel(const MetricLabels& labels, std::string_view name, std::string_view value) {
  const std::string* found = FindLabel(labels, name);
  return found != nullptr && *found == value;
}

// Ids may hold any letter, reasons are literals.
std::string Quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) {
      quoted += c;
      continue;
    }
    quoted += "\\u00";
    quoted += kHex[static_cast<unsigned char>(c) >> 4];
    quoted += kHex[static_cast<unsigned char>(c) & 15];
  }
  return quoted + '"';
}

// Members of a JSON object, in order.
class Members {
 public:
  Members& Text(std::string_view key, std::string_view value) { return Raw(key, Quoted(value)); }
  template <typename Number>
  Members& Of(std::string_view key, Number value) {
    return Raw(key, std::to_string(value));
  }
  Members& Raw(std::string_view key, const std::string& json) {
    text_ += (text_.empty() ? "{" : ",") + Quoted(key) + ":" + json;
    return *this;
  }
  std::string Take() { return (text_.empty() ? "{" : std::exchange(text_, {})) + "}"; }

 private:
  std::string text_;
};

template <typename Rows, typename Render>
std::string List(const Rows& rows, Render render) {
  std::string text;
  for (const auto& row : rows) text += (text.empty() ? "\n  " : ",\n  ") + render(row);
  return "[" + text + "]";
}

}  // namespace

Ledger::Edge::~Edge() {
  if (ledger_ == nullptr) return;
  MutexLock lock(ledger_->mutex_);
  const auto open = ledger_->open_.find(id_);
  ledger_->closed_[open->second.key].Add(CountsOf(open->second.outlet->counters()));
  ledger_->open_.erase(open);
}

void Ledger::Counts::Add(const Counts& other) {
  items += other.items;
  bytes += other.bytes;
  accepted += other.accepted;
  refused += other.refused;
  rejected += other.rejected;
  in_flight += other.in_flight;
}

// The outcomes are read before the items: what passes in between shows as in flight, never as
// answered before it came.
Ledger::Counts Ledger::CountsOf(const EdgeCounters& counters) {
  Counts counts;
  counts.accepted = counters.accepted_items.load();
  counts.refused = counters.refused_items.load();
  counts.rejected = counters.rejected_items.load();
  counts.items = counters.items.load();
  counts.bytes = counters.bytes.load();
  const uint64_t answered = counts.accepted + counts.refused + counts.rejected;
  counts.in_flight = counts.items - std::min(counts.items, answered);
  return counts;
}

Ledger::EdgeKey Ledger::KeyOf(const Component& component, Side side, const Outlet& outlet) {
  const model::Signal takes =
      component.kind == ComponentKind::kReceiver ? outlet.signal() : component.signal;
  return {component.kind, component.id, component.name, side, takes, outlet.signal()};
}

Ledger::Edge Ledger::Add(const Component& component, Side side, const Outlet& outlet) {
  MutexLock lock(mutex_);
  const uint64_t id = next_id_++;
  open_[id] = {KeyOf(component, side, outlet), &outlet};
  return {this, id};
}

std::map<Ledger::EdgeKey, Ledger::Counts> Ledger::AllEdges() const {
  MutexLock lock(mutex_);
  std::map<EdgeKey, Counts> edges = closed_;
  for (const auto& [id, open] : open_) edges[open.key].Add(CountsOf(open.outlet->counters()));
  return edges;
}

Ledger::Snapshot Ledger::Take() const {
  Snapshot snapshot;
  std::map<std::tuple<ComponentKind, std::string, model::Signal>, ComponentRow> components;
  for (const auto& [key, counts] : AllEdges()) {
    const auto& [kind, id, name, side, takes, signal] = key;
    snapshot.edges.push_back({name, side, signal, counts});
    ComponentRow& row = components[{kind, id, takes}];
    row.kind = kind;
    row.id = id;
    row.signal = takes;
    (side == Side::kIn ? row.in : row.out) += counts.accepted;
    const int64_t accepted = static_cast<int64_t>(counts.accepted);
    snapshot.total.copied += side == Side::kIn ? accepted : -accepted;
    if (kind != ComponentKind::kReceiver) continue;
    snapshot.total.received += counts.accepted;
    snapshot.total.in_flight += counts.in_flight;
  }
  for (auto& [key, row] : components) {
    CloseRow(row);
    if (row.kind == ComponentKind::kExporter) snapshot.total.delivered += row.out;
    for (const auto& [reason, items] : row.dropped) snapshot.total.dropped += items;
    if (row.kind != ComponentKind::kReceiver) snapshot.total.held += row.held;
    snapshot.components.push_back(std::move(row));
  }
  return snapshot;
}

// Adds what the component's own metrics tell.
void Ledger::CloseRow(ComponentRow& row) const {
  if (row.kind == ComponentKind::kReceiver) return;
  if (row.kind == ComponentKind::kExporter) row.out = row.in;  // unless it counts what it sent
  if (metrics_ != nullptr && row.kind == ComponentKind::kExporter) {
    const std::string sent = "otelcol_exporter_sent_" + std::string(ItemName(row.signal));
    bool counts = false;
    uint64_t items = 0;
    for (const MetricStore::Sample& sample : metrics_->LifetimeCounters(sent)) {
      if (!HasLabel(sample.labels, "exporter", row.id)) continue;
      counts = true;
      items += static_cast<uint64_t>(sample.value);
    }
    if (counts) row.out = items;
  }
  uint64_t dropped = 0;
  if (metrics_ != nullptr) {
    for (const MetricStore::Sample& sample : metrics_->LifetimeCounters("weir_dropped_items")) {
      if (!HasLabel(sample.labels, "kind", KindName(row.kind)) ||
          !HasLabel(sample.labels, "id", row.id) ||
          !HasLabel(sample.labels, "signal", SignalName(row.signal)))
        continue;
      const std::string* reason = FindLabel(sample.labels, "reason");
      row.dropped[reason ? *reason : std::string()] += static_cast<uint64_t>(sample.value);
      dropped += static_cast<uint64_t>(sample.value);
    }
  }
  row.held = static_cast<int64_t>(row.in) - static_cast<int64_t>(row.out + dropped);
}

std::string Ledger::ToJson() const {
  const Snapshot snapshot = Take();
  const auto edge = [](const EdgeRow& row) {
    return Members()
        .Text("component", row.component)
        .Text("side", row.side == Side::kIn ? "in" : "out")
        .Text("signal", SignalName(row.signal))
        .Of("items", row.counts.items)
        .Of("bytes", row.counts.bytes)
        .Of("accepted", row.counts.accepted)
        .Of("refused", row.counts.refused)
        .Of("rejected", row.counts.rejected)
        .Of("in_flight", row.counts.in_flight)
        .Take();
  };
  const auto component = [](const ComponentRow& row) {
    Members dropped;
    for (const auto& [reason, items] : row.dropped) dropped.Of(reason, items);
    return Members()
        .Text("kind", KindName(row.kind))
        .Text("id", row.id)
        .Text("signal", SignalName(row.signal))
        .Of("in", row.in)
        .Of("out", row.out)
        .Raw("dropped", dropped.Take())
        .Of("held", row.held)
        .Take();
  };
  const TotalRow& total = snapshot.total;
  const std::string totals = Members()
                                 .Of("received", total.received)
                                 .Of("copied", total.copied)
                                 .Of("delivered", total.delivered)
                                 .Of("dropped", total.dropped)
                                 .Of("held", total.held)
                                 .Of("in_flight", total.in_flight)
                                 .Take();
  return Members()
             .Raw("edges", List(snapshot.edges, edge))
             .Raw("components", List(snapshot.components, component))
             .Raw("total", totals)
             .Take() +
         "\n";
}

}  // namespace weir::pipeline
