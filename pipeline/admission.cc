#include "pipeline/admission.h"

#include <utility>

namespace weir::pipeline {
namespace {

Status Stopped() { return Status::Retryable("sending queue is stopped", kQueueRetryDelay); }

}  // namespace

QueueLoad LoadOf(Sizer::Kind sizer, const BatchSize& size) {
  switch (sizer) {
    case Sizer::kRequests:
      return {1, size.bytes};
    case Sizer::kItems:
    case Sizer::kBytes:
      return {size.items, size.bytes};
  }
  return {};
}

QueueLoad RoomLimit(const QueueConfig& config) {
  const auto capacity = static_cast<size_t>(config.queue_size);
  if (Sizer::Kind(config.sizer) == Sizer::kBytes) return {QueueLoad::kNoLimit, capacity};
  return {capacity, QueueLoad::kNoLimit};
}

Admission::Admission(const QueueConfig& config, QueueRoom& room, Executor& executor,
                     ExporterReport& report)
    : sizer_(config.sizer),
      blocks_(config.block_on_overflow),
      room_(room),
      executor_(executor),
      report_(report),
      line_(std::make_shared<Line>()) {}

Status Admission::Refuse(size_t items, Status why) {
  report_.Refused(items, why);
  return why;
}

Status Admission::Full(size_t items) {
  return Refuse(items, Status::Retryable("sending queue is full", kQueueRetryDelay));
}

bool Admission::UsePromise(QueueLoad load, const Context& context) {
  BatchSize promised;
  if (context.reservations == nullptr || !context.reservations->Take(*this, promised)) return false;
  // What a processor made of the batch on the way here may be another size.
  room_.ForceReserve(load);
  Leave(promised);
  return true;
}

Admission::Verdict Admission::TryEnter(const BatchSize& size, const Context& context,
                                       Status& refusal) {
  const QueueLoad load = LoadOf(sizer_, size);
  if (UsePromise(load, context)) return Verdict::kIn;
  if (!room_.CouldFit(load)) {
    refusal = Refuse(size.items, Status::Permanent("element size too large"));
    return Verdict::kRefused;
  }
  // Nobody overtakes those who wait.
  if (line_->length.load() == 0 && room_.TryReserve(load)) return Verdict::kIn;
  if (blocks_) return Verdict::kMustWait;
  refusal = Full(size.items);
  return Verdict::kRefused;
}

Status Admission::Reserve(const BatchSize& size, Reservations& reservations) {
  const QueueLoad load = LoadOf(sizer_, size);
  if (!room_.CouldFit(load)) return Refuse(size.items, Status::Permanent("element size too large"));
  if (line_->length.load() == 0 && room_.TryReserve(load)) {
    reservations.Add(*this, size);
    return {};
  }
  return blocks_ ? Status() : Full(size.items);
}

uint64_t Admission::TakePlace(Waiter& waiter) {
  bool closed = false;
  {
    MutexLock lock(line_->mutex);
    closed = line_->closed;
    if (!closed && line_->waiters.size() < kWaitersMax) {
      const uint64_t number = waiter.number = ++line_->last_number;
      line_->waiters.push_back(std::move(waiter));
      line_->length.store(line_->waiters.size());
      return number;
    }
  }
  waiter.entered(closed ? Refuse(waiter.items, Stopped()) : Full(waiter.items));
  return 0;
}

void Admission::SetDeadline(uint64_t number, Context::Deadline deadline) {
  const auto left = deadline - executor_.clock().Now();
  const Executor::TimerId timer =
      executor_.PostAfter(left, [line = line_, number, &report = report_] {
        Waiter late;
        if (!TakeOut(*line, number, late)) return;
        const Status why(StatusCode::kDeadlineExceeded, "context deadline exceeded");
        report.Refused(late.items, why);
        late.entered(why);
      });
  MutexLock lock(line_->mutex);
  for (Waiter& one : line_->waiters) {
    if (one.number == number) one.timer = timer;
  }
}

void Admission::Wait(const BatchSize& size, Context::Deadline deadline, Entered entered) {
  Waiter waiter{LoadOf(sizer_, size), size.items, std::move(entered)};
  const uint64_t number = TakePlace(waiter);
  if (number == 0) return;
  if (deadline != Context::kNoDeadline) SetDeadline(number, deadline);
  // Room may have come back between the first try and the announcement.
  LetIn();
}

bool Admission::TakeOut(Line& line, uint64_t number, Waiter& waiter) {
  MutexLock lock(line.mutex);
  for (auto it = line.waiters.begin(); it != line.waiters.end(); ++it) {
    if (it->number != number) continue;
    waiter = std::move(*it);
    line.waiters.erase(it);
    line.length.store(line.waiters.size());
    return true;
  }
  return false;
}

void Admission::Leave(QueueLoad load) {
  room_.Release(load);
  if (line_->length.load() > 0) LetIn();
}

void Admission::LetIn() {
  while (true) {
    Waiter next;
    {
      MutexLock lock(line_->mutex);
      if (line_->waiters.empty() || !room_.TryReserve(line_->waiters.front().load)) return;
      next = std::move(line_->waiters.front());
      line_->waiters.pop_front();
      line_->length.store(line_->waiters.size());
    }
    if (next.timer != 0) executor_.Cancel(next.timer);
    next.entered(Status());
  }
}

void Admission::Close() {
  std::list<Waiter> left;
  {
    MutexLock lock(line_->mutex);
    line_->closed = true;
    left.swap(line_->waiters);
    line_->length.store(0);
  }
  for (Waiter& waiter : left) {
    if (waiter.timer != 0) executor_.Cancel(waiter.timer);
    waiter.entered(Refuse(waiter.items, Stopped()));
  }
}

}  // namespace weir::pipeline
