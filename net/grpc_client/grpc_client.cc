#include "net/grpc_client/grpc_client.h"

#include <grpc/grpc.h>
#include <grpc/support/time.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

#include "base/check.h"
#include "base/mutex.h"
#include "net/compression/compression.h"
#include "net/grpc_client/grpc_answer.h"
#include "net/grpc_client/grpc_credentials.h"
#include "net/grpc_client/raw_buffer.h"

namespace weir::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kKeepaliveTimeMin = std::chrono::seconds(10);  // grpc-go's
constexpr milliseconds kKeepaliveTimeout = std::chrono::seconds(20);  // grpc-go's, for 0
// A backend that comes back is found within a second: a try waits 100 ms at first, 800 ms and a
// fifth at most. A try itself may take five seconds, as long as a call by default.
constexpr int kBackoffFirstMs = 100;
constexpr int kBackoffMaxMs = 800;
constexpr int kConnectTimeoutMs = 5000;
constexpr int kResolveIntervalMs = 1000;

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

int ToMs(config::Duration duration) {
  return static_cast<int>(
      std::clamp<int64_t>(std::chrono::ceil<milliseconds>(duration).count(), 0, INT32_MAX));
}

gpr_timespec ToTimespec(steady_clock::time_point deadline) {
  // The steady clock and gRPC's monotonic one are the same on Linux.
  gpr_timespec time = gpr_time_from_nanos(deadline.time_since_epoch().count(), GPR_TIMESPAN);
  time.clock_type = GPR_CLOCK_MONOTONIC;
  return time;
}

// Names that the transport writes itself; like grpc-go, others' values for them are left out.
bool IsReserved(std::string_view name) {
  constexpr std::array<std::string_view, 8> kReserved = {
      "content-type", "user-agent",  "grpc-message-type", "grpc-encoding",
      "grpc-message", "grpc-status", "grpc-timeout",      "te"};
  return name.starts_with(':') ||
         std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

// gRPC ends the process for a header that HTTP/2 does not allow, so look before. Go's words.
Status CheckHeader(const std::string& name, const std::string& value) {
  const auto illegal = [](std::string text) {
    return Status(StatusCode::kInternal, std::move(text));
  };
  const grpc_slice key = grpc_slice_from_static_buffer(name.data(), name.size());
  if (!grpc_header_key_is_legal(key)) {
    return illegal("header key \"" + name + "\" contains illegal characters not in [0-9a-z-_.]");
  }
  if (name.ends_with("-bin")) return {};
  const grpc_slice text = grpc_slice_from_static_buffer(value.data(), value.size());
  if (grpc_header_nonbin_value_is_legal(text)) return {};
  return illegal("header key \"" + name + "\" contains value with non-printable ASCII characters");
}

void SetKeepalive(const GrpcKeepaliveConfig& keepalive, grpc::ChannelArguments& arguments) {
  const config::Duration time = std::max<config::Duration>(keepalive.time, kKeepaliveTimeMin);
  const config::Duration timeout =
      keepalive.timeout > config::Duration::zero() ? keepalive.timeout : kKeepaliveTimeout;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, ToMs(time));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, ToMs(timeout));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, keepalive.permit_without_stream);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
}

}  // namespace

struct GrpcClient::State {
  State(GrpcClientConfig c, std::string agent, Logger l, ByteBudget* b, std::shared_ptr<GrpcPool> p)
      : config(std::move(c)),
        user_agent(config.user_agent.empty() ? agent : config.user_agent),
        logger(std::move(l)),
        budget(b),
        gzip(config.compression.encoding() != Encoding::kNone),
        pool(std::move(p)) {}

  Status TakeHeaders();
  grpc::ChannelArguments Arguments(const GrpcTarget& target) const;
  // Adds what goes with a call; nothing may be added when this fails.
  Status AddMetadata(const GrpcMetadata& own, grpc::ClientContext& context) const;
  // False when the client is shut down.
  bool Enter(PendingCall& call);
  // The call can no longer be cancelled.
  void Unlink(PendingCall& call);
  // An entered call is gone, with all that gRPC held for it.
  void Leave();
  // Refuses further calls, cancels those on their way and waits for them.
  void StopCalls();
  bool IsStopped() {
    MutexLock lock(mutex);
    return stopped;
  }

