// A caller that waits for an answer until its deadline, whoever comes first.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "base/executor.h"
#include "pipeline/consumer.h"
#include "pipeline/in_flight.h"

namespace weir::pipeline {

class Caller {
 public:
  // `done`, answered by Answer or at `deadline` with `context deadline exceeded`. The component is
  // held open by `in_flight` while the deadline's answer is given.
  static std::shared_ptr<Caller> WithDeadline(Executor& executor, Context::Deadline deadline,
                                              std::shared_ptr<InFlight> in_flight, Done done) {
    auto caller = std::make_shared<Caller>(executor, std::move(in_flight), std::move(done));
    const auto left = deadline - executor.clock().Now();
    caller->timer_ = executor.PostAfter(left, [weak = std::weak_ptr(caller)] {
      if (const auto late = weak.lock()) late->TimeOut();
    });
    return caller;
  }
  Caller(Executor& executor, std::shared_ptr<InFlight> in_flight, Done done)
      : executor_(executor), in_flight_(std::move(in_flight)), done_(std::move(done)) {}

  void Answer(Status status) {
    if (answered_.exchange(true)) return;
    executor_.Cancel(timer_);
    done_(std::move(status));
  }

 private:
  void TimeOut() {
    if (!in_flight_->TryEnter()) return;
    if (!answered_.exchange(true)) {
      done_(Status(StatusCode::kDeadlineExceeded, "context deadline exceeded"));
    }
    in_flight_->Leave();
  }

  Executor& executor_;
  const std::shared_ptr<InFlight> in_flight_;
  Executor::TimerId timer_ = 0;  // constant once the caller is shared
  std::atomic<bool> answered_{false};
  Done done_;
};

}  // namespace weir::pipeline
