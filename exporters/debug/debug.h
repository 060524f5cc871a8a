// The exporter `debug`: prints telemetry for people who look at a screen. See README.md.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "exporters/debug/config.h"
#include "exporters/debug/sampler.h"
#include "exporters/debug/text.h"
#include "pipeline/component.h"
#include "pipeline/exporter_helper.h"

namespace weir::exporters::debug {

// Where lines go without the program's logger: each whole, in one write per destination.
class Output {
 public:
  // "stdout", "stderr", or files to append to.
  explicit Output(std::vector<std::string> paths) : paths_(std::move(paths)) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

  // Why Open would fail, without opening anything: `open sink "x": open x: no such file or
  // directory`.
  static Status Check(const std::vector<std::string>& paths);
  Status Open();
  // kUnavailable when one of the destinations did not take the text; the others got it.
  Status Write(std::string_view text);
  void Close();

 private:
  struct Target {
    std::string path;
    int descriptor;
    bool owned;
  };
  const std::vector<std::string> paths_;
  Mutex mutex_;
  std::vector<Target> targets_ GUARDED_BY(mutex_);
};

// Prints each batch on the executor: a terminal that is slow holds up nobody but the sender.
class DebugSender final : public pipeline::Sender {
 public:
  DebugSender(const pipeline::Settings& settings, const DebugConfig& config);

  Status Start(pipeline::Host& host) override;
  void Send(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override;
  void Shutdown() override;

 private:
  void Print(const model::Batch& batch);
  void PrintLine(std::string_view message, const LogFields& fields);

  const Verbosity verbosity_;
  const Logger logger_;
  Executor& executor_;
  Sampler sampler_;
  std::unique_ptr<Output> output_;  // null: lines go to logger_
  std::atomic<bool> write_failed_{false};
};

}  // namespace weir::exporters::debug
