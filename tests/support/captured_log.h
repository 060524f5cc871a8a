// A log sink that keeps what was written, for assertions.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"

namespace weir::tests {

class CapturedLog final : public LogSink {
 public:
  struct Line {
    LogLevel level;
    std::string message;
    LogFields fields;  // of the line, without the logger's own
  };

  bool enabled(LogLevel) const override { return true; }
  void Write(LogLevel level, std::string_view, std::string_view message, const LogFields&,
             const LogFields& fields) override {
    MutexLock lock(mutex_);
    lines_.push_back({level, std::string(message), fields});
  }

  std::vector<Line> lines() const {
    MutexLock lock(mutex_);
    return lines_;
  }
  // How many lines have exactly this message.
  size_t Count(std::string_view message) const {
    MutexLock lock(mutex_);
    size_t count = 0;
    for (const Line& line : lines_) count += line.message == message;
    return count;
  }

 private:
  mutable Mutex mutex_;
  std::vector<Line> lines_ GUARDED_BY(mutex_);
};

}  // namespace weir::tests
