// The pending data of one partition of a batcher, and what becomes of it. Part of pipeline/batcher.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/mutex.h"
#include "pipeline/batcher.h"

namespace weir::pipeline {

// One request: counts its parts and answers when the last is answered. Thread-safe.
class BatchOrigin {
 public:
  BatchOrigin(Context c, Done done) : context(std::move(c)), done_(std::move(done)) {}

  // Another part is on its way. Before the first one is answered there is always one more, held by
  // whoever cuts the request; it gives that up with Answer(OK).
  void AddPart() { open_.fetch_add(1, std::memory_order_relaxed); }
  void Answer(const Status& status);

  const Context context;

 private:
  std::atomic<size_t> open_{1};
  Mutex mutex_;
  Status worst_ GUARDED_BY(mutex_);
  Done done_;
};

struct BatchPart {
  model::Batch batch;
  std::shared_ptr<BatchOrigin> origin;
};

class BatchPartition;

// One batch on its way.
struct BatchFlight {
  std::shared_ptr<BatchPartition> partition;
  std::vector<BatchPart> parts;
  Batcher::Trigger trigger = Batcher::Trigger::kSize;
  bool again = false;  // a part of a batch that was refused
  Status answer;
  Handover handover;
};
using BatchFlights = std::deque<std::unique_ptr<BatchFlight>>;

class BatchPartition : public std::enable_shared_from_this<BatchPartition> {
 public:
  // `client` is that of every batch of this partition, null without metadata keys.
  BatchPartition(const BatcherOptions& options, std::shared_ptr<const ClientInfo> client)
      : options_(options), client_(std::move(client)) {}

  // Adds a request; what is complete goes to `ready`. True when a timer is needed: the caller sets
  // one for flush_timeout that calls TimeOut.
  [[nodiscard]] bool Add(model::Batch batch, const std::shared_ptr<BatchOrigin>& origin,
                         Clock::Steady now, BatchFlights& ready) EXCLUDES(mutex_);
  // The timer fired: how long to wait again, or zero when none is needed.
  std::chrono::nanoseconds TimeOut(Clock::Steady now, BatchFlights& ready) EXCLUDES(mutex_);
  // A batch of this partition was answered; `more` are sent in its place.
  void Ended(size_t more, BatchFlights& ready) EXCLUDES(mutex_);
  // Everything pending goes; for good when `closed`.
  void Flush(bool closed, BatchFlights& ready) EXCLUDES(mutex_);

  // What accompanies a batch of these parts.
  Context ContextOf(const std::vector<BatchPart>& parts) const;

 private:
  size_t SizeOf(const model::Batch& batch) const {
    return options_.by == model::SizedBy::kItems ? batch.items() : batch.size_bytes();
  }
  void Append(model::Batch batch, const std::shared_ptr<BatchOrigin>& origin) REQUIRES(mutex_);
  // Completes what is pending.
  void Close(Batcher::Trigger trigger, BatchFlights& ready) REQUIRES(mutex_);
  // Fills batches of max_size with `batch`; what remains fits behind what is then pending.
  model::Batch Cut(model::Batch batch, const std::shared_ptr<BatchOrigin>& origin,
                   BatchFlights& ready) REQUIRES(mutex_);

  const BatcherOptions& options_;
  const std::shared_ptr<const ClientInfo> client_;
  Mutex mutex_;
  std::vector<BatchPart> pending_ GUARDED_BY(mutex_);
  size_t pending_size_ GUARDED_BY(mutex_) = 0;
  Clock::Steady pending_since_ GUARDED_BY(mutex_){};
  size_t in_flight_ GUARDED_BY(mutex_) = 0;  // batches handed on and not answered
  bool timer_set_ GUARDED_BY(mutex_) = false;
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace weir::pipeline
