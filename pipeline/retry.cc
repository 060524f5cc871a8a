#include "pipeline/retry.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/mutex.h"

namespace weir::pipeline {
namespace {

using Deadline = Context::Deadline;

// What upstream's error prints in front of the sender's plain message: its wrappers, outermost
// first.
std::string Wrappers(const Status& answer) {
  std::string text;
  if (answer.permanent()) {
    text = "Permanent error: ";
  } else if (answer.retry_after()) {
    text = "Throttle (" + config::FormatDuration(*answer.retry_after()) + "), error: ";
  }
  return text;
}

// `rpc error: code = Unavailable desc = ` when the failure is a gRPC status.
std::string RpcFrame(const Status& answer) {
  if (answer.wire_status().empty()) return {};
  return "rpc error: code = " + std::string(StatusCodeName(answer.code())) + " desc = ";
}

std::string Shown(const Status& answer) {
  return Wrappers(answer) + RpcFrame(answer) + answer.message();
}

// The status of a wrapped error, as a server would take it out: its message is the whole text,
// unless nothing is wrapped around it.
Status Wrapped(const Status& answer, std::string_view frame) {
  const std::string wrappers = std::string(frame) + Wrappers(answer);
  if (wrappers.empty()) return answer;
  return answer.WithPrefix(wrappers + RpcFrame(answer));
}

// `from` + `span`, or kNoDeadline where that is beyond the clock.
Deadline After(Deadline from, config::Duration span) {
  return span >= Context::kNoDeadline - from
             ? Context::kNoDeadline
             : from + std::chrono::duration_cast<Deadline::duration>(span);
}

}  // namespace

config::Duration Backoff::Next(double random) {
  const config::Duration interval = current_;
  const double now = static_cast<double>(interval.count());
  // Without a multiplier the quotient is infinite: the interval becomes 0 and stays there.
  if (now >= static_cast<double>(config_.max_interval.count()) / config_.multiplier) {
    current_ = config_.max_interval;
  } else {
    current_ = config::Duration(static_cast<int64_t>(now * config_.multiplier));
  }
  if (current_ == config::Duration::zero()) current_ = config_.initial_interval;
  if (config_.randomization_factor == 0) return interval;
  const double delta = config_.randomization_factor * now;
  return config::Duration(static_cast<int64_t>(now - delta + random * (2 * delta + 1)));
}

struct RetryStage::Loop {
  Loop(RetryStage& s, Export e)
      : stage(s),
        one(std::move(e)),
        items(one.batch.items()),
        size_bytes(one.batch.size_bytes()),
        backoff(s.options_.retry) {}
  RetryStage& stage;
  Export one;  // its batch is empty on the only attempt
  const size_t items;
  const size_t size_bytes;
  Backoff backoff;
  Deadline give_up = Context::kNoDeadline;  // by max_elapsed_time
  Status last_answer;                       // of the attempt before the present wait
};

// Exports between two attempts. Shared with the timers, which may fire after the stage has gone and
// then find nothing here.
class RetryStage::WaitingRoom {
 public:
  // The number of a new wait, 0 after Close.
  uint64_t Enter(Loop* loop) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (closed_) return 0;
    waiting_.emplace(++last_, Wait{loop, 0});
    return last_;
  }
  void NoteTimer(uint64_t number, Executor::TimerId timer) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    const auto found = waiting_.find(number);
    if (found != waiting_.end()) found->second.timer = timer;
  }
  // Null when Close was first.
  Loop* Leave(uint64_t number) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    const auto found = waiting_.find(number);
    if (found == waiting_.end()) return nullptr;
    Loop* loop = found->second.loop;
    waiting_.erase(found);
    return loop;
  }
  std::vector<std::pair<Loop*, Executor::TimerId>> Close() EXCLUDES(mutex_) {
    std::vector<std::pair<Loop*, Executor::TimerId>> left;
    MutexLock lock(mutex_);
    closed_ = true;
    for (const auto& [number, wait] : waiting_) left.emplace_back(wait.loop, wait.timer);
    waiting_.clear();
    return left;
  }

 private:
  struct Wait {
    Loop* loop;
    Executor::TimerId timer;
  };
  Mutex mutex_;
  bool closed_ GUARDED_BY(mutex_) = false;
  uint64_t last_ GUARDED_BY(mutex_) = 0;
  std::unordered_map<uint64_t, Wait> waiting_ GUARDED_BY(mutex_);
};

RetryStage::RetryStage(const Options& options, Sender& sender, Executor& executor,
                       ExporterReport& report)
    : options_(options),
      sender_(sender),
      executor_(executor),
      report_(report),
      waiting_(std::make_shared<WaitingRoom>()) {}

