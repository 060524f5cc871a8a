// The program's own log, in the Collector's forms (service.telemetry.logs): console or JSON,
// structured fields, sampled.
//
//   logger.Info("Starting GRPC server", {{"endpoint", "localhost:4317"}});
//
// A Logger is a cheap handle: a sink and the fields every line of it carries (the component's id,
// kind, signal). The one door to spdlog is app/telemetry/log_sink.cc. Thread-safe; a line below the
// level costs a comparison.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"

namespace weir {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarn, kError };

// One value of a field. `RawJson` text is inserted as it is.
struct RawJson {
  std::string text;
};
using LogValue =
    std::variant<std::string, int64_t, uint64_t, double, bool, RawJson, std::vector<std::string>>;

struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  LogField(std::string_view k, int v) : key(k), value(static_cast<int64_t>(v)) {}
  LogField(std::string_view k, int64_t v) : key(k), value(v) {}
  LogField(std::string_view k, uint64_t v) : key(k), value(v) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  LogField(std::string_view k, RawJson v) : key(k), value(std::move(v)) {}
  LogField(std::string_view k, std::vector<std::string> v) : key(k), value(std::move(v)) {}
  // The error of a failure, under the key "error" by custom.
  LogField(std::string_view k, const Status& status) : key(k), value(status.message()) {}

  std::string key;
  LogValue value;
};
using LogFields = std::vector<LogField>;

// Where lines go. Implementations: app/telemetry/log_sink.h, tests/support/captured_log.h.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual bool enabled(LogLevel level) const = 0;
  // `context` are the logger's own fields, `fields` those of this line; `location` is
  // "dir/file.cc:line" or empty.
  virtual void Write(LogLevel level, std::string_view location, std::string_view message,
                     const LogFields& context, const LogFields& fields) = 0;
  virtual void Flush() {}
};

class Logger {
 public:
  Logger() = default;  // drops everything
  explicit Logger(std::shared_ptr<LogSink> sink, LogFields context = {})
      : sink_(std::move(sink)), context_(std::make_shared<const LogFields>(std::move(context))) {}

  // The same sink with `fields` behind the present ones.
  Logger With(LogFields fields) const;

  bool enabled(LogLevel level) const { return sink_ != nullptr && sink_->enabled(level); }
  void Log(LogLevel level, std::string_view message, LogFields fields = {},
           const char* file = __builtin_FILE(), int line = __builtin_LINE()) const;
  void Debug(std::string_view message, LogFields fields = {}, const char* file = __builtin_FILE(),
             int line = __builtin_LINE()) const {
    Log(LogLevel::kDebug, message, std::move(fields), file, line);
  }
  void Info(std::string_view message, LogFields fields = {}, const char* file = __builtin_FILE(),
            int line = __builtin_LINE()) const {
    Log(LogLevel::kInfo, message, std::move(fields), file, line);
  }
  void Warn(std::string_view message, LogFields fields = {}, const char* file = __builtin_FILE(),
            int line = __builtin_LINE()) const {
    Log(LogLevel::kWarn, message, std::move(fields), file, line);
  }
  void Error(std::string_view message, LogFields fields = {}, const char* file = __builtin_FILE(),
             int line = __builtin_LINE()) const {
    Log(LogLevel::kError, message, std::move(fields), file, line);
  }
  const std::shared_ptr<LogSink>& sink() const { return sink_; }

 private:
  std::shared_ptr<LogSink> sink_;
  std::shared_ptr<const LogFields> context_;
};

}  // namespace weir