  const GrpcClientConfig config;
  const std::string user_agent;
  const Logger logger;
  ByteBudget* const budget;
  const bool gzip;
  // Set by Start.
  std::shared_ptr<GrpcPool> pool;
  GrpcMetadata headers;  // the configured ones, names in lower case
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<grpc::GenericStub> stub;

  Mutex mutex;
  CondVar idle;
  bool stopped GUARDED_BY(mutex) = false;
  PendingCall* calls GUARDED_BY(mutex) = nullptr;  // a list through PendingCall
  size_t in_flight GUARDED_BY(mutex) = 0;          // those, and what is being deleted
};

// One call on its way. Deletes itself.
class GrpcClient::PendingCall final : public GrpcEvent {
 public:
  PendingCall(State& state, Done done) : state_(state), done_(std::move(done)) {}

  grpc::ClientContext& context() { return context_; }

  void Start(const GrpcRequest& request, const grpc::ByteBuffer& message) {
    deadline_ = request.deadline;
    if (deadline_ != steady_clock::time_point::max()) {
      context_.set_deadline(ToTimespec(deadline_));
    }
    reader_ =
        state_.stub->PrepareUnaryCall(&context_, request.method, message, &state_.pool->Next());
    reader_->StartCall();
    reader_->Finish(&response_, &status_, tag());
  }
  void Cancel() { context_.TryCancel(); }

  void OnEvent(bool) override {
    if (status_.ok()) {
      Answer(FlattenMessage(response_));
    } else {
      const CallEnd end{.deadline_passed = steady_clock::now() >= deadline_,
                        .shut_down = state_.IsStopped()};
      Answer(::weir::Fail(ToStatus(status_, end)));
    }
  }
  // The call ends here; nothing was sent or everything has come.
  void Answer(Result<Slice> result) {
    done_(std::move(result));
    State& state = state_;
    const bool entered = entered_;
    if (entered) state.Unlink(*this);
    delete this;
    if (entered) state.Leave();
  }

 private:
  friend struct State;
  ~PendingCall() = default;

  State& state_;
  Done done_;
  steady_clock::time_point deadline_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader_;
  grpc::ByteBuffer response_;
  grpc::Status status_;
  bool entered_ = false;
  // Guarded by State::mutex.
  PendingCall* next_ = nullptr;
  PendingCall* previous_ = nullptr;
};

Status GrpcClient::State::TakeHeaders() {
  for (const auto& [name, value] : config.headers.items) {
    std::string lower = Lower(name);
    if (IsReserved(lower)) continue;
    WEIR_RETURN_IF_ERROR(CheckHeader(lower, value.reveal()));
    headers.emplace_back(std::move(lower), value.reveal());
  }
  return {};
}

grpc::ChannelArguments GrpcClient::State::Arguments(const GrpcTarget& target) const {
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix(user_agent);
  arguments.SetMaxSendMessageSize(-1);
  arguments.SetLoadBalancingPolicyName(Lower(config.balancer_name) == "round_robin" ? "round_robin"
                                                                                    : "pick_first");
  if (gzip) arguments.SetCompressionAlgorithm(GRPC_COMPRESS_GZIP);
  if (config.keepalive) SetKeepalive(*config.keepalive, arguments);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kBackoffFirstMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kBackoffMaxMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, kResolveIntervalMs);
  // A connection of its own, as upstream: one exporter's burst does not stand before another's.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  arguments.SetInt(GRPC_ARG_MAX_CHANNEL_TRACE_EVENT_MEMORY_PER_NODE, 0);
  std::string authority = config.authority;
  if (authority.empty() && config.secure()) authority = config.tls.server_name_override;
  if (authority.empty() && target.local()) authority = "localhost";
  if (!authority.empty()) arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, authority);
  return arguments;
}

Status GrpcClient::State::AddMetadata(const GrpcMetadata& own, grpc::ClientContext& context) const {
  for (const auto& [name, value] : own) {
    const std::string lower = Lower(name);
    if (IsReserved(lower)) continue;
    WEIR_RETURN_IF_ERROR(CheckHeader(lower, value));
    context.AddMetadata(lower, value);
  }
  for (const auto& [name, value] : headers) {
    const bool present = std::any_of(own.begin(), own.end(), [&name = name](const auto& header) {
      return Lower(header.first) == name;
    });
    if (!present) context.AddMetadata(name, value);
  }
  return {};
}

