#include "pipeline/batch_partition.h"

namespace weir::pipeline {

void BatchOrigin::Answer(const Status& status) {
  if (!status.ok()) {
    MutexLock lock(mutex_);
    if (worst_.ok() || (status.permanent() && !worst_.permanent())) worst_ = status;
  }
  // Acquire and release: the last one sees what the others noted.
  if (open_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  Status answer;
  {
    MutexLock lock(mutex_);
    answer = std::move(worst_);
  }
  done_(std::move(answer));
}

bool BatchPartition::Add(model::Batch batch, const std::shared_ptr<BatchOrigin>& origin,
                         Clock::Steady now, BatchFlights& ready) {
  MutexLock lock(mutex_);
  if (options_.max_size > 0 && pending_size_ + SizeOf(batch) > options_.max_size) {
    batch = Cut(std::move(batch), origin, ready);
  }
  if (!batch.empty()) {
    if (pending_.empty()) pending_since_ = now;
    Append(std::move(batch), origin);
  }
  if (pending_.empty()) return false;
  if (pending_size_ >= options_.min_size || closed_) {
    Close(Batcher::Trigger::kSize, ready);
  } else if (options_.flush_when_idle && in_flight_ == 0) {
    Close(Batcher::Trigger::kIdle, ready);
  }
  if (pending_.empty() || timer_set_) return false;
  timer_set_ = true;
  return true;
}

void BatchPartition::Append(model::Batch batch, const std::shared_ptr<BatchOrigin>& origin) {
  origin->AddPart();
  pending_size_ += SizeOf(batch);
  pending_.push_back({std::move(batch), origin});
}

void BatchPartition::Close(Batcher::Trigger trigger, BatchFlights& ready) {
  auto flight = std::make_unique<BatchFlight>();
  flight->partition = shared_from_this();
  flight->parts = std::move(pending_);
  flight->trigger = trigger;
  ready.push_back(std::move(flight));
  pending_.clear();
  pending_size_ = 0;
  ++in_flight_;
}

model::Batch BatchPartition::Cut(model::Batch batch, const std::shared_ptr<BatchOrigin>& origin,
                                 BatchFlights& ready) {
  const size_t limit = options_.max_size;
  if (!pending_.empty()) {
    const size_t room = limit > pending_size_ ? limit - pending_size_ : 0;
    if (room > 0) {
      model::SplitResult cut = model::Split(batch, room, options_.by);
      // A first record that is larger than the room comes out all the same.
      if (SizeOf(cut.front) <= room) {
        Append(std::move(cut.front), origin);
        batch = std::move(cut.rest);
      }
    }
    Close(Batcher::Trigger::kSize, ready);
  }
  if (SizeOf(batch) <= limit) return batch;
  std::vector<model::Batch> parts = model::SplitAll(batch, limit, options_.by);
  model::Batch last = std::move(parts.back());
  parts.pop_back();
  for (model::Batch& part : parts) {
    Append(std::move(part), origin);
    Close(Batcher::Trigger::kSize, ready);
  }
  return last;
}

std::chrono::nanoseconds BatchPartition::TimeOut(Clock::Steady now, BatchFlights& ready) {
  MutexLock lock(mutex_);
  if (!pending_.empty()) {
    const auto left = pending_since_ + options_.flush_timeout - now;
    if (left > std::chrono::nanoseconds::zero()) return left;
    Close(Batcher::Trigger::kTimeout, ready);
  }
  timer_set_ = false;
  return std::chrono::nanoseconds::zero();
}

void BatchPartition::Ended(size_t more, BatchFlights& ready) {
  MutexLock lock(mutex_);
  in_flight_ += more;
  --in_flight_;
  if (!options_.flush_when_idle || in_flight_ > 0 || pending_.empty()) return;
  Close(Batcher::Trigger::kIdle, ready);
}

void BatchPartition::Flush(bool closed, BatchFlights& ready) {
  MutexLock lock(mutex_);
  closed_ = closed_ || closed;
  if (!pending_.empty()) Close(Batcher::Trigger::kFlush, ready);
}

Context BatchPartition::ContextOf(const std::vector<BatchPart>& parts) const {
  Context context;
  if (parts.size() == 1) context = parts.front().origin->context;
  if (client_ != nullptr || options_.strip_client) context.client = client_;
  return context;
}

}  // namespace weir::pipeline
