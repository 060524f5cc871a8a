// Where a component sends: the joint between two nodes of the graph.
//
//   component ──► Outlet ──► next node (a processor, a fan-out, an exporter)
//
// It counts what passes and what came back (the conservation counters of one edge, shown by
// /debug/ledger), and it can be pointed at another node while batches flow, which is how a reload
// replaces what is behind a component that stays. A batch that entered before keeps its old way
// alive until it is answered, and Connect tells when nobody is entering it any more.
//
// Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/metrics.h"
#include "base/mutex.h"
#include "model/signal.h"
#include "pipeline/consumer.h"

namespace weir::pipeline {

// items = answered OK + returned to the sender (refused or rejected) + in flight, at every moment
// when no call is between counters.
struct EdgeCounters {
  std::atomic<uint64_t> items{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<uint64_t> accepted_items{0};  // answered OK
  std::atomic<uint64_t> refused_items{0};   // given back, may be sent again
  std::atomic<uint64_t> rejected_items{0};  // given back for good

  uint64_t in_flight_items() const {
    return items.load() - accepted_items.load() - refused_items.load() - rejected_items.load();
  }
};

class Outlet : public Consumer {
 public:
  // `name` is what the ledger shows: "receiver/otlp", "processor/batch in traces".
  Outlet(std::string name, model::Signal signal) : name_(std::move(name)), signal_(signal) {}

  // Sends to `target` from now on. `left` is called once, on whichever thread, when the last call
  // into the former target has returned; what was given to it may still wait for its answer.
  void Connect(std::shared_ptr<Consumer> target, UniqueFunction<void()> left = {});

  void Consume(model::Batch batch, const Context& context, Done done) override;
  Status Reserve(const BatchSize& size, Reservations& reservations) override;

  const std::string& name() const { return name_; }
  model::Signal signal() const { return signal_; }
  const EdgeCounters& counters() const { return counters_; }

 private:
  // A target, and who is entering it: each call holds the way until it returns, its answer holds
  // only the consumer.
  struct Way {
    explicit Way(std::shared_ptr<Consumer> target) : consumer(std::move(target)) {}
    ~Way();
    const std::shared_ptr<Consumer> consumer;
    UniqueFunction<void()> left;
  };

  const std::string name_;
  const model::Signal signal_;
  EdgeCounters counters_;
  std::shared_ptr<Way> CurrentWay() const EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return way_;
  }

  // Held for the copy of a pointer. std::atomic<std::shared_ptr> is a lock as well, and libstdc++
  // 12's gives it up with too weak an order for processors that reorder loads.
  mutable Mutex mutex_;
  std::shared_ptr<Way> way_ GUARDED_BY(mutex_);
};

}  // namespace weir::pipeline
