// weir-sink: the backend of a benchmark. sink.h tells what it does.
//
//   weir-sink --grpc 5317 --http 5318 --control 5319 --batch 1000
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <thread>

#include "bench/loadgen/sink.h"
#include "bench/loadgen/tally.h"

int main(int argc, char** argv) {
  CLI::App app{"Answers OTLP and counts it."};
  // One for the life of the process: the serving threads never return.
  static weir::bench::SinkState state;
  uint16_t grpc_port = 0;
  uint16_t http_port = 0;
  uint16_t control_port = 0;
  app.add_option("--grpc", grpc_port, "port of OTLP/gRPC")->required();
  app.add_option("--http", http_port, "port of OTLP/HTTP")->required();
  app.add_option("--control", control_port, "port of the control page")->required();
  app.add_option("--batch", state.batch, "items in each request");
  app.add_flag("--scan", state.scan, "look into the requests and count what is there");
  CLI11_PARSE(app, argc, argv);
  state.start_nanos = weir::bench::NowNanos();
  std::thread([&] { weir::bench::ServeGrpc(state, grpc_port); }).detach();
  std::thread([&] { weir::bench::ServeHttp(state, http_port); }).detach();
  std::puts("listening");
  std::fflush(stdout);
  weir::bench::ServeControl(state, control_port);
}
