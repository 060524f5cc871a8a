// Lines of the program's own log as zap, the Collector's logger, writes them.
//
//   console  2026-11-21T07:21:38.064Z<TAB>info<TAB>dir/file.cc:256<TAB>message<TAB>{"key": "value"}
//   json {"level":"info","ts":"2026-...","caller":"dir/file.cc:256","msg":"message","key":"value"}
//
// Fields stand in the order: initial fields, resource, the logger's own, those of the line. The
// console line ends behind the message when there are none. Times are local with their offset ("Z"
// for UTC). No field is left out or joined with another of its name. zap adds "stacktrace" to
// errors when a program was built so; the Collector's lines carry none, and neither do these.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/config/value.h"
#include "base/log.h"

namespace weir::app {

enum class LogEncoding : uint8_t { kConsole, kJson };

// "2026-11-21T07:21:38.064Z", or "...+0100" where the machine's zone is not UTC.
std::string FormatLogTime(std::chrono::system_clock::time_point time);
// "info"
std::string_view LogLevelName(weir::LogLevel level);

// One YAML value as JSON without spaces, as zap shows values of any kind.
void AppendJson(const config::Value& value, std::string& out);
// `"key": value` behind what is there, with the comma between; for the fixed part of lines.
void AppendLogField(LogEncoding encoding, const LogField& field, std::string& out);

struct LogLine {
  std::chrono::system_clock::time_point time;
  weir::LogLevel level = weir::LogLevel::kInfo;
  std::string_view caller;  // empty: none is shown
  std::string_view message;
  std::string_view fixed;    // fields that every line has, made by AppendLogField
  const LogFields* context;  // of the logger
  const LogFields* fields;   // of the line
};

// The line without a line break.
std::string EncodeLogLine(LogEncoding encoding, const LogLine& line);

}  // namespace weir::app
