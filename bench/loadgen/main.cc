// weir-loadgen: sends OTLP as fast as it is told and counts what it is told back.
//
//   weir-loadgen --signal logs --protocol grpc --port 4317 --in-flight 8 --duration 5
//   weir-loadgen --protocol http --compression gzip --rate 100000 --port 4318
//
// Prints one JSON object: what was accepted, refused (by code, with or without a delay), failed or
// not sent, latencies of what was accepted in milliseconds, and a timeline [accepted, other] per
// 100 ms.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

#include "bench/loadgen/sender.h"

namespace weir::bench {
namespace {

struct Options {
  SenderOptions sender;
  std::string signal = "logs";
  std::string protocol = "grpc";
  std::string compression = "none";
  size_t batch = 0;
  size_t payloads = 16;
  double rate = 0;
  double duration_s = 5;
  uint64_t requests_max = UINT64_MAX;
  double timeout_s = 10;
  std::string acked_file;
};

void Declare(CLI::App& app, Options& options) {
  app.add_option("--signal", options.signal, "logs, spans or points");
  app.add_option("--protocol", options.protocol, "grpc or http");
  app.add_option("--compression", options.compression, "none or gzip");
  app.add_option("--host", options.sender.host, "an IPv4 address");
  app.add_option("--port", options.sender.port)->required();
  app.add_option("--batch", options.batch, "items per request; default 1000, spans 512");
  app.add_option("--payloads", options.payloads, "how many different requests to prepare");
  app.add_option("--rate", options.rate, "items per second; 0: as many as are accepted");
  app.add_option("--in-flight", options.sender.slots, "requests waiting for an answer at most");
  app.add_option("--connections", options.sender.connections, "gRPC connections");
  app.add_option("--duration", options.duration_s, "seconds at most");
  app.add_option("--requests", options.requests_max, "how many at most; no limit without");
  app.add_option("--timeout", options.timeout_s, "seconds to wait for an answer");
  app.add_flag("--honour-delay", options.sender.honour_delay,
               "wait as long as a refusal asks before the next request");
  app.add_option("--acked-file", options.acked_file,
                 "number the requests and write the numbers of those accepted here, one a line");
}

void WriteAcked(const std::string& path, const std::vector<uint64_t>& sequences) {
  std::ofstream file(path);
  for (const uint64_t sequence : sequences) file << sequence << '\n';
}

int Send(Options& options) {
  SenderOptions& sender = options.sender;
  sender.signal = ParseSignal(options.signal);
  sender.batch = options.batch ? options.batch : DefaultBatch(sender.signal);
  sender.gzip = options.compression == "gzip";
  sender.stamp = !options.acked_file.empty();
  sender.timeout_nanos = static_cast<int64_t>(options.timeout_s * 1e9);
  std::vector<Payload> payloads = MakePayloads(sender.signal, sender.batch, options.payloads, 1);
  const int64_t start = NowNanos();
  Pacer pacer(options.rate / static_cast<double>(sender.batch), options.requests_max, start);
  Tally tally(start);
  Run run{sender, payloads, pacer, tally, start + static_cast<int64_t>(options.duration_s * 1e9),
          {}};
  options.protocol == "http" ? SendHttp(run) : SendGrpc(run);
  const double seconds = static_cast<double>(NowNanos() - start) / 1e9;
  std::printf("{%s, \"item_bytes\": %.1f, \"gzip_ratio\": %.2f}\n", tally.Json(seconds).c_str(),
              double(payloads[0].plain.size()) / double(sender.batch),
              double(payloads[0].plain.size()) / double(payloads[0].gzip.size()));
  if (sender.stamp) WriteAcked(options.acked_file, run.acked_sequences);
  return 0;
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  CLI::App app{"Sends OTLP and counts the answers."};
  weir::bench::Options options;
  weir::bench::Declare(app, options);
  CLI11_PARSE(app, argc, argv);
  return weir::bench::Send(options);
}
