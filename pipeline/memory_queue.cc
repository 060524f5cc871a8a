#include "pipeline/memory_queue.h"

#include <utility>

#include "pipeline/caller.h"

namespace weir::pipeline {

MemoryQueue::MemoryQueue(const QueueConfig& config, QueueRoom& room, ExportStage& next,
                         Executor& executor, ExporterReport& report,
                         std::shared_ptr<InFlight> in_flight)
    : waits_for_result_(config.wait_for_result),
      next_(next),
      executor_(executor),
      report_(report),
      in_flight_(std::move(in_flight)),
      admission_(config, room, executor, report) {}

void MemoryQueue::Consume(model::Batch batch, const Context& context, Done done) {
  const BatchSize size{batch.items(), batch.size_bytes()};
  Status refusal;
  switch (admission_.TryEnter(size, context, refusal)) {
    case Admission::Verdict::kIn:
      return Admit(std::move(batch), context, std::move(done));
    case Admission::Verdict::kRefused:
      done(std::move(refusal));
      return in_flight_->Leave();
    case Admission::Verdict::kMustWait:
      break;
  }
  auto entered = [this, batch = std::move(batch), kept = context.WithoutReservations(),
                  done = std::move(done)](Status status) mutable {
    if (status.ok()) return Admit(std::move(batch), kept, std::move(done));
    done(std::move(status));
    in_flight_->Leave();
  };
  // The batch may be in and done before Enter returns.
  in_flight_->Enter();
  admission_.Enter(size, context, std::move(entered));
  in_flight_->Leave();
}

void MemoryQueue::Admit(model::Batch batch, const Context& context, Done done) {
  const BatchSize size{batch.items(), batch.size_bytes()};
  report_.metrics().Enqueued(size.items, size.bytes);
  Export one{std::move(batch), context.WithoutReservations(), {}, false};
  if (waits_for_result_) {
    one.done = AnswerCaller(size, context, std::move(done));
  } else {
    done(Status());
    one.context.deadline = Context::kNoDeadline;
    one.done = [this, size](const Status&) {
      admission_.Leave(size);
      in_flight_->Leave();
    };
  }
  next_.Take(std::move(one));
}

Done MemoryQueue::AnswerCaller(const BatchSize& size, const Context& context, Done done) {
  if (context.deadline == Context::kNoDeadline) {
    return [this, size, done = std::move(done)](Status answer) mutable {
      admission_.Leave(size);
      done(std::move(answer));
      in_flight_->Leave();
    };
  }
  auto caller = Caller::WithDeadline(executor_, context.deadline, in_flight_, std::move(done));
  return [this, size, caller = std::move(caller)](Status answer) {
    admission_.Leave(size);
    caller->Answer(std::move(answer));
    in_flight_->Leave();
  };
}

}  // namespace weir::pipeline
