#include "pipeline/sending_queue.h"

#include <utility>

namespace weir::pipeline {

void SendingQueue::Consume(model::Batch batch, const Context& context, Done done) {
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
  // The batch may be in and done before Wait returns.
  in_flight_->Enter();
  admission_.Wait(size, context.deadline, std::move(entered));
  in_flight_->Leave();
}

}  // namespace weir::pipeline
