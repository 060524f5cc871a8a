// The two ways of sending: OTLP/gRPC and OTLP/HTTP. Each is one loop in the calling thread.
//
// A sender owns `slots` places for a request in flight and fills them when the pacer says so. What
// came of each request goes to the tally. A refusal that names a delay keeps its slot empty for
// that long if `honour_delay` is set, which is what a well-behaved SDK does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/loadgen/pacer.h"
#include "bench/loadgen/payload.h"
#include "bench/loadgen/tally.h"

namespace weir::bench {

struct SenderOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;
  Signal signal = Signal::kLogs;
  size_t batch = 1000;
  bool gzip = false;
  size_t slots = 8;        // requests in flight
  size_t connections = 1;  // gRPC channels; HTTP always has one connection per slot
  int64_t timeout_nanos = 10'000'000'000;
  bool honour_delay = false;
  bool stamp = false;  // number the requests (`weir.sequence`), see payload.h
};

// Shared state of one run.
struct Run {
  const SenderOptions& options;
  std::vector<Payload>& payloads;
  Pacer& pacer;
  Tally& tally;
  int64_t end_nanos;                      // no request is started after this
  std::vector<uint64_t> acked_sequences;  // filled when `stamp` is set
  uint64_t next_sequence = 1;
};

// Returns when `end_nanos` has passed or the pacer is done, and the last request is answered or
// timed out.
void SendGrpc(Run& run);
void SendHttp(Run& run);

// Delay asked for by a google.rpc.RetryInfo inside the bytes of a google.rpc.Status, in
// nanoseconds; -1 when there is none.
int64_t RetryDelayNanos(std::string_view status_bytes);

}  // namespace weir::bench
