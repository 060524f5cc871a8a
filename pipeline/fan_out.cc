#include "pipeline/fan_out.h"

#include <atomic>
#include <utility>

#include "base/check.h"
#include "base/mutex.h"

namespace weir::pipeline {
namespace {

// Waits for the answers of all branches of one batch.
class Join {
 public:
  Join(size_t branches, Done done) : waiting_(branches), done_(std::move(done)) {}

  void Answer(const Status& status) {
    {
      MutexLock lock(mutex_);
      worst_ = Status::Worst(worst_, status);
      if (--waiting_ > 0) return;
    }
    done_(std::move(worst_));
  }

 private:
  Mutex mutex_;
  size_t waiting_;
  Status worst_;
  Done done_;
};

}  // namespace

FanOut::FanOut(std::vector<std::shared_ptr<Consumer>> branches) : branches_(std::move(branches)) {
  CHECK(!branches_.empty()) << "a fan-out to nobody";
}

std::shared_ptr<Consumer> FanOut::Over(std::vector<std::shared_ptr<Consumer>> branches) {
  if (branches.size() == 1) return std::move(branches.front());
  return std::make_shared<FanOut>(std::move(branches));
}

void FanOut::Consume(model::Batch batch, const Context& context, Done done) {
  if (context.reservations != nullptr) {
    Deliver(std::move(batch), context, std::move(done));
    return;
  }
  Reservations reservations;
  if (Status status = Reserve({batch.items(), batch.size_bytes()}, reservations); !status.ok()) {
    done(std::move(status));
    return;
  }
  Context reserved = context;
  reserved.reservations = &reservations;
  Deliver(std::move(batch), reserved, std::move(done));
}

Status FanOut::Reserve(const BatchSize& size, Reservations& reservations) {
  Status worst;
  for (const auto& branch : branches_) {
    worst = Status::Worst(worst, branch->Reserve(size, reservations));
  }
  return worst;
}

void FanOut::Deliver(model::Batch batch, const Context& context, Done done) {
  const auto join = std::make_shared<Join>(branches_.size(), std::move(done));
  for (size_t i = 0; i + 1 < branches_.size(); ++i) {
    branches_[i]->Consume(batch, context, [join](const Status& status) { join->Answer(status); });
  }
  branches_.back()->Consume(std::move(batch), context,
                            [join](const Status& status) { join->Answer(status); });
}

}  // namespace weir::pipeline
