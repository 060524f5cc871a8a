// Random OTLP requests as libprotobuf messages, and small helpers between them and Weir's bytes:
// what the differential tests of model/ compare against.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "model/batch.h"
#include "model/signal.h"

namespace weir::test {

struct RandomOtlp {
  // Every scalar set, every repeated field with elements: for golden and round-trip tests. Else
  // each field is there by chance and lists are short or empty.
  bool full = false;
  // Lists have up to this many elements; requests grow quickly with it.
  int list_max = 3;
  // Adds unknown fields (numbers 100 to 5000, every wire type) here and there.
  bool unknown_fields = false;
};

// An empty Export{Trace,Metrics,Logs}ServiceRequest.
std::unique_ptr<google::protobuf::Message> NewRequest(model::Signal signal);

// The same, filled. Ids have their 16 or 8 bytes or none, any-values nest a few levels deep,
// doubles include NaN with payload, infinities and -0.0, strings are short ASCII.
std::unique_ptr<google::protobuf::Message> RandomRequest(model::Signal signal,
                                                         std::mt19937_64& random,
                                                         const RandomOtlp& how = {});
void FillRandomly(google::protobuf::Message& message, std::mt19937_64& random,
                  const RandomOtlp& how = {});

// `bytes` with one to three bytes changed, inserted or removed, cut short, or a length made wrong.
std::string Mutate(const std::string& bytes, std::mt19937_64& random);

// What libprotobuf makes of `bytes` by the same schema with bytes instead of strings, so that it
// accepts text that is not UTF-8; null when it refuses them.
std::unique_ptr<google::protobuf::Message> ParseAnyText(model::Signal signal,
                                                        const std::string& bytes);

// Spans, log records or data points, counted on the message.
size_t CountItems(const google::protobuf::Message& request);

// Serialised with fields in order and maps (there are none in OTLP) sorted.
std::string Serialize(const google::protobuf::Message& message);

// The batch CheckRequest makes of it; fails the test when it refuses.
model::Batch BatchOf(model::Signal signal, const google::protobuf::Message& request);
model::Batch BatchOf(model::Signal signal, const std::string& bytes);

// The request a batch carries, its runs one behind the other.
std::string BytesOf(const model::Batch& batch);
std::unique_ptr<google::protobuf::Message> RequestOf(const model::Batch& batch);

// Whether a and b say the same, bit for bit for doubles and with their unknown fields; why not goes
// to *difference when given.
bool SameMessage(const google::protobuf::Message& a, const google::protobuf::Message& b,
                 std::string* difference = nullptr);

}  // namespace weir::test
