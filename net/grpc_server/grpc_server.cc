#include "net/grpc_server/grpc_server.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "net/grpc_server/grpc_acceptor.h"
#include "net/grpc_server/grpc_call.h"
#include "net/grpc_server/grpc_credentials.h"
#include "net/grpc_server/grpc_server_core.h"
#include "net/listener.h"

namespace weir::net {
namespace {

// gRPC buffers a message whole before anybody can say that it is too large, so a client that
// declares gigabytes is stopped by this: gRPC cancels streams when its buffers pass it. Ordinary
// clients stay far below, their messages leave gRPC's buffers at once.
constexpr size_t kGrpcBuffersMin = 64 << 20;
constexpr size_t kMessagesInBuffers = 8;
// What a client may send of a message before it is asked for: an ordinary batch, so that it need
// not stop half-way for leave to go on. Without gRPC's probing of the bandwidth, which would let
// this grow to megabytes a stream; a message that is being read opens its window by its own length
// all the same.
constexpr int kStreamWindowBytes = 512 * 1024;
constexpr int kMetadataBytesMax = 64 * 1024;
// Calls waited for on each queue: enough for a burst between two looks at the queue.
constexpr int kExpectedCalls = 8;

int Milliseconds(config::Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return static_cast<int>(std::clamp<int64_t>(ms, 1, std::numeric_limits<int>::max()));
}

void SetDuration(grpc::ServerBuilder& builder, const char* name, config::Duration duration) {
  if (duration.count() > 0) builder.AddChannelArgument(name, Milliseconds(duration));
}

void SetKeepalive(grpc::ServerBuilder& builder, const GrpcServerConfig& config) {
  const KeepaliveServerConfig keepalive =
      config.keepalive ? *config.keepalive : KeepaliveServerConfig{};
  const KeepaliveServerParameters server =
      keepalive.server_parameters ? *keepalive.server_parameters : KeepaliveServerParameters{};
  const KeepaliveEnforcementPolicy policy =
      keepalive.enforcement_policy ? *keepalive.enforcement_policy : KeepaliveEnforcementPolicy{};
  SetDuration(builder, GRPC_ARG_MAX_CONNECTION_IDLE_MS, server.max_connection_idle);
  SetDuration(builder, GRPC_ARG_MAX_CONNECTION_AGE_MS, server.max_connection_age);
  SetDuration(builder, GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, server.max_connection_age_grace);
  SetDuration(builder, GRPC_ARG_KEEPALIVE_TIME_MS, server.time);
  SetDuration(builder, GRPC_ARG_KEEPALIVE_TIMEOUT_MS, server.timeout);
  SetDuration(builder, GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, policy.min_time);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS,
                             policy.permit_without_stream ? 1 : 0);
}

void SetOptions(grpc::ServerBuilder& builder, const GrpcServerConfig& config) {
  builder.SetMaxReceiveMessageSize(-1);  // ours to check, in the Collector's words
  builder.AddChannelArgument("grpc.per_message_decompression", 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kStreamWindowBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  if (config.max_concurrent_streams > 0) {
    const auto streams =
        std::min<uint32_t>(config.max_concurrent_streams, std::numeric_limits<int>::max());
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, static_cast<int>(streams));
  }
  SetKeepalive(builder, config);
  grpc::ResourceQuota buffers("weir");
  buffers.Resize(std::max(kGrpcBuffersMin, kMessagesInBuffers * config.message_max()));
  builder.SetResourceQuota(buffers);
}

void DrainUnused(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
  }
}

}  // namespace

size_t RecentSizes::Of(const std::string& peer) const {
  MutexLock lock(mutex_);
  const auto found = sizes_.find(peer);
  return found == sizes_.end() ? 0 : found->second;
}

void RecentSizes::Note(const std::string& peer, size_t size) {
  MutexLock lock(mutex_);
  if (sizes_.size() >= kPeersMax) sizes_.clear();
  size_t& recent = sizes_[peer];
  recent = size >= recent ? size : recent - (recent - size) / 4;
}

Status UnknownMethod(std::string_view method, bool is_service) {
  if (method.starts_with('/')) method.remove_prefix(1);
  const size_t slash = method.rfind('/');
  if (slash == std::string_view::npos) {
    return {StatusCode::kUnimplemented, "malformed method name: \"" + std::string(method) + "\""};
  }
  const std::string service(method.substr(0, slash));
  if (!is_service) return {StatusCode::kUnimplemented, "unknown service " + service};
  return {StatusCode::kUnimplemented,
          "unknown method " + std::string(method.substr(slash + 1)) + " for service " + service};
}

std::string_view GrpcHead::method() const { return call_.context().method(); }

std::string_view GrpcHead::peer() const { return call_.peer(); }

std::chrono::steady_clock::time_point GrpcHead::deadline() const {
  const auto deadline = call_.context().deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) {
    return std::chrono::steady_clock::time_point::max();
  }
  return std::chrono::steady_clock::now() + (deadline - std::chrono::system_clock::now());
}