bool GrpcClient::State::Enter(PendingCall& call) {
  MutexLock lock(mutex);
  if (stopped) return false;
  call.entered_ = true;
  call.next_ = calls;
  if (calls != nullptr) calls->previous_ = &call;
  calls = &call;
  ++in_flight;
  return true;
}

void GrpcClient::State::Unlink(PendingCall& call) {
  MutexLock lock(mutex);
  if (call.next_ != nullptr) call.next_->previous_ = call.previous_;
  (call.previous_ != nullptr ? call.previous_->next_ : calls) = call.next_;
}

void GrpcClient::State::Leave() {
  MutexLock lock(mutex);
  if (--in_flight == 0) idle.NotifyAll();
}

void GrpcClient::State::StopCalls() {
  MutexLock lock(mutex);
  stopped = true;
  for (PendingCall* call = calls; call != nullptr; call = call->next_) call->Cancel();
  while (in_flight != 0) idle.Wait(mutex);
}

GrpcClient::GrpcClient(GrpcClientConfig config, std::string user_agent, Logger logger,
                       ByteBudget* budget, std::shared_ptr<GrpcPool> pool)
    : state_(std::make_unique<State>(std::move(config), std::move(user_agent), std::move(logger),
                                     budget, std::move(pool))) {}

GrpcClient::~GrpcClient() { Shutdown(); }

Status GrpcClient::Start() {
  State& state = *state_;
  const std::string& compression = state.config.compression.name;
  const bool known = compression.empty() || compression == "none" || compression == "gzip";
  if (!known && compression != "snappy" && compression != "zstd") {
    return {StatusCode::kInvalidArgument, "unsupported compression type \"" + compression + "\""};
  }
  if (!known) {
    state.logger.Warn("a gRPC client sends gzip instead of the compression configured",
                      {{"compression", compression}});
  }
  const GrpcTarget target = GrpcTarget::Of(state.config.SanitizedEndpoint());
  grpc::ChannelArguments arguments = state.Arguments(target);
  auto credentials = MakeGrpcCredentials(state.config, target, state.logger, arguments);
  if (!credentials) return std::move(credentials).error();
  WEIR_RETURN_IF_ERROR(state.TakeHeaders());
  if (state.pool == nullptr) state.pool = GrpcPool::Shared();
  state.pool->Run();
  state.channel = grpc::CreateCustomChannel(target.uri, *credentials, arguments);
  state.stub = std::make_unique<grpc::GenericStub>(state.channel);
  state.channel->GetState(/*try_to_connect=*/true);
  return {};
}

bool GrpcClient::sends_gzip() const { return state_->gzip; }

bool GrpcClient::secure() const { return state_->config.secure(); }

void GrpcClient::Call(GrpcRequest request, Done done) {
  State& state = *state_;
  auto* call = new PendingCall(state, std::move(done));  // deletes itself when it has answered
  if (!state.Enter(*call)) {
    return call->Answer(
        ::weir::Fail(Status(StatusCode::kCancelled, "grpc: the client connection is closing")));
  }
  CHECK(state.stub != nullptr) << "a call before Start";
  CHECK(!request.gzip || state.gzip) << "gzip from a client that does not send it";
  if (Status bad = state.AddMetadata(request.metadata, call->context()); !bad.ok()) {
    return call->Answer(::weir::Fail(std::move(bad)));
  }
  if (state.gzip && !request.gzip) {
    Result<Slice> packed = Compress(Encoding::kGzip, kDefaultLevel, request.body, state.budget);
    if (!packed) return call->Answer(::weir::Fail(std::move(packed).error()));
    request.body.clear();
    request.body.push_back(std::move(*packed));
  }
  if (state.config.wait_for_ready) call->context().set_wait_for_ready(true);
  call->Start(request, MakeMessage(request.body, state.gzip));
}

void GrpcClient::Shutdown() {
  state_->StopCalls();
  state_->stub.reset();
  state_->channel.reset();
}

}  // namespace weir::net
