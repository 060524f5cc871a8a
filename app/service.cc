#include "app/service.h"

#include <utility>

#include "app/graph_spec.h"
#include "base/check.h"
#include "base/control_group.h"
#include "net/listener.h"

namespace weir::app {
namespace {

pipeline::GraphEnvironment WithLedger(pipeline::GraphEnvironment environment,
                                      pipeline::Ledger* ledger) {
  return {environment.logger, environment.metrics, environment.executor,
          environment.memory, environment.build,   ledger};
}

bool HasSameTelemetry(const ServiceConfig& a, const ServiceConfig& b) {
  const auto section = [](const ServiceConfig& file) {
    const config::Value* service = file.resolved.Find("service");
    const config::Value* telemetry = service ? service->Find("telemetry") : nullptr;
    return telemetry ? *telemetry : config::Value();
  };
  return section(a) == section(b);
}

// What stands behind "Error: " for a graph that cannot be built.
Status StatusOf(const config::Problems& problems) {
  std::string text;
  for (const config::Problem& problem : problems.errors())
    text += (text.empty() ? "" : "\n") + problem.ToString();
  return Status(StatusCode::kInvalidArgument, std::move(text));
}

}  // namespace

Service::Service(const pipeline::GraphEnvironment& environment, FeatureGates gates,
                 std::function<void(const Status&)> on_fatal)
    : ledger_(environment.metrics),
      environment_(WithLedger(environment, &ledger_)),
      gates_(std::move(gates)),
      on_fatal_(std::move(on_fatal)),
      started_at_(Clock::Real().WallNow()) {}

Service::~Service() { CHECK(!running_) << "a service goes without Shutdown"; }

Status Service::Build(const std::shared_ptr<const ServiceConfig>& config) {
  auto extensions = Extensions::Build(config, environment_, nullptr);
  if (!extensions) return extensions.error().WithPrefix("failed to build extensions: ");
  config::Problems problems;
  auto graph = pipeline::Graph::Build(MakeGraphSpec(config), environment_, problems);
  if (graph == nullptr) return StatusOf(problems);
  MutexLock lock(mutex_);
  extensions_ = std::move(*extensions);
  graph_ = std::move(graph);
  config_ = config;
  return {};
}

Status Service::Start(std::shared_ptr<const ServiceConfig> config) {
  WEIR_RETURN_IF_ERROR(Build(config));
  const Logger& logger = environment_.logger;
  logger.Info("Starting " + build().command + "...",
              {{"Version", build().version}, {"NumCPU", UsableProcessors()}});
  running_ = true;
  Status status = extensions()->Start(*this);
  if (!status.ok()) {
    status = status.WithPrefix("failed to start extensions: ");
  } else if (status = graph()->Start(*this); !status.ok()) {
    status = status.WithPrefix("cannot start pipelines: ");
  }
  if (!status.ok()) {
    Shutdown();
    return status;
  }
  extensions()->NotifyReady();
  logger.Info("Everything is ready. Begin running and processing data.");
  return status;
}

bool Service::Refuse(const Status& status) {
  environment_.logger.Error("Config not updated, the running one stays in force",
                            {{"error", status}});
  return false;
}

bool Service::Refuse(const config::Problems& problems) {
  for (const config::Problem& problem : problems.errors())
    Refuse(Status(StatusCode::kInvalidArgument, problem.ToString()));
  return false;
}

bool Service::Reload(std::shared_ptr<const ServiceConfig> config) {
  CHECK(running_) << "a reload of what does not run";
  const std::shared_ptr<Extensions> running = extensions();
  auto built = Extensions::Build(config, environment_, running.get());
  if (!built) return Refuse(built.error().WithPrefix("failed to build extensions: "));
  const std::shared_ptr<Extensions> next = std::move(*built);
  const auto is_kept = [&](const pipeline::ComponentId& id) {
    return next->Shares(*running, id) ||
           (running->Find(id) == nullptr && next->Find(id) == nullptr);
  };
  config::Problems problems;
  const std::shared_ptr<pipeline::Graph> next_graph =
      pipeline::Graph::Build(MakeGraphSpec(config), environment_, problems, graph().get(), is_kept);
  if (next_graph == nullptr) return Refuse(problems);
  if (!HasSameTelemetry(*config, *config_))
    environment_.logger.Warn("Changes of service::telemetry take effect at the next start");
  if (!Switch(next, next_graph)) return false;
  config_ = std::move(config);
  environment_.logger.Info("Config updated");
  return true;
}

bool Service::Switch(const std::shared_ptr<Extensions>& next,
                     const std::shared_ptr<pipeline::Graph>& next_graph) {
  // Sockets stay open from one graph to the other.
  const net::ListenerPool::Handover handover(net::ListenerPool::OfProcess());
  const std::shared_ptr<Extensions> running = extensions();
  const std::shared_ptr<pipeline::Graph> running_graph = graph();
  {
    MutexLock lock(mutex_);
    starting_extensions_ = next;
  }
  Status status = next->Start(*this);
  if (!status.ok()) {
    status = status.WithPrefix("failed to start extensions: ");
  } else if (status = next_graph->TakeOver(*running_graph, *this); !status.ok()) {
    status = status.WithPrefix("cannot start pipelines: ");
    next->Shutdown(running.get());
  }
  {
    MutexLock lock(mutex_);
    starting_extensions_ = nullptr;
    if (status.ok()) {
      extensions_ = next;
      graph_ = next_graph;
    }
  }
  if (!status.ok()) return Refuse(status);
  next->NotifyReady(running.get());
  running->NotifyNotReady(next.get());
  next_graph->Retire(*running_graph);
  running->Shutdown(next.get());
  return true;
}

void Service::Tick() {
  if (running_) graph()->DropAnswered();
}

void Service::Shutdown() {
  if (!running_) return;
  running_ = false;
  environment_.logger.Info("Starting shutdown...");
  extensions()->NotifyNotReady();
  graph()->Shutdown();
  environment_.logger.Info("Stopping extensions...");
  extensions()->Shutdown();
  environment_.logger.Info("Shutdown complete.");
}

std::shared_ptr<pipeline::Graph> Service::graph() const {
  MutexLock lock(mutex_);
  return graph_;
}

std::shared_ptr<Extensions> Service::extensions() const {
  MutexLock lock(mutex_);
  return extensions_;
}

pipeline::Component* Service::FindExtension(const pipeline::ComponentId& id) {
  std::shared_ptr<Extensions> extensions;
  {
    MutexLock lock(mutex_);
    extensions = starting_extensions_ ? starting_extensions_ : extensions_;
  }
  return extensions ? extensions->Find(id) : nullptr;
}

void Service::ReportState(const pipeline::Component&, pipeline::ComponentState state,
                          const Status& error) {
  if (state == pipeline::ComponentState::kFatalError && on_fatal_) on_fatal_(error);
}

std::vector<pipeline::PipelineInfo> Service::Pipelines() const {
  const auto running = graph();
  return running ? running->Pipelines() : std::vector<pipeline::PipelineInfo>();
}

std::vector<pipeline::ComponentInfo> Service::Components() const {
  std::vector<pipeline::ComponentInfo> components;
  if (const auto running = graph()) components = running->Components();
  if (const auto running = extensions()) {
    for (pipeline::ComponentInfo& info : running->Components())
      components.push_back(std::move(info));
  }
  return components;
}

std::vector<pipeline::FeatureInfo> Service::Features() const {
  std::vector<pipeline::FeatureInfo> features;
  for (const FeatureGate& gate : FeatureGates::All())
    features.push_back({std::string(gate.id), gates_.enabled(gate.id),
                        std::string(gate.description), std::string(gate.stage),
                        std::string(gate.from_version)});
  return features;
}

std::string Service::LedgerJson() const { return ledger_.ToJson(); }

}  // namespace weir::app
