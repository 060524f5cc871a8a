#include "app/graph_spec.h"

#include "base/byte_budget.h"
#include "base/executor.h"
#include "pipeline/graph.h"

namespace weir::app {
namespace {

// Nothing that is only created runs anything.
class NoExecutor final : public Executor {
 public:
  void Post(Task) override {}
  TimerId PostAfter(std::chrono::nanoseconds, Task) override { return 0; }
  bool Cancel(TimerId) override { return false; }
  const Clock& clock() const override { return Clock::Real(); }
};

}  // namespace

pipeline::GraphSpec MakeGraphSpec(const std::shared_ptr<const ServiceConfig>& service) {
  pipeline::GraphSpec spec;
  for (const auto kind : {pipeline::ComponentKind::kReceiver, pipeline::ComponentKind::kProcessor,
                          pipeline::ComponentKind::kExporter, pipeline::ComponentKind::kConnector})
    for (const ComponentEntry& entry : service->Components(kind))
      spec.components.push_back({kind,
                                 entry.id,
                                 entry.factory,
                                 {service, entry.config.get()},
                                 entry.raw,
                                 entry.used_alias,
                                 entry.position});
  for (const PipelineEntry& entry : service->pipelines)
    spec.pipelines.push_back(
        {entry.id, entry.receivers, entry.processors, entry.exporters, entry.position});
  return spec;
}

void ValidateGraph(const ServiceConfig& service, const FeatureGates&, config::Problems& problems) {
  // Borrowed: the graph is gone when this returns.
  const std::shared_ptr<const ServiceConfig> borrowed(std::shared_ptr<void>(), &service);
  NoExecutor executor;
  ByteBudget memory(0);
  const pipeline::BuildInfo build;
  pipeline::Graph::Build(MakeGraphSpec(borrowed), {Logger(), nullptr, executor, memory, build},
                         problems);
}

}  // namespace weir::app