RetryStage::~RetryStage() {
  CHECK(waiting_->Close().empty()) << "a retry stage went while exports waited";
}

void RetryStage::Take(Export one) {
  auto* loop = new Loop(*this, std::move(one));
  report_.metrics().Began();
  const config::Duration limit = options_.retry.max_elapsed_time;
  if (options_.retry.enabled && limit > config::Duration::zero()) {
    loop->give_up = After(executor_.clock().Now(), limit);
  }
  Attempt(loop);
}

void RetryStage::Attempt(Loop* loop) {
  Context context = loop->one.context;
  if (options_.timeout.timeout > config::Duration::zero()) {
    context.deadline =
        std::min(context.deadline, After(executor_.clock().Now(), options_.timeout.timeout));
  }
  model::Batch batch = options_.retry.enabled ? loop->one.batch : std::move(loop->one.batch);
  sender_.Send(std::move(batch), context,
               [loop](Status answer) { loop->stage.Answered(loop, std::move(answer)); });
}

void RetryStage::Answered(Loop* loop, Status answer) {
  if (answer.ok()) return Succeed(loop);
  if (!options_.retry.enabled) {
    // What is on disk is not lost with this attempt when the exporter stops.
    const bool kept = stopped() && report_.queueing() == Queueing::kStorage;
    return Fail(loop, answer, "",
                answer.permanent() ? FailureReason::kPermanent
                : kept             ? FailureReason::kShutdown
                                   : FailureReason::kExhausted);
  }
  if (answer.permanent()) {
    return Fail(loop, answer, "not retryable error: ", FailureReason::kPermanent);
  }
  DecideRetry(loop, answer);
}

void RetryStage::DecideRetry(Loop* loop, const Status& answer) {
  if (stopped()) {
    return Fail(loop, answer, "interrupted due to shutdown: ", FailureReason::kShutdown);
  }
  config::Duration delay = loop->backoff.Next(Random());
  if (answer.retry_after()) delay = std::max(delay, *answer.retry_after());
  const Deadline next = After(executor_.clock().Now(), delay);
  if (loop->give_up < next) {
    return Fail(loop, answer, "no more retries left: ", FailureReason::kExhausted);
  }
  if (loop->one.context.deadline < next) {
    return Fail(loop, answer,
                "request will be cancelled before next retry: ", FailureReason::kExhausted);
  }
  Wait(loop, answer, delay);
}

void RetryStage::Wait(Loop* loop, const Status& answer, config::Duration delay) {
  report_.WillRetry(Shown(answer), delay);
  loop->last_answer = answer;
  // Once the timer is set everything may be over, this stage included.
  const std::shared_ptr<WaitingRoom> room = waiting_;
  const uint64_t number = room->Enter(loop);
  if (number == 0) {
    return Fail(loop, answer, "interrupted due to shutdown: ", FailureReason::kShutdown);
  }
  const Executor::TimerId timer = executor_.PostAfter(delay, [room, number] {
    if (Loop* woken = room->Leave(number)) woken->stage.Attempt(woken);
  });
  room->NoteTimer(number, timer);
}

void RetryStage::StopRetrying() {
  stopped_.store(true, std::memory_order_release);
  for (const auto& [loop, timer] : waiting_->Close()) {
    if (timer != 0) executor_.Cancel(timer);
    const Status answer = loop->last_answer;
    Fail(loop, answer, "interrupted due to shutdown: ", FailureReason::kShutdown);
  }
}

void RetryStage::Succeed(Loop* loop) {
  report_.metrics().Ended();
  report_.metrics().Sent(loop->items);
  Done done = std::move(loop->one.done);
  delete loop;
  done(Status());
}

void RetryStage::Fail(Loop* loop, const Status& answer, std::string_view frame,
                      FailureReason reason) {
  report_.metrics().Ended();
  if (!(loop->one.parts_follow && BlamesData(answer))) {
    report_.Failed(loop->items, loop->size_bytes, answer, std::string(frame) + Shown(answer),
                   reason);
  }
  Done done = std::move(loop->one.done);
  delete loop;
  done(Wrapped(answer, frame));
}

// Weyl sequence and mixing function of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom
// number generators, 2014): a generator that many threads can draw from with one addition.
double RetryStage::Random() {
  const uint64_t draw = draws_.fetch_add(1, std::memory_order_relaxed) + 1;
  uint64_t z = options_.seed + draw * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1p-53;
}

}  // namespace weir::pipeline
