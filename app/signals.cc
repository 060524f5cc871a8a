#include "app/signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>

#include "base/check.h"

namespace weir::app {
namespace {

sigset_t SetOf(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t ours = SetOf({SIGTERM, SIGINT, SIGHUP});
  pthread_sigmask(SIG_BLOCK, &ours, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  signals_ = signalfd(-1, &ours, SFD_NONBLOCK | SFD_CLOEXEC);
  wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK(signals_ >= 0 && wake_ >= 0) << "no descriptors for signals";
}

Signals::~Signals() {
  close(signals_);
  close(wake_);
}

std::optional<int> Signals::Wait(std::chrono::milliseconds patience) {
  pollfd waiting[] = {{signals_, POLLIN, 0}, {wake_, POLLIN, 0}};
  if (poll(waiting, 2, static_cast<int>(patience.count())) <= 0) return std::nullopt;
  uint64_t wakes = 0;
  if (waiting[1].revents != 0 && read(wake_, &wakes, sizeof(wakes)) < 0) return std::nullopt;
  signalfd_siginfo info;
  if (read(signals_, &info, sizeof(info)) != sizeof(info)) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

void Signals::Wake() {
  const uint64_t one = 1;
  // It can only fail when a wake is pending already.
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
}

void Signals::EndAtNext() {
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGINT, SIG_DFL);
  const sigset_t ending = SetOf({SIGTERM, SIGINT});
  pthread_sigmask(SIG_UNBLOCK, &ending, nullptr);
}

std::string_view SignalText(int signal) {
  return signal == SIGTERM ? "terminated" : signal == SIGINT ? "interrupt" : "hangup";
}

}  // namespace weir::app
