// The books of the stream: what went over every edge of the graph, and where it is now. Its JSON is
// the page /debug/ledger; docs/formats/ledger.md describes it and what must balance.
//
// Every joint of the graph is entered while it exists; what it counted stays in the books when a
// reload removes it. Thread-safe. Outlives every edge entered.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/metric_store.h"
#include "base/mutex.h"
#include "model/signal.h"
#include "pipeline/component_id.h"
#include "pipeline/outlet.h"

namespace weir::pipeline {

class Ledger {
 public:
  // Into the component, or out of it.
  enum class Side : uint8_t { kIn, kOut };
  struct Component {
    std::string name;  // "processor/batch in traces"
    ComponentKind kind;
    std::string id;
    model::Signal signal;  // what it takes; of receivers meaningless
  };
  // An entry in the books; the counts stay when it goes. Move-only; the outlet outlives it.
  class Edge {
   public:
    Edge(Edge&& other) noexcept : ledger_(std::exchange(other.ledger_, nullptr)), id_(other.id_) {}
    Edge& operator=(Edge&&) = delete;
    ~Edge();

   private:
    friend class Ledger;
    Edge(Ledger* ledger, uint64_t id) : ledger_(ledger), id_(id) {}
    Ledger* ledger_;
    uint64_t id_;
  };

  // `metrics` has what components dropped and exporters sent; may be null. It outlives the ledger.
  explicit Ledger(const MetricStore* metrics) : metrics_(metrics) {}

  Edge Add(const Component& component, Side side, const Outlet& outlet);

  struct Counts {
    uint64_t items = 0;
    uint64_t bytes = 0;
    uint64_t accepted = 0;   // items answered OK
    uint64_t refused = 0;    // given back, may come again
    uint64_t rejected = 0;   // given back for good
    uint64_t in_flight = 0;  // not answered yet
    void Add(const Counts& other);
  };
  struct EdgeRow {
    std::string component;
    Side side = Side::kIn;
    model::Signal signal{};
    Counts counts;
  };
  // All components of one kind and id that take one signal: drops are not counted finer.
  struct ComponentRow {
    ComponentKind kind{};
    std::string id;
    model::Signal signal{};
    uint64_t in = 0;                          // accepted at its entries; of receivers nothing
    uint64_t out = 0;                         // accepted behind it; of exporters what was sent
    std::map<std::string, uint64_t> dropped;  // by reason
    // in - out - dropped: what it has answered for and still holds. Negative when it makes items.
    int64_t held = 0;
  };
  struct TotalRow {
    uint64_t received = 0;   // accepted at receivers
    uint64_t delivered = 0;  // out of exporters
    uint64_t dropped = 0;
    uint64_t in_flight = 0;  // at receivers
    int64_t copied = 0;      // by fan-outs: into entries more often than out of outlets
    int64_t held = 0;        // in components
  };
  struct Snapshot {
    std::vector<EdgeRow> edges;
    std::vector<ComponentRow> components;
    TotalRow total;
  };
  // Counts are read one by one while batches flow; they balance exactly when nothing moves.
  Snapshot Take() const EXCLUDES(mutex_);
  std::string ToJson() const;

 private:
  using EdgeKey = std::tuple<ComponentKind, std::string, std::string, Side, model::Signal,
                             model::Signal>;  // kind, id, name, side, of the component, of the edge
  struct Open {
    EdgeKey key;
    const Outlet* outlet;
  };
  static Counts CountsOf(const EdgeCounters& counters);
  static EdgeKey KeyOf(const Component& component, Side side, const Outlet& outlet);
  std::map<EdgeKey, Counts> AllEdges() const EXCLUDES(mutex_);
  void CloseRow(ComponentRow& row) const;

  const MetricStore* const metrics_;
  mutable Mutex mutex_;
  uint64_t next_id_ GUARDED_BY(mutex_) = 1;
  std::map<uint64_t, Open> open_ GUARDED_BY(mutex_);
  std::map<EdgeKey, Counts> closed_ GUARDED_BY(mutex_);
};

}  // namespace weir::pipeline
