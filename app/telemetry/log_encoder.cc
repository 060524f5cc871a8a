#include "app/telemetry/log_encoder.h"

#include <array>
#include <charconv>
#include <cmath>
#include <ctime>

#include "model/json/text.h"

namespace weir::app {
namespace {

using model::json::AppendString;

// As strconv's 'f' with the fewest digits, which is how zap spells numbers.
void AppendFloat(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"+Inf\"" : "\"-Inf\"";
    return;
  }
  std::array<char, 400> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
  out.append(digits.data(), end.ptr);
}

void AppendStrings(LogEncoding encoding, const std::vector<std::string>& list, std::string& out) {
  out += '[';
  bool first = true;
  for (const std::string& item : list) {
    if (!first) out += encoding == LogEncoding::kConsole ? ", " : ",";
    first = false;
    AppendString(item, out);
  }
  out += ']';
}

struct ValueAppender {
  LogEncoding encoding;
  std::string& out;
  void operator()(const std::string& v) const { AppendString(v, out); }
  void operator()(int64_t v) const { out += std::to_string(v); }
  void operator()(uint64_t v) const { out += std::to_string(v); }
  void operator()(double v) const { AppendFloat(v, out); }
  void operator()(bool v) const { out += v ? "true" : "false"; }
  void operator()(const RawJson& v) const { out += v.text; }
  void operator()(const std::vector<std::string>& v) const { AppendStrings(encoding, v, out); }
};

void AppendFields(LogEncoding encoding, const LogLine& line, std::string& out) {
  out += line.fixed;
  for (const LogFields* fields : {line.context, line.fields}) {
    if (fields == nullptr) continue;
    for (const LogField& field : *fields) AppendLogField(encoding, field, out);
  }
}

}  // namespace

std::string FormatLogTime(std::chrono::system_clock::time_point time) {
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = millis / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 64> text;
  size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &local);
  std::string out(text.data(), size);
  const std::string fraction = std::to_string(1000 + millis % 1000);
  out.append(".").append(fraction, 1, 3);
  if (local.tm_gmtoff == 0) return out + "Z";
  size = std::strftime(text.data(), text.size(), "%z", &local);
  return out.append(text.data(), size);
}

std::string_view LogLevelName(weir::LogLevel level) {
  switch (level) {
    case weir::LogLevel::kDebug:
      return "debug";
    case weir::LogLevel::kInfo:
      return "info";
    case weir::LogLevel::kWarn:
      return "warn";
    case weir::LogLevel::kError:
      return "error";
  }
  return {};
}

void AppendJson(const config::Value& value, std::string& out) {
  using Kind = config::Value::Kind;
  switch (value.kind()) {
    case Kind::kNull:
      out += "null";
      return;
    case Kind::kBool:
      out += value.as_bool() ? "true" : "false";
      return;
    case Kind::kInt:
      out += std::to_string(value.as_int());
      return;
    case Kind::kFloat:
      return AppendFloat(value.as_float(), out);
    case Kind::kString:
      return AppendString(value.as_string(), out);
    case Kind::kList:
      out += '[';
      for (const config::Value& item : value.list()) {
        if (out.back() != '[') out += ',';
        AppendJson(item, out);
      }
      out += ']';
      return;
    case Kind::kMap:
      out += '{';
      for (const auto& [key, member] : value.map()) {
        if (out.back() != '{') out += ',';
        AppendString(key, out);
        out += ':';
        AppendJson(member, out);
      }
      out += '}';
      return;
  }
}

void AppendLogField(LogEncoding encoding, const LogField& field, std::string& out) {
  const bool console = encoding == LogEncoding::kConsole;
  if (!out.empty() && out.back() != '{') out += console ? ", " : ",";
  AppendString(field.key, out);
  out += console ? ": " : ":";
  std::visit(ValueAppender{encoding, out}, field.value);
}

std::string EncodeLogLine(LogEncoding encoding, const LogLine& line) {
  std::string out;
  if (encoding == LogEncoding::kJson) {
    out += R"({"level":")";
    out.append(LogLevelName(line.level)).append(R"(","ts":")").append(FormatLogTime(line.time));
    out += '"';
    if (!line.caller.empty()) {
      out += R"(,"caller":)";
      AppendString(line.caller, out);
    }
    out += R"(,"msg":)";
    AppendString(line.message, out);
    if (!line.fixed.empty()) out += ',';
    AppendFields(encoding, line, out);
    return out += '}';
  }
  out.append(FormatLogTime(line.time)).append("\t").append(LogLevelName(line.level));
  if (!line.caller.empty()) out.append("\t").append(line.caller);
  out.append("\t").append(line.message);
  std::string fields = "{";
  AppendFields(encoding, line, fields);
  if (fields.size() > 1) out.append("\t").append(fields).append("}");
  return out;
}

}  // namespace weir::app
