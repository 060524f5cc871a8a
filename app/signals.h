// Signals and wake-ups as something one thread waits for.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace weir::app {

class Signals {
 public:
  // Blocks SIGTERM, SIGINT and SIGHUP in this thread and those it will start, so that only Wait
  // sees them; ignores SIGPIPE.
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // The next signal; empty after `patience` or Wake.
  std::optional<int> Wait(std::chrono::milliseconds patience);
  // Makes Wait return. Any thread.
  void Wake();
  // From now on SIGTERM and SIGINT end the process at once.
  void EndAtNext();

 private:
  int signals_ = -1;
  int wake_ = -1;
};

// "terminated", "interrupt", "hangup": as the Collector's log names it.
std::string_view SignalText(int signal);

}  // namespace weir::app
