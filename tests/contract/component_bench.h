// One component of the real registry with doubles around it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_budget.h"
#include "base/config/problems.h"
#include "base/config/value.h"
#include "base/executor.h"
#include "base/metric_store.h"
#include "base/mutex.h"
#include "pipeline/component.h"
#include "pipeline/registry.h"
#include "tests/support/captured_log.h"

namespace weir::tests {

struct ComponentName {
  pipeline::ComponentKind kind;
  std::string type;
  std::string folder() const;  // "receivers/otlp"
};

// What this program has.
const pipeline::Registry& AllComponents();
std::vector<ComponentName> ComponentsOfKinds(const std::vector<pipeline::ComponentKind>& kinds);

// The first example of a component's README, its own section only, by id; places that belong to an
// installation (ports, folders of the system) replaced by ones a test may use.
std::vector<std::pair<std::string, config::Value>> ReadmeExamples(const ComponentName& name,
                                                                  const std::string& scratch);

// A batch with two records of a real shape, one resource.
model::Batch RealBatch(model::Signal signal);

// A consumer behind the component: counts, answers as it is told. Thread-safe.
class Sink final : public pipeline::Consumer {
 public:
  void Consume(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override;
  void AnswerWith(Status status);
  size_t items() const;
  size_t accepted() const;

 private:
  mutable Mutex mutex_;
  Status answer_ GUARDED_BY(mutex_);
  size_t items_ GUARDED_BY(mutex_) = 0;
  size_t accepted_ GUARDED_BY(mutex_) = 0;
};

// Waits for one answer and refuses a second.
class Answer {
 public:
  pipeline::Done MakeDone();
  // The answer; nothing when it did not come.
  std::optional<Status> Wait();

 private:
  struct State {
    Mutex mutex;
    CondVar given;
    std::optional<Status> status GUARDED_BY(mutex);
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

class ComponentBench final : public pipeline::Host {
 public:
  explicit ComponentBench(const ComponentName& name) : name_(name) {}
  // Decodes and validates `section`; what is wrong is in problems().
  std::unique_ptr<pipeline::ComponentConfig> Configure(const config::Value& section);
  const config::Problems& problems() const { return problems_; }

  // Creates it for `signal` (of connectors the first pair that begins with it). Null with the
  // reason in `failure`; null without one when the component does not take the signal.
  std::unique_ptr<pipeline::Component> Create(const pipeline::ComponentConfig& config,
                                              model::Signal signal, std::string* failure);

  pipeline::Component* FindExtension(const pipeline::ComponentId&) override { return nullptr; }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}

  // Items that everything created here has dropped.
  double dropped() const {
    double items = 0;
    for (const auto& sample : metrics.LifetimeCounters("weir_dropped_items")) items += sample.value;
    return items;
  }

  MetricStore metrics{MetricLevel::kDetailed};
  std::shared_ptr<CapturedLog> log = std::make_shared<CapturedLog>();
  ByteBudget memory{64 << 20};
  ThreadPool executor{"contract", 2};
  pipeline::BuildInfo build;
  Sink sink;

 private:
  const ComponentName name_;
  config::Problems problems_;
};

}  // namespace weir::tests
