// Export requests made once, before a run, so that sending costs nothing but the socket.
//
// A set holds a few dozen serialised ExportLogsServiceRequest / ExportTraceServiceRequest /
// ExportMetricsServiceRequest bodies of one signal. They look like what a shop's services send:
// one resource with seven attributes, one scope, varied bodies, ids, addresses and times; a log
// takes about 302 bytes, a span 326, a metric point 72. The same seed gives the same bytes.
//
// Every body carries a resource attribute `weir.sequence` of sixteen hexadecimal digits at a known
// offset. A sender that wants to prove that nothing is lost or doubled writes a request's number
// there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::bench {

enum class Signal { kLogs, kSpans, kPoints };

// "logs", "spans" or "points"; anything else throws std::invalid_argument.
Signal ParseSignal(std::string_view name);

// Full gRPC method of the signal's export call.
std::string_view GrpcMethod(Signal signal);
// HTTP path of the signal's export call, `/v1/logs` and so on.
std::string_view HttpPath(Signal signal);
// Records in a request as the SDKs batch them: 1000 logs, 512 spans, 1000 points.
size_t DefaultBatch(Signal signal);

inline constexpr std::string_view kSequenceKey = "weir.sequence";
inline constexpr size_t kSequenceDigits = 16;

struct Payload {
  std::string plain;
  std::string gzip;            // the same, ISA-L level 1
  size_t sequence_offset = 0;  // of the sixteen digits in `plain`
};

// `count` different bodies of `batch` items each.
std::vector<Payload> MakePayloads(Signal signal, size_t batch, size_t count, uint32_t seed);

// Writes `sequence` into `body` at `offset`.
void StampSequence(std::string& body, size_t offset, uint64_t sequence);

}  // namespace weir::bench
