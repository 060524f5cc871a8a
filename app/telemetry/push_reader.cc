#include "app/telemetry/push_reader.h"

#include <chrono>
#include <cstdio>
#include <utility>

#include "app/telemetry/otlp_push.h"
#include "base/mutex.h"
#include "model/json/write.h"

namespace weir::app {
namespace {

using std::chrono::milliseconds;

constexpr int kIntervalMs = 60'000;
constexpr int kTimeoutMs = 30'000;

Status Refusal(std::string text) { return {StatusCode::kInvalidArgument, std::move(text)}; }

// One line of OTLP/JSON on standard output.
class ConsolePush final : public MetricPush {
 public:
  Status Start() override { return {}; }
  void Push(model::Batch batch, UniqueFunction<void(Status)> done) override {
    std::string line;
    model::json::AppendJsonRequest(batch, line);
    line += '\n';
    const bool written =
        std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::fflush(stdout) == 0;
    done(written ? Status() : Status(StatusCode::kUnavailable, "cannot write to standard output"));
  }
  void Shutdown() override {}
};

class TimedReader final : public PushReader {
 public:
  TimedReader(std::unique_ptr<MetricPush> push, milliseconds interval, milliseconds timeout,
              std::function<model::Batch()> collect, Executor& executor, Logger logger)
      : push_(std::move(push)),
        interval_(interval),
        timeout_(timeout),
        collect_(std::move(collect)),
        executor_(executor),
        logger_(std::move(logger)) {}
  ~TimedReader() override { Shutdown(); }

  Status Start() override {
    WEIR_RETURN_IF_ERROR(push_->Start());
    MutexLock lock(mutex_);
    running_ = true;
    Arm();
    return {};
  }

  void Shutdown() override {
    {
      MutexLock lock(mutex_);
      if (!running_) return;
      running_ = false;
      executor_.Cancel(timer_);
      AwaitPush();
      ++under_way_;
    }
    PushNow();
    {
      MutexLock lock(mutex_);
      AwaitPush();
    }
    push_->Shutdown();
    // Calls that were cut off have answered by now.
    MutexLock lock(mutex_);
    while (under_way_ > 0) idle_.Wait(mutex_);
  }

 private:
  void Arm() REQUIRES(mutex_) {
    timer_ = executor_.PostAfter(interval_, [this] { OnTimer(); });
  }
  // Until no push is under way, or the timeout is over.
  void AwaitPush() REQUIRES(mutex_) {
    const auto deadline = std::chrono::steady_clock::now() + timeout_;
    while (under_way_ > 0 && idle_.WaitUntil(mutex_, deadline)) {
    }
  }
  void OnTimer() {
    {
      MutexLock lock(mutex_);
      if (!running_) return;
      Arm();
      if (under_way_ > 0) return;
      ++under_way_;
    }
    PushNow();
  }
  void PushNow() {
    push_->Push(collect_(), [this](Status status) { OnPushed(status); });
  }
  void OnPushed(const Status& status) {
    if (!status.ok()) logger_.Warn("Pushing own metrics failed", {{"error", status.message()}});
    MutexLock lock(mutex_);
    --under_way_;
    idle_.NotifyAll();
  }

  // Constant after construction.
  const std::unique_ptr<MetricPush> push_;
  const milliseconds interval_;
  const milliseconds timeout_;
  const std::function<model::Batch()> collect_;
  Executor& executor_;
  const Logger logger_;

  Mutex mutex_;
  CondVar idle_;
  bool running_ GUARDED_BY(mutex_) = false;
  int under_way_ GUARDED_BY(mutex_) = 0;  // pushes; two when the last one does not wait
  Executor::TimerId timer_ GUARDED_BY(mutex_) = 0;
};

Result<std::unique_ptr<MetricPush>> MakePush(const PeriodicExporter& exporter, milliseconds timeout,
                                             const Logger& logger) {
  const bool console = !exporter.console.is_null();
  if (console && exporter.otlp) return Fail(Refusal("must not specify multiple exporters"));
  if (console) return std::unique_ptr<MetricPush>(std::make_unique<ConsolePush>());
  if (exporter.otlp) return MakeOtlpPush(*exporter.otlp, timeout, logger);
  return Fail(Refusal("no valid metric exporter"));
}

}  // namespace

Result<std::unique_ptr<PushReader>> MakePushReader(const PeriodicReader& config,
                                                   std::function<model::Batch()> collect,
                                                   Executor& executor, const Logger& logger) {
  const milliseconds interval(config.interval.value_or(kIntervalMs));
  const milliseconds timeout(config.timeout.value_or(kTimeoutMs));
  if (interval.count() <= 0) return Fail(Refusal("interval must be positive"));
  Result<std::unique_ptr<MetricPush>> push = MakePush(config.exporter, timeout, logger);
  if (!push) return Fail(std::move(push).error());
  return std::unique_ptr<PushReader>(std::make_unique<TimedReader>(
      std::move(*push), interval, timeout, std::move(collect), executor, logger));
}

}  // namespace weir::app
