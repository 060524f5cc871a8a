#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

#include "bench/loadgen/http_head.h"
#include "bench/loadgen/listen.h"
#include "bench/loadgen/sink.h"
#include "bench/loadgen/tally.h"

namespace weir::bench {
namespace {

// The number behind `key` in a query such as "?code=14&ms=200".
int64_t QueryNumber(std::string_view target, std::string_view key, int64_t otherwise) {
  const size_t at = target.find(key);
  if (at == std::string_view::npos) return otherwise;
  return std::stoll(std::string(target.substr(at + key.size())));
}

std::string Stats(SinkState& state) {
  const int64_t elapsed = NowNanos() - state.start_nanos;
  std::string out = "{\"elapsed_s\": " + std::to_string(static_cast<double>(elapsed) / 1e9) +
                    ", \"requests\": " + std::to_string(state.requests) +
                    ", \"items\": " + std::to_string(state.items) +
                    ", \"bytes\": " + std::to_string(state.bytes) +
                    ", \"refused\": " + std::to_string(state.refused) +
                    ", \"malformed\": " + std::to_string(state.malformed) + ", \"timeline\": [";
  const auto steps = std::min<size_t>(static_cast<size_t>(elapsed / 100'000'000), 36'000);
  for (size_t i = 0; i < steps; ++i) {
    if (i > 0) out += ',';
    out += std::to_string(state.timeline[i]);
  }
  return out + "]}\n";
}

std::string Sequences(SinkState& state) {
  std::lock_guard lock(state.mutex);
  std::string out;
  for (const auto& [sequence, items] : state.items_by_sequence) {
    out += std::to_string(sequence) + ' ' + std::to_string(items) + '\n';
  }
  return out;
}

void Reset(SinkState& state) {
  for (auto* counter :
       {&state.requests, &state.items, &state.bytes, &state.refused, &state.malformed}) {
    *counter = 0;
  }
  for (auto& step : state.timeline) step = 0;
  state.start_nanos = NowNanos();
  std::lock_guard lock(state.mutex);
  state.items_by_sequence.clear();
}

std::string Answer(SinkState& state, std::string_view target) {
  constexpr int64_t kMs = 1'000'000;
  if (target == "/stats") return Stats(state);
  if (target == "/sequences") return Sequences(state);
  if (target == "/reset") {
    Reset(state);
  } else if (target == "/mode/ok") {
    state.mode = SinkMode::kOk;
  } else if (target == "/mode/stalled") {
    state.mode = SinkMode::kStalled;
  } else if (target.starts_with("/mode/slow")) {
    state.slow_nanos = QueryNumber(target, "ms=", 50) * kMs;
    state.mode = SinkMode::kSlow;
  } else if (target.starts_with("/mode/refuse")) {
    state.refuse_code = static_cast<int>(QueryNumber(target, "code=", 14));
    const int64_t ms = QueryNumber(target, "ms=", -1);
    state.refuse_delay_nanos = ms < 0 ? -1 : ms * kMs;
    state.mode = SinkMode::kRefuse;
  } else {
    return "unknown\n";
  }
  return "done\n";
}

void Converse(SinkState& state, int fd) {
  std::string received;
  std::array<char, 2048> buffer;
  HttpHead head;
  while (!ParseHttpHead(received, head)) {
    pollfd wait{fd, POLLIN, 0};
    if (poll(&wait, 1, 2000) <= 0) return;
    const ssize_t n = recv(fd, buffer.data(), buffer.size(), 0);
    if (n <= 0) return;
    received.append(buffer.data(), static_cast<size_t>(n));
  }
  const std::string body = Answer(state, head.target);
  std::string out =
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  size_t sent = 0;
  while (sent < out.size()) {
    const ssize_t n = send(fd, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
    pollfd wait{fd, POLLOUT, 0};
    if (n < 0 && poll(&wait, 1, 2000) <= 0) return;
    if (n > 0) sent += static_cast<size_t>(n);
  }
}

}  // namespace

void ServeControl(SinkState& state, uint16_t port) {
  const int listener = ListenOrDie("weir-sink", port);
  for (;;) {
    pollfd wait{listener, POLLIN, 0};
    if (poll(&wait, 1, -1) <= 0) continue;
    const int fd = AcceptOne(listener);
    if (fd < 0) continue;
    Converse(state, fd);
    close(fd);
  }
}

}  // namespace weir::bench
