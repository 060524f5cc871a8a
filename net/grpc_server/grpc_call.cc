#include "net/grpc_server/grpc_call.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "net/grpc_server/grpc_message.h"
#include "net/status_mapping.h"

namespace weir::net {
namespace {

constexpr size_t kRoomMin = 256 * 1024;
constexpr int kWaitingMax = 64;
constexpr std::chrono::milliseconds kWaitStep{10};
constexpr std::chrono::milliseconds kWaitMax{500};
constexpr std::chrono::seconds kRetryAfter{1};

Status NoMemory() {
  return Status::Retryable("data refused due to high memory usage", kRetryAfter);
}

// Trailers carry google.rpc.Status only when it says more than code and text.
bool HasDetails(const Status& status) {
  if (status.wire_status().empty()) return status.retry_after().has_value();
  const std::optional<RpcStatus> remote = DecodeRpcStatus(status.wire_status());
  return remote && !remote->details.empty();
}

grpc::Status ToGrpc(const Status& status) {
  const bool detailed = HasDetails(status);
  return {static_cast<grpc::StatusCode>(status.code()), status.message(),
          detailed ? EncodeRpcStatus(status) : std::string()};
}

Status TooLarge(size_t size, size_t size_max) {
  return {StatusCode::kResourceExhausted, "grpc: received message larger than max (" +
                                              std::to_string(size) + " vs. " +
                                              std::to_string(size_max) + ")"};
}

}  // namespace

GrpcCall::GrpcCall(std::shared_ptr<GrpcServerCore> core, size_t index)
    : core_(std::move(core)), index_(index) {}

void GrpcCall::Expect(const std::shared_ptr<GrpcServerCore>& core, size_t index) {
  const auto call = std::make_shared<GrpcCall>(core, index);
  call->Begin(Stage::kExpected, [&] {
    GrpcPool::Queue* queue = core->queues[index].get();
    core->service.RequestCall(&call->context_, &call->stream_, queue, queue, call->tag());
  });
}

template <typename Operation>
void GrpcCall::Begin(Stage next, Operation operation) {
  OpGate::Pass pass(core_->queues[index_]->gate);
  if (!pass) return;
  stage_ = next;
  self_ = shared_from_this();
  operation();
}

void GrpcCall::OnEvent(bool ok) {
  // Keeps the call alive to the end of this function.
  const std::shared_ptr<GrpcCall> self = std::move(self_);
  switch (stage_) {
    case Stage::kExpected:
      if (ok) OnCall();
      return;
    case Stage::kWaiting:
      return ReserveOrWait();
    case Stage::kReading:
      return OnMessage(ok);
    case Stage::kHandling:
    case Stage::kFinishing:
      return;
  }
}

void GrpcCall::OnCall() {
  entering_.emplace(*core_);
  Expect(core_, index_);
  peer_ = PeerAddress(context_.peer());
  if (const Status admitted = core_->handler.Admit(GrpcHead(*this), attachment_); !admitted.ok()) {
    return Fail(admitted);
  }
  give_up_at_ = std::chrono::steady_clock::now() + kWaitMax;
  ReserveOrWait();
}

void GrpcCall::ReserveOrWait() {
  ByteBudget& budget = core_->budget;
  const size_t wanted = std::max(core_->recent.Of(peer_), kRoomMin);
  const bool waited = stage_ == Stage::kWaiting;
  const bool last = core_->stopping.load(std::memory_order_relaxed) ||
                    std::chrono::steady_clock::now() >= give_up_at_;
  // Looks before it asks, so that a refusal is counted once and not at every step.
  const bool fits = budget.used_bytes() + wanted <= budget.limit_bytes();
  Charge room = fits || last ? budget.TryReserve(wanted) : Charge();
  if (!room && !last && (waited || core_->waiting.load() < kWaitingMax)) {
    if (!waited) core_->waiting.fetch_add(1);
    return WaitForMemory();
  }
  if (waited) core_->waiting.fetch_sub(1);
  if (!room && !last) room = budget.TryReserve(wanted);
  if (!room) return Fail(NoMemory());
  Read(std::move(room));
}

void GrpcCall::WaitForMemory() {
  Begin(Stage::kWaiting, [this] {
    alarm_ = std::make_unique<grpc::Alarm>();
    alarm_->Set(core_->queues[index_].get(), std::chrono::system_clock::now() + kWaitStep, tag());
  });
}

void GrpcCall::Read(Charge room) {
  room_ = std::move(room);
  Begin(Stage::kReading, [this] { stream_.Read(&message_, tag()); });
}

void GrpcCall::OnMessage(bool ok) {
  if (!ok) {
    room_.Release();
    return Fail({StatusCode::kUnknown, "EOF"});
  }
  core_->recent.Note(peer_, message_.Length());
  const GrpcHead head(*this);
  GrpcServerRequest request;
  request.head = &head;
  if (const Status taken = TakeBody(request); !taken.ok()) {
    room_.Release();
    message_.Clear();
    return Fail(taken);
  }
  request.attachment = std::move(attachment_);
  stage_ = Stage::kHandling;
  core_->handler.OnRequest(std::move(request), GrpcResponder(shared_from_this()));
  entering_.reset();
}

Status GrpcCall::TakeBody(GrpcServerRequest& request) {
  const size_t size = message_.Length();
  const size_t size_max = core_->config.message_max();
  if (size > size_max) return TooLarge(size, size_max);
  if (!room_.TryResize(size)) return NoMemory();
  request.body = TakeMessage(message_, std::move(room_));
  Result<Encoding> encoding = EncodingOf(context_.c_call(), request.body.view());
  if (!encoding) return encoding.error();
  request.encoding = *encoding;
  if (request.encoding == Encoding::kNone) return {};
  return Inflate(request);
}

Status GrpcCall::Inflate(GrpcServerRequest& request) const {
  const size_t size_max = core_->config.message_max();
  Result<Slice> plain = Decompress(request.encoding, request.body, size_max, core_->budget);
  if (plain) {
    request.compressed = std::exchange(request.body, std::move(*plain));
    return {};
  }
  const Status& why = plain.error();
  if (why.code() == StatusCode::kResourceExhausted) {
    return {
        StatusCode::kResourceExhausted,
        "grpc: received message after decompression larger than max " + std::to_string(size_max)};
  }
  if (why.code() != StatusCode::kInvalidArgument) return why;
  return {StatusCode::kInternal, "grpc: failed to decompress the message: " + why.message()};
}

void GrpcCall::Succeed(const Slice& reply) {
  Begin(Stage::kFinishing, [&] {
    stream_.WriteAndFinish(MakeReply(reply), grpc::WriteOptions(), grpc::Status::OK, tag());
  });
}

void GrpcCall::Fail(const Status& status) {
  if (stage_ != Stage::kHandling) {
    room_.Release();
    entering_.reset();
  }
  Begin(Stage::kFinishing, [&] { stream_.Finish(ToGrpc(status), tag()); });
}

}  // namespace weir::net
