// grpc-server-bench: what it costs to receive OTLP logs over gRPC and answer at once.
//
// A child process sends requests of 1000 logs of 300 B over one connection, the parent receives
// them and prints its own CPU time per log. Modes:
//   otlp      the otlp receiver's gRPC half: checked, counted, dropped
//   server    net/grpc_server alone: flattened, inflated, dropped
//   callback  gRPC's generic callback service: the message is dropped as it is
//
//   grpc-server-bench --mode otlp --encoding gzip --seconds 5 --threads 1 --in-flight 8
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "bench/loadgen/payload.h"
#include "bench/loadgen/raw_buffer.h"
#include "receivers/otlp/grpc_server.h"

namespace weir::bench {
namespace {

constexpr size_t kLogs = 1000;

struct Options {
  std::string mode = "otlp";
  std::string encoding = "none";
  int seconds = 5;
  int threads = 0;
  size_t in_flight = 8;
};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The child: keeps `in_flight` calls going until `seconds` have passed.
int Send(const Options& options, uint16_t port) {
  const bool gzip = options.encoding == "gzip";
  const auto payloads = MakePayloads(Signal::kLogs, kLogs, 16, 1);
  grpc::ChannelArguments arguments;
  arguments.SetMaxSendMessageSize(-1);
  if (gzip) arguments.SetCompressionAlgorithm(GRPC_COMPRESS_GZIP);
  grpc::GenericStub stub(grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                                   grpc::InsecureChannelCredentials(), arguments));
  struct Call {
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    grpc::ByteBuffer reply;
    grpc::Status status;
  };
  grpc::CompletionQueue queue;
  std::vector<grpc::ByteBuffer> messages;
  for (const Payload& payload : payloads) {
    messages.push_back(MessageOf(gzip ? payload.gzip : payload.plain, gzip));
  }
  size_t next = 0;
  const std::string method(GrpcMethod(Signal::kLogs));
  const auto start = [&](Call* call) {
    call->reader.reset();
    call->context = std::make_unique<grpc::ClientContext>();
    call->reader = stub.PrepareUnaryCall(call->context.get(), method,
                                         messages[next++ % messages.size()], &queue);
    call->reader->StartCall();
    call->reader->Finish(&call->reply, &call->status, call);
  };
  std::vector<Call> calls(options.in_flight);
  for (Call& call : calls) start(&call);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
  size_t running = calls.size();
  void* tag = nullptr;
  bool ok = false;
  while (running > 0 && queue.Next(&tag, &ok)) {
    auto* call = static_cast<Call*>(tag);
    if (!call->status.ok()) {
      std::fprintf(stderr, "%s\n", call->status.error_message().c_str());
      return 1;
    }
    if (std::chrono::steady_clock::now() < end) {
      start(call);
    } else {
      --running;
    }
  }
  return 0;
}

class CountingHandler final : public net::GrpcHandler {
 public:
  Status Admit(const net::GrpcHead&, std::shared_ptr<void>&) override { return {}; }
  void OnRequest(net::GrpcServerRequest, net::GrpcResponder responder) override {
    requests.fetch_add(1, std::memory_order_relaxed);
    responder.Succeed(Slice::Copy(std::string_view("\x0a\x00", 2)));
  }
  std::atomic<size_t> requests{0};
};

class CountingConsumer final : public pipeline::Consumer {
 public:
  void Consume(model::Batch batch, const pipeline::Context&, pipeline::Done done) override {
    logs.fetch_add(batch.items(), std::memory_order_relaxed);
    done({});
  }
  std::atomic<size_t> logs{0};
};

class Host final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const pipeline::ComponentId&) override { return nullptr; }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}
};

class CallbackService final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    class Reactor final : public grpc::ServerGenericBidiReactor {
     public:
      explicit Reactor(std::atomic<size_t>& requests) : requests_(requests) {
        StartRead(&message_);
      }
      void OnReadDone(bool ok) override {
        if (!ok) return Finish(grpc::Status(grpc::StatusCode::UNKNOWN, "EOF"));
        requests_.fetch_add(1, std::memory_order_relaxed);
        message_.Clear();
        const grpc::Slice reply(std::string("\x0a\x00", 2));
        message_ = grpc::ByteBuffer(&reply, 1);
        StartWriteAndFinish(&message_, grpc::WriteOptions(), grpc::Status::OK);
      }
      void OnDone() override { delete this; }

