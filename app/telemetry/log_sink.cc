#include "app/telemetry/log_sink.h"

#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <optional>

#include "app/telemetry/log_encoder.h"
#include "app/telemetry/log_sampler.h"
#include "model/json/text.h"

namespace weir::app {
namespace {

using Resource = std::vector<std::pair<std::string, std::string>>;
using Outputs = std::vector<spdlog::sink_ptr>;

Status Refusal(std::string text) { return {StatusCode::kInvalidArgument, std::move(text)}; }

// Whether the file can be appended to; it is created. In Go's words where not.
Status TryFile(const std::string& name, const std::string& path) {
  constexpr mode_t kMode = 0666;
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kMode);
  if (descriptor >= 0) {
    ::close(descriptor);
    return {};
  }
  std::string reason = std::strerror(errno);
  reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return Refusal("open sink \"" + name + "\": open " + path + ": " + reason);
}

Result<spdlog::sink_ptr> OpenOutput(const std::string& name) {
  if (name == "stdout") return spdlog::sink_ptr(std::make_shared<spdlog::sinks::stdout_sink_mt>());
  if (name == "stderr") return spdlog::sink_ptr(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  std::string path = name;
  if (const size_t scheme = name.find("://"); scheme != std::string::npos) {
    if (name.substr(0, scheme) != "file") {
      return Fail(Refusal("open sink \"" + name + "\": no sink found for scheme \"" +
                          name.substr(0, scheme) + "\""));
    }
    path = name.substr(scheme + 3);
  }
  if (Status status = TryFile(name, path); !status.ok()) return Fail(std::move(status));
  try {
    return spdlog::sink_ptr(std::make_shared<spdlog::sinks::basic_file_sink_mt>(path));
  } catch (const spdlog::spdlog_ex& failure) {
    return Fail(Refusal("open sink \"" + name + "\": " + failure.what()));
  }
}

Result<Outputs> OpenOutputs(const std::vector<std::string>& names) {
  Outputs outputs;
  for (const std::string& name : names) {
    Result<spdlog::sink_ptr> output = OpenOutput(name);
    if (!output) return Fail(std::move(output).error());
    (*output)->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
    outputs.push_back(std::move(*output));
  }
  return outputs;
}

// The fields that every line has: initial fields by key, then the resource.
std::string FixedFields(LogEncoding encoding, const LogsTelemetry& config,
                        const Resource& resource) {
  std::string fixed;
  for (const auto& [key, value] : config.initial_fields) {
    RawJson json;
    AppendJson(value, json.text);
    AppendLogField(encoding, LogField(key, std::move(json)), fixed);
  }
  if (config.disable_zap_resource) return fixed;
  RawJson object{"{"};
  for (const auto& [key, value] : resource)
    AppendLogField(encoding, LogField(key, value), object.text);
  object.text += '}';
  AppendLogField(encoding, LogField("resource", std::move(object)), fixed);
  return fixed;
}

class SpdlogSink final : public LogSink {
 public:
  SpdlogSink(LogEncoding encoding, const LogsTelemetry& config, const Resource& resource,
             Outputs outputs, const Outputs& error_outputs, const Clock& clock)
      : encoding_(encoding),
        // zap's levels above error are above every line of ours.
        threshold_(static_cast<int>(static_cast<LogLevel::Kind>(config.level))),
        show_caller_(!config.disable_caller),
        fixed_(FixedFields(encoding, config, resource)),
        clock_(clock),
        logger_("weir", outputs.begin(), outputs.end()) {
    logger_.set_level(spdlog::level::trace);
    logger_.flush_on(spdlog::level::trace);
    logger_.set_error_handler([error_outputs](const std::string& text) {
      const std::string line = "write error: " + text;
      for (const spdlog::sink_ptr& output : error_outputs)
        output->log(spdlog::details::log_msg("weir", spdlog::level::err, line));
    });
    if (config.sampling && config.sampling->enabled) {
      sampler_.emplace(config.sampling->tick, config.sampling->initial,
                       config.sampling->thereafter);
    }
  }

  bool enabled(weir::LogLevel level) const override {
    return static_cast<int>(level) >= threshold_;
  }
  void Write(weir::LogLevel level, std::string_view location, std::string_view message,
             const LogFields& context, const LogFields& fields) override {
    const Clock::Wall now = clock_.WallNow();
    if (sampler_ && !sampler_->Admit(level, message, now)) return;
    LogLine line;
    line.time = now;
    line.level = level;
    if (show_caller_) line.caller = location;
    line.message = message;
    line.fixed = fixed_;
    line.context = &context;
    line.fields = &fields;
    logger_.log(spdlog::level::info, EncodeLogLine(encoding_, line));
  }
  void Flush() override { logger_.flush(); }

 private:
  const LogEncoding encoding_;
  const int threshold_;
  const bool show_caller_;
  const std::string fixed_;
  const Clock& clock_;
  std::optional<LogSampler> sampler_;
  spdlog::logger logger_;
};

}  // namespace

Result<std::shared_ptr<LogSink>> OpenLogSink(const LogsTelemetry& config, const Resource& resource,
                                             const Clock& clock) {
  const bool json = config.encoding == "json";
  if (!json && config.encoding != "console") {
    return Fail(Refusal("no encoder registered for name \"" + config.encoding + "\""));
  }
  Result<Outputs> outputs = OpenOutputs(config.output_paths);
  if (!outputs) return Fail(std::move(outputs).error());
  Result<Outputs> error_outputs = OpenOutputs(config.error_output_paths);
  if (!error_outputs) return Fail(std::move(error_outputs).error());
  const LogEncoding encoding = json ? LogEncoding::kJson : LogEncoding::kConsole;
  return std::shared_ptr<LogSink>(std::make_shared<SpdlogSink>(
      encoding, config, resource, std::move(*outputs), *error_outputs, clock));
}

}  // namespace weir::app
