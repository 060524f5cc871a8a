// The program's working part: extensions and the graph, started, reloaded and stopped together.
//
//   Service service(environment, gates, on_fatal);
//   Status status = service.Start(config);    // failure: everything is shut down again
//   service.Reload(new_config);               // a bad one leaves the running one in force
//   service.Shutdown();
//
// Log lines and error texts are the Collector's. Differs from it on purpose: a reload builds beside
// what runs, keeps what did not change, and a failing reload does not end the program (DESIGN §3).
//
// Start, Reload, Tick and Shutdown are called by one thread; the views of Host and ServiceView by
// any.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/config/feature_gates.h"
#include "app/config/service_config.h"
#include "app/extensions.h"
#include "base/mutex.h"
#include "pipeline/graph.h"
#include "pipeline/ledger.h"
#include "pipeline/service_view.h"

namespace weir::app {

class Service final : public pipeline::Host, public pipeline::ServiceView {
 public:
  // `on_fatal` is called, from any thread, when a component reports a fatal error.
  // The environment's ledger is replaced by the service's own.
  Service(const pipeline::GraphEnvironment& environment, FeatureGates gates,
          std::function<void(const Status&)> on_fatal);
  ~Service() override;

  // The message of a failure is what stands behind "Error: ".
  Status Start(std::shared_ptr<const ServiceConfig> config);
  // False when it was refused; every reason is logged.
  bool Reload(std::shared_ptr<const ServiceConfig> config);
  // Housekeeping, every second or so.
  void Tick();
  // Drains and stops. Twice is once.
  void Shutdown();

  // Host.
  const pipeline::ServiceView* service_view() const override { return this; }
  pipeline::Component* FindExtension(const pipeline::ComponentId& id) override;
  void ReportState(const pipeline::Component& component, pipeline::ComponentState state,
                   const Status& error) override;

  // ServiceView.
  const pipeline::BuildInfo& build() const override { return environment_.build; }
  std::chrono::system_clock::time_point started_at() const override { return started_at_; }
  std::vector<pipeline::PipelineInfo> Pipelines() const override;
  std::vector<pipeline::ComponentInfo> Components() const override;
  std::vector<pipeline::FeatureInfo> Features() const override;
  std::string LedgerJson() const override;

 private:
  Status Build(const std::shared_ptr<const ServiceConfig>& config);
  bool Refuse(const config::Problems& problems);
  bool Refuse(const Status& status);
  bool Switch(const std::shared_ptr<Extensions>& extensions,
              const std::shared_ptr<pipeline::Graph>& graph);
  std::shared_ptr<pipeline::Graph> graph() const EXCLUDES(mutex_);
  std::shared_ptr<Extensions> extensions() const EXCLUDES(mutex_);

  pipeline::Ledger ledger_;
  const pipeline::GraphEnvironment environment_;
  const FeatureGates gates_;
  const std::function<void(const Status&)> on_fatal_;
  const std::chrono::system_clock::time_point started_at_;
  std::shared_ptr<const ServiceConfig> config_;
  bool running_ = false;

  mutable Mutex mutex_;
  std::shared_ptr<Extensions> extensions_ GUARDED_BY(mutex_);
  std::shared_ptr<Extensions> starting_extensions_ GUARDED_BY(mutex_);  // of a reload
  std::shared_ptr<pipeline::Graph> graph_ GUARDED_BY(mutex_);
};

}  // namespace weir::app
