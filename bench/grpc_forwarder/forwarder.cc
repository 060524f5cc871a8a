// bare-grpc-forwarder: the least a program on gRPC C++ can do to pass OTLP/gRPC on.
//
// Takes any unary call, makes the same call with the same message buffer, compressed or not as it
// came, and answers with what comes back. No check, no queue, no limit: the floor that Weir is
// measured against. One thread, one completion queue for both sides.
//
//   bare-grpc-forwarder --listen 4317 --backend 5317
#include <grpc/byte_buffer.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "bench/loadgen/raw_buffer.h"

namespace weir::bench {
namespace {

std::shared_ptr<grpc::Channel> Connect(uint16_t port, bool is_gzip) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxSendMessageSize(-1);
  if (is_gzip) arguments.SetCompressionAlgorithm(GRPC_COMPRESS_GZIP);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                   grpc::InsecureChannelCredentials(), arguments);
}

class Forwarder {
 public:
  Forwarder(uint16_t listen, uint16_t backend)
      : plain_(Connect(backend, false)), gzip_(Connect(backend, true)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(listen),
                             grpc::InsecureServerCredentials());
    builder.SetMaxReceiveMessageSize(-1);
    builder.AddChannelArgument("grpc.per_message_decompression", 0);
    builder.RegisterAsyncGenericService(&service_);
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
  }

  int Serve() {
    if (!server_) return 1;
    Expect();
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) Step(static_cast<Call*>(tag), ok);
    return 0;
  }

 private:
  enum class Stage { kAccept, kRead, kForward, kAnswer };

  struct Call {
    Stage stage = Stage::kAccept;
    grpc::GenericServerContext server;
    grpc::GenericServerAsyncReaderWriter stream{&server};
    grpc::ClientContext client;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    grpc::ByteBuffer request;
    grpc::ByteBuffer response;
    grpc::Status status;
  };

  void Expect() {
    auto* call = new Call;  // owned by the completion queue until Step deletes it
    service_.RequestCall(&call->server, &call->stream, queue_.get(), queue_.get(), call);
  }

  void Step(Call* call, bool ok) {
    if (call->stage == Stage::kAnswer || (!ok && call->stage != Stage::kForward)) {
      delete call;
      return;
    }
    switch (call->stage) {
      case Stage::kAccept:
        Expect();
        call->stage = Stage::kRead;
        return call->stream.Read(&call->request, call);
      case Stage::kRead:
        return Forward(*call);
      case Stage::kForward:
        call->stage = Stage::kAnswer;
        if (!call->status.ok()) return call->stream.Finish(call->status, call);
        return call->stream.WriteAndFinish(call->response, grpc::WriteOptions(), grpc::Status::OK,
                                           call);
      case Stage::kAnswer:
        return;
    }
  }

  void Forward(Call& call) {
    call.stage = Stage::kForward;
    grpc::GenericStub& stub = IsGzip(call.request) ? gzip_ : plain_;
    call.reader =
        stub.PrepareUnaryCall(&call.client, call.server.method(), call.request, queue_.get());
    call.request.Clear();
    call.reader->StartCall();
    call.reader->Finish(&call.response, &call.status, &call);
  }

  grpc::GenericStub plain_;
  grpc::GenericStub gzip_;
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  CLI::App app{"Passes OTLP/gRPC on and does nothing else."};
  uint16_t listen = 0;
  uint16_t backend = 0;
  app.add_option("--listen", listen)->required();
  app.add_option("--backend", backend)->required();
  CLI11_PARSE(app, argc, argv);
  return weir::bench::Forwarder(listen, backend).Serve();
}
