#include "pipeline/dispatcher.h"

#include <utility>

#include "base/check.h"

namespace weir::pipeline {

Dispatcher::Dispatcher(int slots, QueueRoom& room, ExportStage& next)
    : slots_(slots), next_(next), line_(room) {
  CHECK(slots >= 1) << "a dispatcher with " << slots << " slots";
}

bool Dispatcher::TryTakeSlot() {
  int64_t open = open_.load(std::memory_order_relaxed);
  do {
    if (open >= slots_) return false;
  } while (!open_.compare_exchange_weak(open, open + 1, std::memory_order_acq_rel,
                                        std::memory_order_relaxed));
  return true;
}

void Dispatcher::Take(Export one) {
  frames_.Enter();
  auto flight = std::make_unique<Flight>(std::move(one));
  if (TryTakeSlot()) {
    Run(std::move(flight));
  } else {
    line_.Push(std::move(flight));
    // Release: the push happens before whoever is promised the export by this count. Acquire: so do
    // the pushes of those counted before.
    if (open_.fetch_add(1, std::memory_order_acq_rel) < slots_) Run(line_.PopPromised());
  }
  frames_.Leave();
}

void Dispatcher::Run(FlightPtr flight) {
  while (flight != nullptr) {
    if (!Start(*flight)) {
      // Whoever answers owns it now.
      (void)flight.release();
      return;
    }
    flight = End(std::move(flight));
  }
}

bool Dispatcher::Start(Flight& flight) {
  if (abandoned_.load(std::memory_order_acquire)) {
    MutexLock lock(mutex_);
    flight.answer = why_abandoned_;
    flight.done = std::move(flight.one.done);
    return true;
  }
  Export one = std::move(flight.one);
  flight.done = std::move(one.done);
  one.done = [this, &flight](Status answer) {
    flight.answer = std::move(answer);
    if (!flight.handover.Answered()) return;
    frames_.Enter();
    Run(End(FlightPtr(&flight)));
    frames_.Leave();
  };
  next_.Take(std::move(one));
  return flight.handover.Returned();
}

Dispatcher::FlightPtr Dispatcher::End(FlightPtr flight) {
  flight->done(std::move(flight->answer));
  flight.reset();
  if (open_.fetch_sub(1, std::memory_order_acq_rel) <= slots_) return nullptr;
  return line_.PopPromised();
}

void Dispatcher::Abandon(const Status& why) {
  MutexLock lock(mutex_);
  why_abandoned_ = why;
  abandoned_.store(true, std::memory_order_release);
}

}  // namespace weir::pipeline
