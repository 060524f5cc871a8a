// What every component is, and what it is given. Reading, validating, creating and starting are
// separate steps:
//
//   Config (Fields, Validate) ─► factory.create(settings, config, ...) ─► Start(host) ─► ... ─►
//   Shutdown()
//
// Creation opens nothing and starts nothing: `weir validate` creates the whole graph. A component's
// folder holds its README, config, implementation and register.cc; see CONTRIBUTING.md, "Add a
// component in six steps".
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/byte_budget.h"
#include "base/config/fields.h"
#include "base/executor.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/status.h"
#include "model/signal.h"
#include "pipeline/component_id.h"
#include "pipeline/consumer.h"

namespace weir::pipeline {

// The Collector's component status machine.
enum class ComponentState : uint8_t {
  kNone,
  kStarting,
  kOk,
  kRecoverableError,
  kPermanentError,
  kFatalError,
  kStopping,
  kStopped
};

struct BuildInfo {
  std::string command = "weir";
  std::string description = "Weir";
  std::string version;
};

// Given to a component when it is created. All references outlive it.
struct Settings {
  ComponentId id;
  Logger logger;         // carries the component's id, kind and signal
  MetricStore* metrics;  // for MetricScope; null in tests that look at none
  Executor& executor;    // background work and timers
  ByteBudget& memory;    // telemetry bytes are charged here
  const BuildInfo& build;
};

class Component;
class ServiceView;

// What a running component may ask of the program. Thread-safe.
class Host {
 public:
  virtual ~Host() = default;
  // What runs in this program, for pages that show it (pipeline/service_view.h); null in tests.
  virtual const ServiceView* service_view() const { return nullptr; }
  // The extension with this id, or null. Roles: pipeline/extension.h.
  virtual Component* FindExtension(const ComponentId& id) = 0;
  // kFatalError stops the program.
  virtual void ReportState(const Component& component, ComponentState state,
                           const Status& error) = 0;
};

class Component {
 public:
  virtual ~Component() = default;
  // Opens and starts. On failure nothing of it runs, and Shutdown is not called. Called once.
  virtual Status Start(Host& host) = 0;
  // Stops taking, finishes what is in flight (one attempt for what waits in a memory queue),
  // closes. Blocks until then; no call into other components happens afterwards. May be called
  // twice; the second does nothing.
  virtual void Shutdown() = 0;
};

// The configuration of one component: a struct with Fields(); see base/config/fields.h.
class ComponentConfig {
 public:
  virtual ~ComponentConfig() = default;
  // Visits the struct as a whole: decode, print or validate, as `f` is.
  virtual void Visit(config::Fields& f) = 0;
};

template <config::Struct T>
class ComponentConfigOf final : public ComponentConfig {
 public:
  void Visit(config::Fields& f) override { f.Visit(value); }
  T value;
};

class Receiver : public Component {};
class Processor : public Component, public Consumer {
 public:
  // Whether a batch goes on within its Consume call, so that room reserved behind this processor
  // serves it. A processor that holds batches back (batch) says no, and sends them on with
  // Context::WithoutReservations().
  virtual bool passes_through() const { return true; }
};
class Exporter : public Component, public Consumer {};
class Connector : public Component, public Consumer {};
class Extension : public Component {};

// Where a receiver sends: one consumer per signal, null for signals without a pipeline. They
// outlive the receiver; on reload the graph behind them may change, the pointers stay.
struct ReceiverConsumers {
  Consumer* traces = nullptr;
  Consumer* metrics = nullptr;
  Consumer* logs = nullptr;
  Consumer* of(model::Signal signal) const {
    return signal == model::Signal::kTraces    ? traces
           : signal == model::Signal::kMetrics ? metrics
                                               : logs;
  }
};

}  // namespace weir::pipeline
