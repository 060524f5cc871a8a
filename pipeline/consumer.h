// The one way telemetry moves through Weir: a batch goes forward, an answer comes back (DESIGN §2).
//
//   receiver ──Consume(batch)──► processor ──► fan-out ──► exporter
//            ◄──── Status ──────           ◄──         ◄──
//
// The answer speaks for the whole path behind the consumer: OK means that every branch holds or has
// delivered the data.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/unique_function.h"
#include "model/batch.h"

namespace weir::pipeline {

// Who sent a batch. Immutable once shared; filled by receivers as far as they are configured to.
struct ClientInfo {
  std::string address;  // "127.0.0.1:51234"; empty when unknown
  // Request headers, keys in lower case, in arrival order; empty unless the receiver has
  // include_metadata.
  std::vector<std::pair<std::string, std::vector<std::string>>> metadata;
  // What an authenticator found out: name → value ("username", "raw").
  std::vector<std::pair<std::string, std::string>> auth;
  bool authenticated = false;

  const std::vector<std::string>* FindMetadata(std::string_view lower_case_key) const;
  const std::string* FindAuth(std::string_view name) const;
};

// Room promised in advance, see Consumer::Reserve.
class Reservations;

// What accompanies a batch. Cheap to copy; a consumer that keeps a batch keeps a copy with
// WithoutReservations().
struct Context {
  using Deadline = std::chrono::steady_clock::time_point;
  static constexpr Deadline kNoDeadline = Deadline::max();

  Deadline deadline = kNoDeadline;           // of the caller; it stops waiting then
  std::shared_ptr<const ClientInfo> client;  // null: nothing known
  std::string_view transport;                // "grpc", "http": a literal, for self-metrics
  Reservations* reservations = nullptr;      // valid only during Consume

  Context WithoutReservations() const {
    Context copy = *this;
    copy.reservations = nullptr;
    return copy;
  }
};

// Called exactly once, from any thread, possibly inside Consume.
using Done = UniqueFunction<void(Status)>;

// What a reservation asks room for.
struct BatchSize {
  size_t items;
  size_t bytes;
};

class Consumer {
 public:
  virtual ~Consumer() = default;

  // Takes `batch` and answers through `done`. Never blocks: waiting is state and a timer. `context`
  // is valid during the call only. Any thread may call, many at once.
  virtual void Consume(model::Batch batch, const Context& context, Done done) = 0;

  // Asks the path behind for room for one batch of `size`, before a fan-out hands out copies: a
  // branch that would refuse now says so here, and nobody gets anything, so that a retry never
  // doubles a branch that had accepted. A queue adds what it promises to `reservations`; Consume
  // with that object in its context then uses the promise and does not refuse for lack of room.
  // What is not used is given back when `reservations` goes. Default: nothing to promise, OK.
  virtual Status Reserve(const BatchSize& size, Reservations& reservations) {
    (void)size;
    (void)reservations;
    return {};
  }
};

// The promises that one batch carries to the queues on its way. Lives on the stack of the outermost
// fan-out.
class Reservations {
 public:
  // Someone who promised room; outlives the reservations.
  class Issuer {
   public:
    virtual ~Issuer() = default;
    virtual void GiveBack(const BatchSize& size) = 0;
  };

  Reservations() = default;
  Reservations(const Reservations&) = delete;
  Reservations& operator=(const Reservations&) = delete;
  ~Reservations();

  void Add(Issuer& issuer, const BatchSize& size) { promises_.push_back({&issuer, size}); }
  // Takes one promise of `issuer` out: true and its size, and the caller owns that room now.
  bool Take(Issuer& issuer, BatchSize& size);

 private:
  struct Promise {
    Issuer* issuer;
    BatchSize size;
  };
  std::vector<Promise> promises_;
};

}  // namespace weir::pipeline
