#include <grpcpp/alarm.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <protozero/pbf_writer.hpp>
#include <vector>

#include "bench/loadgen/sink.h"
#include "bench/loadgen/tally.h"

namespace weir::bench {
namespace {

using std::chrono::nanoseconds;
using std::chrono::system_clock;

constexpr int64_t kStallPollNanos = 50'000'000;

// google.rpc.Status with a RetryInfo of `delay_nanos`.
std::string RetryDetails(int code, int64_t delay_nanos) {
  std::string info;
  {
    protozero::pbf_writer writer(info);
    protozero::pbf_writer duration(writer, 1);
    duration.add_int64(1, delay_nanos / 1'000'000'000);
    duration.add_int32(2, static_cast<int32_t>(delay_nanos % 1'000'000'000));
  }
  std::string status;
  protozero::pbf_writer writer(status);
  writer.add_int32(1, code);
  protozero::pbf_writer any(writer, 3);
  any.add_string(1, "type.googleapis.com/google.rpc.RetryInfo");
  any.add_bytes(2, info);
  any.commit();
  return status;
}

class GrpcSink {
 public:
  GrpcSink(SinkState& state, uint16_t port) : state_(state) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port),
                             grpc::InsecureServerCredentials());
    builder.SetMaxReceiveMessageSize(-1);
    builder.AddChannelArgument("grpc.per_message_decompression", 0);
    builder.RegisterAsyncGenericService(&service_);
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
  }

  void Serve() {
    if (!server_) {
      std::fprintf(stderr, "weir-sink: cannot listen for gRPC\n");
      std::exit(1);
    }
    Expect();
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) Step(*static_cast<Call*>(tag), ok);
  }

 private:
  enum class Stage { kAccept, kRead, kHeld, kFinish };

  struct Call {
    Stage stage = Stage::kAccept;
    bool has_waited = false;
    bool is_ok = false;
    grpc::GenericServerContext context;
    grpc::GenericServerAsyncReaderWriter stream{&context};
    grpc::ByteBuffer request;
    grpc::Alarm alarm;
    Received received;
  };

  void Expect() {
    auto* call = new Call;  // owned by the completion queue until Step deletes it
    service_.RequestCall(&call->context, &call->stream, queue_.get(), queue_.get(), call);
  }

  void Step(Call& call, bool ok) {
    switch (call.stage) {
      case Stage::kAccept:
        if (!ok) return Drop(call);
        Expect();
        call.stage = Stage::kRead;
        return call.stream.Read(&call.request, &call);
      case Stage::kRead:
        if (!ok) return Drop(call);
        TakeRequest(call);
        return Decide(call);
      case Stage::kHeld:
        return Decide(call);
      case Stage::kFinish:
        if (ok && call.is_ok) CountOk(state_, call.received);
        return Drop(call);
    }
  }

  void Drop(Call& call) { delete &call; }

  void TakeRequest(Call& call) {
    if (state_.scan) {
      grpc::Slice slice;
      if (call.request.DumpToSingleSlice(&slice).ok()) {
        call.received = Scan(state_, call.context.method(),
                             {reinterpret_cast<const char*>(slice.begin()), slice.size()});
      }
    } else {
      call.received.items = state_.batch;
      call.received.bytes = call.request.Length();
    }
    call.request.Clear();
  }

  void Hold(Call& call, int64_t nanos) {
    call.stage = Stage::kHeld;
    call.alarm.Set(queue_.get(), system_clock::now() + nanoseconds(nanos), &call);
  }

  void Decide(Call& call) {
    const SinkMode mode = state_.mode;
    if (mode == SinkMode::kStalled) return Hold(call, kStallPollNanos);
    if (mode == SinkMode::kSlow && !call.has_waited) {
      call.has_waited = true;
      return Hold(call, state_.slow_nanos);
    }
    call.stage = Stage::kFinish;
    if (mode == SinkMode::kRefuse) return Refuse(call);
    call.is_ok = true;
    static const grpc::ByteBuffer kEmpty = [] {
      grpc::Slice slice;
      return grpc::ByteBuffer(&slice, 1);
    }();
    call.stream.WriteAndFinish(kEmpty, grpc::WriteOptions(), grpc::Status::OK, &call);
  }

  void Refuse(Call& call) {
    ++state_.refused;
    const int code = state_.refuse_code;
    const int64_t delay = state_.refuse_delay_nanos;
    call.stream.Finish(grpc::Status(static_cast<grpc::StatusCode>(code), "refused by the sink",
                                    delay < 0 ? "" : RetryDetails(code, delay)),
                       &call);
  }

  SinkState& state_;
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

void ServeGrpc(SinkState& state, uint16_t port) { GrpcSink(state, port).Serve(); }

}  // namespace weir::bench
