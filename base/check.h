// CHECK(condition) << "why": for what cannot happen. On in every build: a process that has broken
// its own rules stops before it acknowledges something it does not hold. What the outside world can
// cause is a Status, never a CHECK.
#pragma once

#include <sstream>

namespace weir::internal {

// Collects the message and aborts when it goes out of scope.
class CheckFailure {
 public:
  CheckFailure(const char* file, int line, const char* condition);
  [[noreturn]] ~CheckFailure();
  std::ostream& stream() { return stream_; }

 private:
  std::ostringstream stream_;
};

struct CheckVoid {
  void operator&(std::ostream&) {}
};

}  // namespace weir::internal

#define CHECK(condition)                \
  (__builtin_expect(!!(condition), 1))  \
      ? (void)0                         \
      : ::weir::internal::CheckVoid() & \
            ::weir::internal::CheckFailure(__FILE__, __LINE__, #condition).stream()
