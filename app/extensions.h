// The extensions of one configuration, in the order in which they start.
//
// They start as `service::extensions` lists them, but an extension that asks for another while it
// starts (Host::FindExtension) gets it started first. They stop in the reverse order. At a reload
// the next set shares with the running one every extension whose configuration did not change and
// which depends on nothing that did.
//
// One owner builds, starts and stops; Find and Components are thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/config/service_config.h"
#include "pipeline/component_host.h"
#include "pipeline/component_status.h"
#include "pipeline/graph_spec.h"
#include "pipeline/service_view.h"

namespace weir::app {

class Extensions {
 public:
  // Creates what is not taken from `running` (null: everything). Failure: `failed to create
  // extension "x": ...`.
  static Result<std::unique_ptr<Extensions>> Build(
      const std::shared_ptr<const ServiceConfig>& service,
      const pipeline::GraphEnvironment& environment, const Extensions* running);

  // Starts what is new. On failure everything started by this call is shut down again; the message
  // is the extension's own.
  Status Start(pipeline::Host& host);
  // Shuts down, last started first, everything; or what `next` does not share.
  void Shutdown(const Extensions* next = nullptr);

  // Tells the watchers among those that are not shared with `other` (null: all).
  void NotifyReady(const Extensions* other = nullptr);
  void NotifyNotReady(const Extensions* other = nullptr);

  // Null when there is none. While this set starts, the thread that starts it gets the extension
  // started.
  pipeline::Component* Find(const pipeline::ComponentId& id);
  // Whether `id` is here and shared with `other`.
  bool Shares(const Extensions& other, const pipeline::ComponentId& id) const;

  std::vector<pipeline::ComponentInfo> Components() const;

 private:
  struct Entry {
    pipeline::ComponentId id;
    const pipeline::FactoryBase* factory;
    std::shared_ptr<const pipeline::ComponentConfig> config;
    config::Value raw;
    Logger logger;
    pipeline::ComponentStatus status;
    std::unique_ptr<pipeline::ComponentHost> host;
    std::unique_ptr<pipeline::Extension> component;
    bool started = false;
    bool starting = false;
  };

  explicit Extensions(Logger logger) : logger_(std::move(logger)) {}
  static Status Create(Entry& entry, bool used_alias,
                       const pipeline::GraphEnvironment& environment);
  const std::shared_ptr<Entry>* FindEntry(const pipeline::ComponentId& id) const;
  static std::shared_ptr<Entry> Unchanged(const ComponentEntry& wanted, const Extensions& running,
                                          const ServiceConfig& service);
  Status StartOne(Entry& entry);

  const Logger logger_;
  std::vector<std::shared_ptr<Entry>> entries_;  // as listed; constant after Build
  std::vector<std::shared_ptr<Entry>> started_;  // in the order of their start
  std::vector<Entry*> started_now_;              // by the running Start
  pipeline::Host* host_ = nullptr;
  std::atomic<std::thread::id> starter_{};  // while Start runs
  Status start_failure_;                    // of one started on demand
};

}  // namespace weir::app