     private:
      std::atomic<size_t>& requests_;
      grpc::ByteBuffer message_;
    };
    return new Reactor(requests);
  }
  std::atomic<size_t> requests{0};
};

// Runs until the child is done; the CPU seconds and logs in between.
void Report(const Options& options, pid_t child, const std::function<size_t()>& logs) {
  const double before = CpuSeconds();
  const auto began = std::chrono::steady_clock::now();
  int status = 0;
  waitpid(child, &status, 0);
  const double cpu = CpuSeconds() - before;
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
  const auto count = static_cast<double>(logs());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "%-8s %-4s threads=%d in_flight=%zu  %.3f us CPU/log  %.2f M logs/s  peak RSS %ld MiB%s\n",
      options.mode.c_str(), options.encoding.c_str(), options.threads, options.in_flight,
      cpu * 1e6 / count, count / wall.count() / 1e6, usage.ru_maxrss / 1024,
      status == 0 ? "" : "  (sender failed)");
}

// Null: the server's own choice.
std::shared_ptr<net::GrpcPool> PoolOf(const Options& options) {
  return options.threads > 0 ? std::make_shared<net::GrpcPool>(options.threads) : nullptr;
}

net::GrpcServerConfig AnyPort() {
  net::GrpcServerConfig config;
  config.net_addr.endpoint = "127.0.0.1:0";
  config.read_buffer_size = 512 * 1024;
  return config;
}

void TellPort(int pipe, uint16_t port) {
  if (write(pipe, &port, sizeof(port)) != sizeof(port)) std::abort();
}

void ServeRaw(const Options& options, pid_t child, int pipe) {
  ByteBudget budget(1 << 30);
  CountingHandler handler;
  net::GrpcServer server(AnyPort(), handler, budget, Logger(), PoolOf(options));
  if (!server.Start().ok()) std::abort();
  TellPort(pipe, server.port());
  Report(options, child, [&] { return handler.requests.load() * kLogs; });
  server.Shutdown();
}

void ServeOtlp(const Options& options, pid_t child, int pipe) {
  ByteBudget budget(1 << 30);
  ThreadPool executor("bench", 1);
  pipeline::BuildInfo build;
  Host host;
  CountingConsumer consumer;
  const pipeline::Settings settings{{"otlp", ""}, Logger(), nullptr, executor, budget, build};
  receivers::otlp::OtlpGrpcServer server(AnyPort(), {&consumer, &consumer, &consumer}, settings);
  if (!server.Start(host).ok()) std::abort();
  TellPort(pipe, server.port());
  Report(options, child, [&] { return consumer.logs.load(); });
  server.Shutdown();
}

void ServeCallback(const Options& options, pid_t child, int pipe) {
  CallbackService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.SetMaxReceiveMessageSize(-1);
  builder.AddChannelArgument("grpc.per_message_decompression", 0);
  builder.RegisterCallbackGenericService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  TellPort(pipe, static_cast<uint16_t>(port));
  Report(options, child, [&] { return service.requests.load() * kLogs; });
  server->Shutdown();
}

int Run(const Options& options) {
  int pipes[2];
  if (pipe(pipes) != 0) return 1;
  // Before gRPC starts threads in this process.
  const pid_t child = fork();
  if (child == 0) {
    uint16_t port = 0;
    if (read(pipes[0], &port, sizeof(port)) != sizeof(port)) return 1;
    return Send(options, port);
  }
  if (options.mode == "callback") {
    ServeCallback(options, child, pipes[1]);
  } else if (options.mode == "server") {
    ServeRaw(options, child, pipes[1]);
  } else {
    ServeOtlp(options, child, pipes[1]);
  }
  return 0;
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  CLI::App app{"CPU time of receiving OTLP logs over gRPC."};
  weir::bench::Options options;
  app.add_option("--mode", options.mode, "otlp, server or callback");
  app.add_option("--encoding", options.encoding, "none or gzip");
  app.add_option("--seconds", options.seconds);
  app.add_option("--threads", options.threads, "of the server; 0: its own choice");
  app.add_option("--in-flight", options.in_flight, "calls at a time");
  CLI11_PARSE(app, argc, argv);
  return weir::bench::Run(options);
}
