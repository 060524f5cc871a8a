#include "tests/net_grpc_client/grpc_backend.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <thread>

#include "base/check.h"
#include "base/mutex.h"
#include "net/status_mapping.h"

namespace weir::tests {
namespace {

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string TextOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

std::string Text(grpc::string_ref text) { return {text.data(), text.size()}; }

}  // namespace

std::string RetryDetails(int code, const std::string& message, std::chrono::nanoseconds delay) {
  return net::EncodeRpcStatus(Status(static_cast<StatusCode>(code), message).WithRetryAfter(delay));
}

struct GrpcBackend::State {
  enum class Stage { kAccept, kRead, kHeld, kFinish };
  struct Call {
    Stage stage = Stage::kAccept;
    grpc::GenericServerContext context;
    grpc::GenericServerAsyncReaderWriter stream{&context};
    grpc::ByteBuffer request;
  };

  // The calls belong to the completion queue until Step deletes them.
  void Expect() {
    auto* call = new Call;
    service.RequestCall(&call->context, &call->stream, queue.get(), queue.get(), call);
  }

  void Serve() {
    void* tag = nullptr;
    bool ok = false;
    while (queue->Next(&tag, &ok)) Step(static_cast<Call*>(tag), ok);
  }

  void Step(Call* call, bool ok) {
    MutexLock lock(mutex);
    // On a closed queue nothing may be started.
    if (!ok || closed || call->stage == Stage::kFinish) {
      delete call;
    } else if (call->stage == Stage::kAccept) {
      Expect();
      call->stage = Stage::kRead;
      call->stream.Read(&call->request, call);
    } else {
      Take(call);
    }
  }

  void Take(Call* call) REQUIRES(mutex) {
    BackendRequest request{call->context.method(), call->context.host(), {}, TextOf(call->request)};
    for (const auto& [name, value] : call->context.client_metadata()) {
      request.metadata.emplace(Text(name), Text(value));
    }
    requests.push_back(std::move(request));
    arrived.NotifyAll();
    const BackendAnswer answer = answers[std::min(answered++, answers.size() - 1)];
    if (answer.held && !stopping) {
      call->stage = Stage::kHeld;
      held.push_back(call);
      return;
    }
    call->stage = Stage::kFinish;
    if (!answer.status.ok()) return call->stream.Finish(answer.status, call);
    call->stream.WriteAndFinish(BufferOf(answer.body), {}, answer.status, call);
  }

  grpc::AsyncGenericService service;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  std::thread thread;

  mutable Mutex mutex;
  mutable CondVar arrived;
  std::vector<BackendAnswer> answers GUARDED_BY(mutex) = {{}};
  size_t answered GUARDED_BY(mutex) = 0;
  std::vector<BackendRequest> requests GUARDED_BY(mutex);
  std::vector<Call*> held GUARDED_BY(mutex);
  bool stopping GUARDED_BY(mutex) = false;  // nothing is held any more
  bool closed GUARDED_BY(mutex) = false;    // the queue is
};

GrpcBackend::GrpcBackend(Options options) : state_(std::make_unique<State>()) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.address, options.credentials, &state_->port);
  builder.SetMaxReceiveMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, options.inflates);
  builder.RegisterAsyncGenericService(&state_->service);
  state_->queue = builder.AddCompletionQueue();
  state_->server = builder.BuildAndStart();
  CHECK(state_->server != nullptr) << "cannot listen at " << options.address;
  state_->Expect();
  state_->thread = std::thread([state = state_.get()] { state->Serve(); });
}

GrpcBackend::~GrpcBackend() { Stop(); }

int GrpcBackend::port() const { return state_->port; }

void GrpcBackend::AnswerWith(std::vector<BackendAnswer> answers) {
  MutexLock lock(state_->mutex);
  state_->answers = std::move(answers);
  state_->answered = 0;
}

std::vector<BackendRequest> GrpcBackend::requests() const {
  MutexLock lock(state_->mutex);
  return state_->requests;
}

void GrpcBackend::WaitForRequests(size_t count) const {
  MutexLock lock(state_->mutex);
  while (state_->requests.size() < count) state_->arrived.Wait(state_->mutex);
}

void GrpcBackend::Stop() {
  if (!state_->thread.joinable()) return;
  {
    MutexLock lock(state_->mutex);
    state_->stopping = true;
    for (State::Call* call : state_->held) {
      call->stage = State::Stage::kFinish;
      call->stream.Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "going away"), call);
    }
    state_->held.clear();
  }
  state_->server->Shutdown(std::chrono::system_clock::now());
  {
    MutexLock lock(state_->mutex);
    state_->closed = true;
    state_->queue->Shutdown();
  }
  state_->thread.join();
}

}  // namespace weir::tests
