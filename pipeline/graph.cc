#include "pipeline/graph.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/mutex.h"
#include "pipeline/fan_out.h"

namespace weir::pipeline {
namespace {

using model::Signal;

// Opens when everything that was counted in has been counted out.
class Latch {
 public:
  UniqueFunction<void()> CountIn() {
    MutexLock lock(state_->mutex);
    ++state_->count;
    return [state = state_] {
      MutexLock inner(state->mutex);
      if (--state->count == 0) state->empty.NotifyAll();
    };
  }
  void Wait() {
    MutexLock lock(state_->mutex);
    while (state_->count > 0) state_->empty.Wait(state_->mutex);
  }

 private:
  struct State {
    Mutex mutex;
    CondVar empty;
    size_t count GUARDED_BY(mutex) = 0;
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

// How long a node may wait for the destruction of its last answer, which follows the answer at
// once.
constexpr auto kAnswerPatience = std::chrono::seconds(5);

void WaitForLastOwner(const std::shared_ptr<GraphNode>& node) {
  const auto end = std::chrono::steady_clock::now() + kAnswerPatience;
  while (node.use_count() > 1 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

std::string CapitalizedKind(ComponentKind kind) {
  std::string name(KindName(kind));
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name;
}

}  // namespace

Graph::Graph(GraphSpec spec, const GraphEnvironment& environment)
    : spec_(std::move(spec)), environment_(environment) {}

// An answer on its way back may hold the last reference to a node. Components go with their owner,
// never inside a callback of their own.
Graph::~Graph() {
  for (auto& node : retired_) {
    WaitForLastOwner(node);
    node.reset();
  }
  if (!plan_ || handed_over_) return;
  for (const size_t index : plan_->stop_order()) {
    if (index >= nodes_.size()) continue;
    if (is_new_[index] || taken_over_) WaitForLastOwner(nodes_[index]);
    nodes_[index].reset();
  }
}

std::unique_ptr<Graph> Graph::Build(GraphSpec spec, const GraphEnvironment& environment,
                                    config::Problems& problems, const Graph* running,
                                    const ExtensionPredicate& is_kept) {
  std::unique_ptr<Graph> graph(new Graph(std::move(spec), environment));
  graph->plan_ = GraphPlan::Make(graph->spec_, problems);
  if (!graph->plan_) return nullptr;
  graph->TakeOrMakeNodes(running, is_kept);
  if (!graph->CreateNew(problems)) return nullptr;
  graph->Connect();
  return graph;
}

void Graph::TakeOrMakeNodes(const Graph* running, const ExtensionPredicate& is_kept) {
  const auto stays = [&](const GraphNode& node) {
    for (const ComponentId& extension : node.dependencies()) {
      if (!is_kept || !is_kept(extension)) return false;
    }
    return node.started() && node.status().state() != ComponentState::kPermanentError;
  };
  for (const GraphPlan::Node& planned : plan_->nodes()) {
    std::shared_ptr<GraphNode> kept;
    const GraphNode::Identity identity = GraphNode::IdentityOf(*plan_, planned);
    if (running != nullptr) {
      for (const auto& node : running->nodes_) {
        if (node->identity() == identity && stays(*node)) kept = node;
      }
    }
    is_new_.push_back(kept == nullptr);
    nodes_.push_back(kept ? std::move(kept)
                          : std::make_shared<GraphNode>(*plan_, planned, environment_));
  }
}

bool Graph::CreateNew(config::Problems& problems) {
  bool created = true;
  for (const size_t index : plan_->start_order()) {
    if (!is_new_[index]) continue;
    const Status status = nodes_[index]->Create(environment_);
    if (status.ok()) continue;
    created = false;
    GraphPlan::AddProblem(problems, plan_->nodes()[index].spec->position, status.message());
  }
  return created;
}

std::shared_ptr<Consumer> Graph::InputOf(const std::vector<size_t>& heads) const {
  std::vector<std::shared_ptr<Consumer>> branches;
  branches.reserve(heads.size());
  for (const size_t head : heads) branches.push_back(GraphNode::InputOf(nodes_[head]));
  return FanOut::Over(std::move(branches));
}

std::shared_ptr<Consumer> Graph::TargetOf(size_t index, Signal signal) const {
  const GraphPlan::Node& planned = plan_->nodes()[index];
  if (planned.spec->kind == ComponentKind::kProcessor) {
    const GraphPlan::Pipeline& pipeline = plan_->pipelines()[planned.pipeline];
    const auto self = std::find(pipeline.processors.begin(), pipeline.processors.end(), index);
    if (self + 1 == pipeline.processors.end()) return InputOf(pipeline.tails);
    return InputOf({*(self + 1)});
  }
  std::vector<std::shared_ptr<Consumer>> pipelines;
  for (const size_t fed : planned.feeds[SignalIndex(signal)])
    pipelines.push_back(InputOf(plan_->Heads(fed)));
  return FanOut::Over(std::move(pipelines));
}

size_t Graph::BranchCount(size_t index, Signal signal) const {
  const GraphPlan::Node& planned = plan_->nodes()[index];
  if (planned.spec->kind == ComponentKind::kProcessor) {
    const GraphPlan::Pipeline& pipeline = plan_->pipelines()[planned.pipeline];
    return pipeline.processors.back() == index ? pipeline.tails.size() : 1;
  }
  size_t count = 0;
  for (const size_t fed : planned.feeds[SignalIndex(signal)]) count += plan_->Heads(fed).size();
  return count;
}

// New nodes are connected at once: nothing flows through them before they start.
void Graph::Connect() {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    for (const Signal signal : model::kSignals) {
      Outlet* outlet = nodes_[i]->outlet(signal);
      if (outlet != nullptr && is_new_[i]) outlet->Connect(TargetOf(i, signal));
    }
  }
}

// Those behind are pointed first. So a batch that takes a new way meets new ways only from there
// on, and none runs in a circle while old and new ways are mixed.
void Graph::PointKeptAtNew() {
  Latch latch;
  for (const size_t index : plan_->start_order()) {
    if (is_new_[index]) continue;
    for (const Signal signal : model::kSignals) {
      Outlet* outlet = nodes_[index]->outlet(signal);
      if (outlet != nullptr) outlet->Connect(TargetOf(index, signal), latch.CountIn());
    }
  }
  latch.Wait();
}

Status Graph::Start(Host& host) {
  std::vector<bool> started(nodes_.size(), false);
  for (const size_t index : plan_->start_order()) {
    if (!is_new_[index]) continue;
    const GraphNode::Identity& identity = nodes_[index]->identity();
    Status status = nodes_[index]->Start(host);
    if (status.ok()) {
      started[index] = true;
      continue;
    }
    const ComponentKind kind = nodes_[index]->kind();
    environment_.logger.Error(
        "Failed to start component",
        {{"error", status}, {"type", CapitalizedKind(kind)}, {"id", identity.id.ToString()}});
    ShutDownOnly(started);
    return status.WithPrefix("failed to start \"" + identity.id.ToString() + "\" " +
                             std::string(KindName(kind)) + ": ");
  }
  return {};
}

// Shuts down what of `former` its successor here cannot run beside.
std::vector<std::shared_ptr<GraphNode>> Graph::MakeRoom(Graph& former) {
  std::vector<std::shared_ptr<GraphNode>> yielded;
  for (const size_t index : former.plan_->stop_order()) {
    const std::shared_ptr<GraphNode>& node = former.nodes_[index];
    if (!node->yields_first()) continue;
    for (size_t i = 0; i < nodes_.size(); ++i) {
      if (!is_new_[i] || nodes_[i]->identity().name != node->identity().name) continue;
      node->Shutdown();
      yielded.push_back(node);
    }
  }
  return yielded;
}

Status Graph::TakeOver(Graph& former, Host& host) {
  const std::vector<std::shared_ptr<GraphNode>> yielded = MakeRoom(former);
  Status started = Start(host);
  if (started.ok()) {
    PointKeptAtNew();
    return started;
  }
  for (auto node = yielded.rbegin(); node != yielded.rend(); ++node) {
    const Status back = (*node)->Restart(environment_, host);
    if (!back.ok())
      environment_.logger.Error("A component that made room for its successor does not start again",
                                {{"error", back}, {"id", (*node)->identity().id.ToString()}});
  }
  return started;
}

void Graph::Retire(Graph& former) {
  std::vector<bool> leaving;
  for (const auto& node : former.nodes_)
    leaving.push_back(std::find(nodes_.begin(), nodes_.end(), node) == nodes_.end());
  former.ShutDownOnly(leaving);
  retired_ = std::move(former.retired_);
  for (const size_t index : former.plan_->stop_order()) {
    if (leaving[index]) retired_.push_back(former.nodes_[index]);
  }
  former.handed_over_ = true;
  taken_over_ = true;
  DropAnswered();
}

void Graph::DropAnswered() {
  std::vector<std::shared_ptr<GraphNode>> waiting;
  for (std::shared_ptr<GraphNode>& node : retired_) {
    if (node.use_count() > 1) {
      waiting.push_back(std::move(node));
    } else {
      node.reset();
    }
  }
  retired_ = std::move(waiting);
}

void Graph::Shutdown() { ShutDownOnly(std::vector<bool>(nodes_.size(), true)); }

void Graph::ShutDownOnly(const std::vector<bool>& these) {
  for (const size_t index : plan_->stop_order()) {
    if (these[index]) nodes_[index]->Shutdown();
  }
}

std::vector<ComponentInfo> Graph::Components() const {
  std::vector<ComponentInfo> components;
  for (const auto& node : nodes_) {
    ComponentInfo info{node->kind(), node->identity().id, node->SignalText(),
                       node->status().state(), node->status().error().message()};
    if (node->kind() != ComponentKind::kReceiver) {
      components.push_back(std::move(info));
      continue;
    }
    for (const Signal signal : model::kSignals) {
      if (node->outlet(signal) == nullptr) continue;
      info.signal = SignalName(signal);
      components.push_back(info);
    }
  }
  return components;
}

std::vector<PipelineInfo> Graph::Pipelines() const {
  std::vector<PipelineInfo> pipelines;
  for (const PipelineSpec& spec : spec_.pipelines)
    pipelines.push_back(
        {spec.id, !spec.processors.empty(), spec.receivers, spec.processors, spec.exporters});
  return pipelines;
}

}  // namespace weir::pipeline
