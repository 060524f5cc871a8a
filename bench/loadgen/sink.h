// A backend that costs next to nothing: it answers OTLP/gRPC and OTLP/HTTP and counts what came.
//
// How it answers is switched while it runs (control.h): ok, slow (ok after a delay), stalled (no
// answer until the mode changes), refuse (a code, with or without a delay to wait). By default it
// counts requests and multiplies by the known batch size, and HTTP bodies are thrown away inside
// the kernel. With `scan` it inflates and walks every body, counts the items and adds them up by
// the sequence number of their resource (payload.h), so that loss and duplication show.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace weir::bench {

enum class SinkMode { kOk, kSlow, kStalled, kRefuse };

struct SinkState {
  // Constant after start, but for the last.
  bool scan = false;
  uint64_t batch = 1000;
  std::atomic<int64_t> start_nanos{0};  // moved by /reset

  // Set by the control thread.
  std::atomic<SinkMode> mode{SinkMode::kOk};
  std::atomic<int64_t> slow_nanos{0};
  std::atomic<int> refuse_code{14};             // gRPC code, or HTTP status for the HTTP side
  std::atomic<int64_t> refuse_delay_nanos{-1};  // -1: the refusal names no delay

  // Counted by the serving threads: requests that were answered with OK.
  std::atomic<uint64_t> requests{0};
  std::atomic<uint64_t> items{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<uint64_t> refused{0};
  std::atomic<uint64_t> malformed{0};
  std::array<std::atomic<uint64_t>, 36'000> timeline{};  // items per 100 ms, one hour at most

  std::mutex mutex;
  std::map<uint64_t, uint64_t> items_by_sequence;  // guarded by mutex
};

// What one request held.
struct Received {
  uint64_t items = 0;
  uint64_t bytes = 0;
  std::map<uint64_t, uint64_t> items_by_sequence;
};

// Looks into `body` of a request to `path` (HTTP path or gRPC method); gzip is told by its first
// bytes. Items 0 and `malformed` counted when it cannot be read.
Received Scan(SinkState& state, std::string_view path, std::string_view body);

// The request was answered with OK.
void CountOk(SinkState& state, const Received& received);

// Serve until the process ends, in the calling thread. Port 0 is not allowed here: the caller names
// ports.
void ServeGrpc(SinkState& state, uint16_t port);
void ServeHttp(SinkState& state, uint16_t port);

// GET /mode/ok, /mode/stalled, /mode/slow?ms=50, /mode/refuse?code=14&ms=200 (without ms: no
// delay), /stats (JSON), /sequences (lines "sequence items"), /reset.
void ServeControl(SinkState& state, uint16_t port);

}  // namespace weir::bench
