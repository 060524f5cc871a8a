// weir-grpc-client-bench: what sending costs, apart from everything else.
//
// Sends the same few dozen request bodies through net::GrpcClient to a weir-sink, a number of calls
// in flight, and prints items/s, bytes/s, CPU time of this process per item and peak RSS.
//
//   weir-sink --grpc 5317 --http 5318 --control 5319 &
//   weir-grpc-client-bench --port 5317 --compression gzip
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bench/loadgen/payload.h"
#include "bench/loadgen/tally.h"
#include "net/grpc_client/grpc_client.h"

namespace weir::bench {
namespace {

struct Options {
  uint16_t port = 0;
  std::string signal = "logs";
  std::string compression = "none";
  size_t batch = 0;  // 0: the signal's
  int in_flight = 16;
  int threads = 1;
  double seconds = 5;
  bool as_it_came = false;  // hand over finished gzip
};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options),
        batch_(options.batch != 0 ? options.batch : DefaultBatch(ParseSignal(options.signal))),
        method_(GrpcMethod(ParseSignal(options.signal))),
        client_(ConfigOf(options), "weir-grpc-client-bench", Logger(), nullptr,
                std::make_shared<net::GrpcPool>(options.threads)) {
    for (const Payload& payload : MakePayloads(ParseSignal(options.signal), batch_, 32, 1)) {
      bodies_.push_back(Slice::Copy(options.as_it_came ? payload.gzip : payload.plain));
    }
  }

  int Go() {
    if (const Status started = client_.Start(); !started.ok()) {
      std::fprintf(stderr, "%s\n", started.message().c_str());
      return 1;
    }
    running_ = options_.in_flight;
    const double cpu = CpuSeconds();
    const int64_t start = NowNanos();
    end_nanos_ = start + static_cast<int64_t>(options_.seconds * 1e9);
    for (int i = 0; i < options_.in_flight; ++i) Send();
    {
      std::unique_lock lock(mutex_);
      all_done_.wait(lock, [this] { return running_ == 0; });
    }
    Print(static_cast<double>(NowNanos() - start) * 1e-9, CpuSeconds() - cpu);
    client_.Shutdown();
    return failed_ == 0 ? 0 : 1;
  }

 private:
  static net::GrpcClientConfig ConfigOf(const Options& options) {
    net::GrpcClientConfig config;
    config.endpoint = "127.0.0.1:" + std::to_string(options.port);
    config.tls.insecure = true;
    config.compression.name = options.compression;
    return config;
  }

  void Send() {
    net::GrpcRequest request;
    request.method = method_;
    request.body.push_back(bodies_[next_++ % bodies_.size()]);
    request.gzip = options_.as_it_came;
    client_.Call(std::move(request), [this](const Result<Slice>& result) {
      if (!result && failed_++ == 0) {
        std::fprintf(stderr, "%s\n", result.error().message().c_str());
      }
      ++calls_;
      if (NowNanos() < end_nanos_ && failed_ == 0) return Send();
      std::unique_lock lock(mutex_);
      if (--running_ == 0) all_done_.notify_all();
    });
  }

  void Print(double seconds, double cpu) const {
    const double calls = static_cast<double>(calls_);
    const double items = calls * static_cast<double>(batch_);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf(
        "%s %s%s: %.0f items/s, %.1f MB/s, %.4f us CPU per item, %.1f us per call, peak RSS %.1f "
        "MiB\n",
        options_.signal.c_str(), options_.compression.c_str(),
        options_.as_it_came ? " as it came" : "", items / seconds,
        calls * static_cast<double>(bodies_[0].size()) / seconds * 1e-6, cpu * 1e6 / items,
        cpu * 1e6 / calls, static_cast<double>(usage.ru_maxrss) / 1024);
  }

  const Options options_;
  const size_t batch_;
  const std::string method_;
  std::vector<Slice> bodies_;
  std::atomic<size_t> next_{0};
  std::atomic<uint64_t> calls_{0};
  std::atomic<uint64_t> failed_{0};
  std::mutex mutex_;
  std::condition_variable all_done_;
  int64_t end_nanos_ = 0;
  int running_ = 0;  // guarded by mutex_ once calls are under way
  net::GrpcClient client_;
};

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  CLI::App app{"Measures what sending by gRPC costs."};
  weir::bench::Options options;
  app.add_option("--port", options.port, "port of a weir-sink")->required();
  app.add_option("--signal", options.signal, "logs, spans or points");
  app.add_option("--compression", options.compression, "none or gzip");
  app.add_option("--batch", options.batch, "items in each request");
  app.add_option("--in-flight", options.in_flight, "calls at a time");
  app.add_option("--threads", options.threads, "polling threads");
  app.add_option("--seconds", options.seconds, "how long to send");
  app.add_flag("--as-it-came", options.as_it_came, "the bodies are gzip already");
  CLI11_PARSE(app, argc, argv);
  return weir::bench::Run(options).Go();
}
