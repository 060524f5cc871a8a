// The door of a sending queue: who gets room in it, who waits for some, and who is refused.
//
// Room is counted in the units of the sizer (requests, items or bytes) and stays taken until the
// export is done. When it is used up the answer is `sending queue is full` with a delay, or, with
// block_on_overflow, the caller waits in line: as state and a timer, never as a thread, first come
// first served, until its own deadline. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <list>
#include <memory>

#include "base/bounded_queue.h"
#include "base/executor.h"
#include "base/mutex.h"
#include "base/status.h"
#include "base/unique_function.h"
#include "pipeline/consumer.h"
#include "pipeline/exporter_config.h"
#include "pipeline/exporter_report.h"

namespace weir::pipeline {

// Our own refusals carry this delay, for receivers to pass on.
inline constexpr Status::Delay kQueueRetryDelay = std::chrono::seconds(1);

// Room for `capacity` units of `sizer`.
QueueLoad RoomLimit(const QueueConfig& config);
// What a batch of `size` takes, by `sizer`.
QueueLoad LoadOf(Sizer::Kind sizer, const BatchSize& size);

class Admission final : public Reservations::Issuer {
 public:
  // As many may wait with block_on_overflow; more are refused.
  static constexpr size_t kWaitersMax = 10'000;

  // References outlive this; `room` has the limit RoomLimit(config).
  Admission(const QueueConfig& config, QueueRoom& room, Executor& executor, ExporterReport& report);

  // Lets a batch of `size` in, and its room is taken until Leave; or refuses it, which is counted
  // and logged; or says that it must Wait. A promise in `context` is used first.
  enum class Verdict : uint8_t { kIn, kRefused, kMustWait };
  Verdict TryEnter(const BatchSize& size, const Context& context, Status& refusal);
  // Answers OK through `entered` when there is room, or with a refusal at `deadline`.
  using Entered = UniqueFunction<void(Status)>;
  void Wait(const BatchSize& size, Context::Deadline deadline, Entered entered)
      EXCLUDES(line_->mutex);

  // Gives the room of a batch of `size` back and lets in who waits for it, on this thread.
  void Leave(const BatchSize& size) { Leave(LoadOf(sizer_, size)); }
  void Leave(QueueLoad load);
  // Takes room for what is inside without having entered (found in storage).
  void ForceEnter(QueueLoad load) { room_.ForceReserve(load); }
  // As Leave, without letting anybody in: the caller does that later with Leave({}).
  void LeaveQuietly(QueueLoad load) { room_.Release(load); }
  QueueLoad LoadOfOne(const BatchSize& size) const { return LoadOf(sizer_, size); }
  Sizer::Kind sizer() const { return sizer_; }

  // Promises room to a fan-out. With block_on_overflow nothing is promised when there is none, and
  // OK: the batch waits then.
  Status Reserve(const BatchSize& size, Reservations& reservations);
  void GiveBack(const BatchSize& size) override { Leave(size); }

  // Refuses who waits and whoever comes, from now on.
  void Close() EXCLUDES(line_->mutex);

  // In units of the sizer.
  size_t size() const { return Units(room_.used()); }
  size_t capacity() const { return Units(room_.limit()); }

 private:
  struct Waiter {
    QueueLoad load;
    size_t items;
    Entered entered;
    Executor::TimerId timer = 0;
    uint64_t number = 0;
  };
  // Shared with the timers, which may fire after the queue has gone.
  struct Line {
    Mutex mutex;
    std::list<Waiter> waiters GUARDED_BY(mutex);
    uint64_t last_number GUARDED_BY(mutex) = 0;
    bool closed GUARDED_BY(mutex) = false;
    std::atomic<size_t> length{0};  // of waiters, raised before the last try for room
  };

  size_t Units(QueueLoad load) const { return sizer_ == Sizer::kBytes ? load.bytes : load.items; }
  bool UsePromise(QueueLoad load, const Context& context);
  Status Full(size_t items);
  Status Refuse(size_t items, Status why);
  // The number of the place in line, 0 when there is none and `waiter` is refused.
  uint64_t TakePlace(Waiter& waiter) EXCLUDES(line_->mutex);
  void SetDeadline(uint64_t number, Context::Deadline deadline) EXCLUDES(line_->mutex);
  void LetIn() EXCLUDES(line_->mutex);
  static bool TakeOut(Line& line, uint64_t number, Waiter& waiter);

  const Sizer::Kind sizer_;
  const bool blocks_;
  QueueRoom& room_;
  Executor& executor_;
  ExporterReport& report_;
  const std::shared_ptr<Line> line_;
};

}  // namespace weir::pipeline
