#include "pipeline/memory_queue.h"

#include <utility>

#include "pipeline/caller.h"

namespace weir::pipeline {

MemoryQueue::MemoryQueue(const QueueConfig& config, QueueRoom& room, ExportStage& next,
                         Executor& executor, ExporterReport& report,
                         std::shared_ptr<InFlight> in_flight)
    : SendingQueue(config, room, executor, report, std::move(in_flight)),
      waits_for_result_(config.wait_for_result),
      next_(next) {}

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
