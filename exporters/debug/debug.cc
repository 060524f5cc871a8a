#include "exporters/debug/debug.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "model/json/text.h"

namespace weir::exporters::debug {
namespace {

using model::Signal;

// Names of the counts in the line that every batch gets.
struct CountNames {
  std::string_view message, resources, items;
};
constexpr std::array<CountNames, model::kSignalCount> kCountNames = {{
    {"Traces", "resource spans", "spans"},
    {"Metrics", "resource metrics", "data points"},
    {"Logs", "resource logs", "log records"},
}};

LogFields CountFields(const model::Batch& batch) {
  const CountNames& names = kCountNames[model::SignalIndex(batch.signal())];
  const Counts counts = CountContents(batch);
  LogFields fields;
  fields.emplace_back(names.resources, static_cast<int64_t>(counts.resources));
  if (batch.signal() == Signal::kMetrics) {
    fields.emplace_back("metrics", static_cast<int64_t>(counts.metrics));
  }
  fields.emplace_back(names.items, static_cast<int64_t>(counts.items));
  return fields;
}

// `message<tab>{"a": 1, "b": 2}` as the Collector's console encoder prints it.
std::string ConsoleLine(std::string_view message, const LogFields& fields) {
  std::string line(message);
  for (size_t i = 0; i < fields.size(); ++i) {
    line += i == 0 ? "\t{" : ", ";
    model::json::AppendString(fields[i].key, line);
    line += ": ";
    model::json::AppendInt(std::get<int64_t>(fields[i].value), line);
  }
  if (!fields.empty()) line += '}';
  line += '\n';
  return line;
}

bool IsStandard(const std::string& path) { return path == "stdout" || path == "stderr"; }

Status OpenFailure(const std::string& path, int error) {
  std::string reason = std::strerror(error);
  reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return {StatusCode::kFailedPrecondition,
          "open sink \"" + path + "\": open " + path + ": " + reason};
}

bool WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

Status Output::Check(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (IsStandard(path)) continue;
    if (::access(path.c_str(), W_OK) == 0) continue;
    if (errno != ENOENT) return OpenFailure(path, errno);
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    if (::access(folder.empty() ? "." : folder.c_str(), W_OK) != 0) return OpenFailure(path, errno);
  }
  return {};
}

Status Output::Open() {
  MutexLock lock(mutex_);
  for (const std::string& path : paths_) {
    if (IsStandard(path)) {
      targets_.push_back({path, path == "stdout" ? STDOUT_FILENO : STDERR_FILENO, false});
      continue;
    }
    constexpr mode_t kMode = 0644;
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kMode);
    if (descriptor < 0) return OpenFailure(path, errno);
    targets_.push_back({path, descriptor, true});
  }
  return {};
}

Status Output::Write(std::string_view text) {
  MutexLock lock(mutex_);
  Status status;
  for (const Target& target : targets_) {
    if (WriteAll(target.descriptor, text)) continue;
    status = Status(StatusCode::kUnavailable,
                    "cannot write to " + target.path + ": " + std::strerror(errno));
  }
  return status;
}

void Output::Close() {
  MutexLock lock(mutex_);
  for (const Target& target : targets_) {
    if (target.owned) ::close(target.descriptor);
  }
  targets_.clear();
}

Output::~Output() { Close(); }

DebugSender::DebugSender(const pipeline::Settings& settings, const DebugConfig& config)
    : verbosity_(config.verbosity),
      logger_(settings.logger),
      executor_(settings.executor),
      sampler_(config.sampling_initial, config.sampling_thereafter) {
  if (config.use_internal_logger) return;
  output_ = std::make_unique<Output>(
      config.output_paths_written ? config.output_paths : std::vector<std::string>{"stdout"});
}

Status DebugSender::Start(pipeline::Host&) { return output_ ? output_->Open() : Status(); }

void DebugSender::Send(model::Batch batch, const pipeline::Context&, pipeline::Done done) {
  executor_.Post([this, batch = std::move(batch), done = std::move(done)]() mutable {
    Print(batch);
    done(Status());
  });
}

void DebugSender::Print(const model::Batch& batch) {
  PrintLine(kCountNames[model::SignalIndex(batch.signal())].message, CountFields(batch));
  if (verbosity_ == Verbosity::kNormal) PrintLine(NormalText(batch), {});
  if (verbosity_ == Verbosity::kDetailed) PrintLine(DetailedText(batch), {});
}

void DebugSender::PrintLine(std::string_view message, const LogFields& fields) {
  if (!sampler_.Passes(message, executor_.clock().Now())) return;
  if (!output_) return logger_.Info(message, fields);
  const Status status = output_->Write(ConsoleLine(message, fields));
  // A closed terminal is no reason to refuse telemetry; one line says it, not one per batch.
  if (!status.ok() && !write_failed_.exchange(true)) {
    logger_.Warn("Cannot print telemetry", {{"error", status}});
  }
}

void DebugSender::Shutdown() {
  if (output_) output_->Close();
}

}  // namespace weir::exporters::debug
