// Lets a fixed number of exports run at a time; the others wait in line.
//
//   Take ─ a slot is free ─► next stage, on the calling thread
//        └ else ─► [ line ] ─► next stage, on the thread that ends an export
//
// This is what `num_consumers` means here: no threads, a number of slots. An export that ends pulls
// the next one in a loop, so that a sender that answers inside Send grows no stack.
//
// The count of exports taken and not ended says everything: up to `slots` of them run, the rest are
// in line. A thread that raises it up to `slots` owns a slot and runs its export at once; else it
// pushes first and raises then. A thread that ends an export lowers it, and when more than `slots`
// were open one of those in line is promised to it. Each promise is made behind a push, so the line
// is never found empty for good (BoundedQueue::PopPromised).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/bounded_queue.h"
#include "base/mutex.h"
#include "pipeline/export.h"
#include "pipeline/in_flight.h"

namespace weir::pipeline {

class Dispatcher final : public ExportStage {
 public:
  // `slots` at least 1. `room` is where waiting exports are accounted, by whoever admitted them;
  // both references outlive this.
  Dispatcher(int slots, QueueRoom& room, ExportStage& next);

  void Take(Export one) override;

  // From now on exports in line, and new ones, are answered with `why` instead of being sent; what
  // runs goes on. For queues whose exports are safe elsewhere.
  void Abandon(const Status& why) EXCLUDES(mutex_);
  // Blocks until no thread is inside any more. Every export must have been answered.
  void WaitIdle() { frames_.StopAndWait(); }

 private:
  struct Flight {
    explicit Flight(Export e) : one(std::move(e)) {}
    Export one;
    Done done;      // of the export while the next stage has the rest of it
    Status answer;  // of the next stage
    Handover handover;
  };
  using FlightPtr = std::unique_ptr<Flight>;

  // Runs `flight`, and what follows it on this slot, for as long as answers come at once.
  void Run(FlightPtr flight);
  // True when the answer is there.
  bool Start(Flight& flight);
  // Answers, frees the slot or takes the next export for it.
  FlightPtr End(FlightPtr flight);
  bool TryTakeSlot();

  const int64_t slots_;
  ExportStage& next_;
  BoundedQueue<FlightPtr> line_;
  std::atomic<int64_t> open_{0};
  InFlight frames_;  // threads inside Run
  std::atomic<bool> abandoned_{false};
  Mutex mutex_;
  Status why_abandoned_ GUARDED_BY(mutex_);
};

}  // namespace weir::pipeline
