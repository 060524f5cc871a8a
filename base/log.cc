#include "base/log.h"

namespace weir {
namespace {

// "dir/file.cc" of a path: the last two parts, as the Collector's logs show callers.
std::string_view ShortPath(std::string_view path) {
  const size_t last = path.rfind('/');
  if (last == std::string_view::npos || last == 0) return path;
  const size_t before = path.rfind('/', last - 1);
  return before == std::string_view::npos ? path : path.substr(before + 1);
}

}  // namespace

Logger Logger::With(LogFields fields) const {
  LogFields all = context_ ? *context_ : LogFields();
  all.insert(all.end(), std::make_move_iterator(fields.begin()),
             std::make_move_iterator(fields.end()));
  return Logger(sink_, std::move(all));
}

void Logger::Log(LogLevel level, std::string_view message, LogFields fields, const char* file,
                 int line) const {
  if (!enabled(level)) return;
  static const LogFields no_context;
  const std::string location = std::string(ShortPath(file)) + ":" + std::to_string(line);
  sink_->Write(level, location, message, context_ ? *context_ : no_context, fields);
}

}  // namespace weir
