// Components for tests of the graph: they do what a test's table says and write down what happens
// to them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/byte_budget.h"
#include "base/config/problems.h"
#include "base/mutex.h"
#include "pipeline/graph.h"
#include "pipeline/registry.h"
#include "tests/support/captured_log.h"
#include "tests/support/manual_executor.h"

namespace weir::tests {

// What happened, in order: "start otlp", "stop debug logs". Thread-safe.
class Events {
 public:
  void Add(std::string event) {
    MutexLock lock(mutex_);
    events_.push_back(std::move(event));
  }
  std::vector<std::string> Take() {
    MutexLock lock(mutex_);
    return std::exchange(events_, {});
  }

 private:
  Mutex mutex_;
  std::vector<std::string> events_ GUARDED_BY(mutex_);
};

// A program around a graph, with components of these types:
//
//   receiver  in        sends what the test gives it (Send); all signals, one instance
//   receiver  traces    the same, traces only
//   processor pass      passes on, writes "seen" down; `hold` keeps batches until told (Flush)
//   processor hold
//   exporter  out       keeps what it gets; answers as the test says
//   connector join      same signal to same signal
//   connector count     anything to metrics
class FakeProgram final : public pipeline::Host {
 public:
  FakeProgram();
  ~FakeProgram() override;

  // The components of `yaml`-like text: one "kind type[/name] [raw]" a line, pipelines as
  // "pipeline id receivers > processors > exporters", lists separated by spaces.
  pipeline::GraphSpec Spec(const std::string& text) const;
  std::unique_ptr<pipeline::Graph> Build(const std::string& text,
                                         const pipeline::Graph* running = nullptr);

  // Answered by Done: the status, or nothing yet.
  struct Answer {
    bool given = false;
    Status status;
  };
  // Lets the receiver `id` send `items` records of `signal`.
  std::shared_ptr<Answer> Send(const std::string& id, model::Signal signal, size_t items = 1);

  pipeline::Component* FindExtension(const pipeline::ComponentId& id) override;
  void ReportState(const pipeline::Component& component, pipeline::ComponentState state,
                   const Status& error) override;

  // What the test sets.
  std::set<std::string> fails_to_start;   // ids
  std::set<std::string> fails_to_create;  // ids
  std::map<std::string, Status> answers;  // of exporters, by id; OK when absent
  std::set<std::string> asks_extension;   // ids that ask for the extension "ext" at start
  std::set<std::string> uses_storage;     // exporters that open a storage nobody else may have open
  // What happened.
  Events events;
  std::map<std::string, size_t> delivered;  // items by exporter id
  std::vector<std::string> errors;          // of the last Build
  size_t created = 0;
  size_t fatal_errors = 0;
  Status start_status;

  std::shared_ptr<CapturedLog> log = std::make_shared<CapturedLog>();
  MetricStore metrics;
  pipeline::Ledger ledger{&metrics};
  ManualExecutor executor;
  ByteBudget memory{1 << 20};
  pipeline::BuildInfo build;

  class FakeReceiver;
  class FakeProcessor;
  class FakeExporter;
  class FakeConnector;
  class FakeStorage;
  void CountDelivered(const std::string& id, size_t items);

 private:
  friend class FakeReceiver;
  void Register();

  pipeline::Registry registry_;
  std::unique_ptr<pipeline::Component> storage_;
  std::set<std::string> open_storages_;
  Mutex mutex_;
  std::map<std::string, FakeReceiver*> receivers_ GUARDED_BY(mutex_);
};

// A batch of `items` records in one resource.
model::Batch MakeBatch(model::Signal signal, size_t items);

}  // namespace weir::tests