std::vector<std::pair<std::string, std::string>> GrpcHead::Metadata() const {
  std::vector<std::pair<std::string, std::string>> metadata;
  const auto& sent = call_.context().client_metadata();
  metadata.reserve(sent.size() + 1);
  metadata.emplace_back("host", call_.context().host());
  for (const auto& [name, value] : sent) {
    metadata.emplace_back(std::string(name.data(), name.size()),
                          std::string(value.data(), value.size()));
  }
  return metadata;
}

GrpcResponder& GrpcResponder::operator=(GrpcResponder&& other) noexcept {
  std::swap(call_, other.call_);
  return *this;
}

GrpcResponder::~GrpcResponder() {
  if (call_ != nullptr) call_->Fail(Status::Permanent("the request was dropped without an answer"));
}

void GrpcResponder::Succeed(Slice reply) {
  CHECK(call_ != nullptr) << "a call is answered twice";
  const std::shared_ptr<GrpcCall> call = std::move(call_);
  call_.reset();
  call->Succeed(reply);
}

void GrpcResponder::Fail(const Status& status) {
  CHECK(call_ != nullptr) << "a call is answered twice";
  const std::shared_ptr<GrpcCall> call = std::move(call_);
  call_.reset();
  call->Fail(status);
}

struct GrpcServer::State {
  std::shared_ptr<GrpcServerCore> core;
  std::shared_ptr<GrpcPool> pool;
  std::unique_ptr<GrpcAcceptor> acceptor;
  // gRPC's C++ builder insists on a queue of its own; nothing is asked for on it.
  std::unique_ptr<grpc::ServerCompletionQueue> unused_queue;
  std::string address;
  uint16_t port = 0;
  bool stopped = false;
};

GrpcServer::GrpcServer(GrpcServerConfig config, GrpcHandler& handler, ByteBudget& budget,
                       Logger logger, std::shared_ptr<GrpcPool> pool)
    : state_(std::make_unique<State>()) {
  state_->core =
      std::make_shared<GrpcServerCore>(std::move(config), handler, budget, std::move(logger));
  state_->pool = std::move(pool);
}

GrpcServer::~GrpcServer() {
  CHECK(state_->core->server == nullptr || state_->stopped)
      << "a gRPC server goes without Shutdown";
}

Status GrpcServer::Start() {
  const std::shared_ptr<GrpcServerCore>& core = state_->core;
  core->library = std::make_unique<GrpcLibrary>(core->logger);
  if (state_->pool == nullptr) state_->pool = GrpcPool::Shared();
  Result<std::shared_ptr<grpc::ServerCredentials>> credentials =
      MakeServerCredentials(core->config.tls, core->logger, state_->pool->queues());
  if (!credentials) return credentials.error();
  Result<Listener> listener = ListenerPool::OfProcess().Listen(core->config.net_addr.transport.name,
                                                               core->config.net_addr.endpoint);
  if (!listener) return listener.error();
  core->credentials = std::move(*credentials);
  state_->address = listener->address();
  state_->port = listener->port();

  grpc::ServerBuilder builder;
  SetOptions(builder, core->config);
  builder.RegisterAsyncGenericService(&core->service);
  using Builder = grpc::ServerBuilder::experimental_type;
  auto sink = builder.experimental().AddExternalConnectionAcceptor(
      Builder::ExternalConnectionType::FROM_FD, core->credentials);
  core->queues = state_->pool->queues();
  state_->unused_queue = builder.AddCompletionQueue();
  core->server = builder.BuildAndStart();
  CHECK(core->server != nullptr) << "gRPC did not start on " << state_->address;
  for (size_t i = 0; i < core->queues.size(); ++i) {
    for (int n = 0; n < kExpectedCalls; ++n) GrpcCall::Expect(core, i);
  }
  state_->pool->Run();
  state_->acceptor = std::make_unique<GrpcAcceptor>(std::move(*listener), std::move(sink),
                                                    IoPool::Shared(), core->logger);
  return {};
}

void GrpcServer::Shutdown(std::chrono::milliseconds grace) {
  if (state_->core->server == nullptr || state_->stopped) return;
  state_->stopped = true;
  state_->core->stopping.store(true, std::memory_order_relaxed);
  state_->acceptor.reset();
  state_->core->server->Shutdown(std::chrono::system_clock::now() + grace);
  // gRPC is done with its calls; their last events may still be on the way.
  std::atomic<int>& entering = state_->core->entering;
  for (int left = entering.load(); left != 0; left = entering.load()) entering.wait(left);
  state_->unused_queue->Shutdown();
  DrainUnused(*state_->unused_queue);
}

const std::string& GrpcServer::address() const { return state_->address; }

uint16_t GrpcServer::port() const { return state_->port; }

}  // namespace weir::net
