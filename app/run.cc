#include "app/run.h"

#include <algorithm>
#include <csignal>
#include <ostream>
#include <utility>

#include "app/file_watch.h"
#include "app/memory_size.h"
#include "app/service.h"
#include "app/signals.h"
#include "app/telemetry/telemetry.h"
#include "base/byte_budget.h"
#include "base/control_group.h"
#include "base/executor.h"
#include "base/mutex.h"
#include "pipeline/process_memory.h"

namespace weir::app {
namespace {

constexpr auto kTick = std::chrono::seconds(1);

int ExecutorThreads() { return std::clamp(UsableProcessors(), 2, 4); }

// The first fatal error that a component reports, from whichever thread.
class FatalError {
 public:
  void Set(const Status& error) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (error_.ok())
      error_ =
          error.ok() ? Status(StatusCode::kInternal, "a component reported a fatal error") : error;
  }
  Status error() const EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return error_;
  }

 private:
  mutable Mutex mutex_;
  Status error_ GUARDED_BY(mutex_);
};

// A running program between its start and its end.
class Program {
 public:
  Program(RunRequest request, const pipeline::BuildInfo& build, Telemetry& telemetry,
          ByteBudget& memory, Signals& signals)
      : request_(std::move(request)),
        telemetry_(telemetry),
        logger_(telemetry.logger()),
        signals_(signals),
        memory_(memory),
        executor_("worker", ExecutorThreads()),
        service_({logger_, &telemetry.metrics(), executor_, memory_, build}, request_.gates,
                 [this](const Status& error) {
                   fatal_.Set(error);
                   signals_.Wake();
                 }),
        watch_(request_.files) {}

  // Failure: what stands behind "Error: ".
  Status Start() {
    for (const config::Problem& warning : request_.warnings) logger_.Warn(warning.ToString());
    telemetry_.AddPage("/debug/ledger", [this] { return service_.LedgerJson(); });
    WEIR_RETURN_IF_ERROR(telemetry_.Listen(memory_));
    return service_.Start(std::move(request_.service));
  }

  // Until it shall stop. The exit code.
  int Serve() {
    while (true) {
      const std::optional<int> signal = signals_.Wait(kTick);
      if (signal) logger_.Info("Received signal from OS", {{"signal", SignalText(*signal)}});
      if (signal && *signal != SIGHUP) return 0;
      if (const Status error = fatal_.error(); !error.ok()) {
        logger_.Error("Asynchronous error received, terminating process", {{"error", error}});
        return 1;
      }
      const bool changed = watch_.Changed();
      if (signal || changed) Reload();
      service_.Tick();
    }
  }

  void Shutdown() { service_.Shutdown(); }

 private:
  void Reload() {
    logger_.Warn("Config updated, restart service");
    config::Problems problems;
    std::shared_ptr<const ServiceConfig> config = request_.load(problems);
    for (const config::Problem& warning : problems.warnings()) logger_.Warn(warning.ToString());
    for (const config::Problem& error : problems.errors())
      logger_.Error("Config not updated, the running one stays in force",
                    {{"error", error.ToString()}});
    if (config != nullptr && problems.ok()) service_.Reload(std::move(config));
  }

  RunRequest request_;
  Telemetry& telemetry_;
  const Logger logger_;
  Signals& signals_;
  FatalError fatal_;
  ByteBudget& memory_;
  ThreadPool executor_;
  Service service_;
  FileWatch watch_;
};

}  // namespace

int Run(RunRequest request, const pipeline::BuildInfo& build, std::ostream& err) {
  Signals signals;
  pipeline::KeepFreedMemory();
  ByteBudget memory(DefaultBudgetBytes(pipeline::UsableMemoryBytes()));
  Result<std::unique_ptr<Telemetry>> made = Telemetry::Make(request.service->telemetry, build);
  if (!made) {
    err << "Error: " << made.error().message() << "\n";
    return 1;
  }
  Telemetry& telemetry = **made;
  Program program(std::move(request), build, telemetry, memory, signals);
  const Status status = program.Start();
  const int code = status.ok() ? program.Serve() : 1;
  signals.EndAtNext();
  program.Shutdown();
  telemetry.Shutdown();
  if (!status.ok()) err << "Error: " << status.message() << "\n";
  return code;
}

}  // namespace weir::app
