#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "bench/loadgen/http_head.h"
#include "bench/loadgen/listen.h"
#include "bench/loadgen/sink.h"
#include "bench/loadgen/tally.h"

namespace weir::bench {
namespace {

struct Connection {
  int fd = -1;
  std::string head;  // bytes of the head so far, and what came with it
  std::string path;
  std::string body;  // kept only when scanning
  bool has_head = false;
  uint64_t body_left = 0;
  uint64_t body_size = 0;
  int64_t answer_nanos = 0;  // when it may be answered; 0: nothing waits
  bool must_close = false;
};

constexpr std::string_view kOkAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";

class HttpSink {
 public:
  HttpSink(SinkState& state, uint16_t port)
      : state_(state), listener_(ListenOrDie("weir-sink", port)), epoll_(epoll_create1(0)) {
    Watch(listener_, nullptr);
  }

  void Serve() {
    std::array<epoll_event, 64> events;
    for (;;) {
      const int count =
          epoll_wait(epoll_, events.data(), int(events.size()), waiting_.empty() ? 1000 : 5);
      for (int i = 0; i < count; ++i) {
        auto* connection = static_cast<Connection*>(events[static_cast<size_t>(i)].data.ptr);
        if (connection == nullptr) {
          AcceptAll();
        } else if (!Read(*connection)) {
          Forget(connection);
        }
      }
      AnswerWaiting();
    }
  }

 private:
  void Watch(int fd, Connection* connection) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void AcceptAll() {
    for (int fd = AcceptOne(listener_); fd >= 0; fd = AcceptOne(listener_)) {
      auto* connection = new Connection;  // freed by Forget
      connection->fd = fd;
      Watch(fd, connection);
    }
  }

  void Forget(Connection* connection) {
    std::erase(waiting_, connection);
    close(connection->fd);
    delete connection;
  }

  // False when the connection is over.
  bool Read(Connection& connection) {
    for (;;) {
      const ssize_t n = connection.has_head ? ReadBody(connection) : ReadHead(connection);
      if (n < 0 && errno == EAGAIN) return true;
      if (n <= 0) return false;
      if (connection.has_head && connection.body_left == 0 && connection.answer_nanos == 0) {
        connection.answer_nanos = NowNanos();
        if (state_.mode == SinkMode::kSlow) connection.answer_nanos += state_.slow_nanos;
        if (!TryAnswer(connection)) waiting_.push_back(&connection);
        if (connection.must_close) return false;
      }
    }
  }

  ssize_t ReadHead(Connection& connection) {
    std::array<char, 2048> buffer;
    const ssize_t n = recv(connection.fd, buffer.data(), buffer.size(), 0);
    if (n <= 0) return n;
    connection.head.append(buffer.data(), static_cast<size_t>(n));
    HttpHead head;
    if (!ParseHttpHead(connection.head, head)) return n;
    connection.has_head = true;
    connection.path = head.target;
    connection.must_close = head.is_chunked;  // not what our peers send
    connection.body_size = head.content_length;
    const size_t came = connection.head.size() - head.size;
    if (state_.scan) connection.body.assign(connection.head, head.size, came);
    connection.body_left = head.content_length - std::min<uint64_t>(came, head.content_length);
    return n;
  }

  // Bytes that nobody looks at are thrown away by the kernel without a copy.
  ssize_t ReadBody(Connection& connection) {
    if (connection.body_left == 0) {
      char one;
      return recv(connection.fd, &one, 1, 0);
    }
    if (!state_.scan) {
      const ssize_t n = recv(connection.fd, nullptr, connection.body_left, MSG_TRUNC);
      if (n > 0) connection.body_left -= static_cast<uint64_t>(n);
      return n;
    }
    std::array<char, 65536> buffer;
    const size_t want = std::min<uint64_t>(buffer.size(), connection.body_left);
    const ssize_t n = recv(connection.fd, buffer.data(), want, 0);
    if (n <= 0) return n;
    connection.body.append(buffer.data(), static_cast<size_t>(n));
    connection.body_left -= static_cast<uint64_t>(n);
    return n;
  }

  // False when it is not time yet.
  bool TryAnswer(Connection& connection) {
    const SinkMode mode = state_.mode;
    if (mode == SinkMode::kStalled || NowNanos() < connection.answer_nanos) return false;
    std::string refusal;
    if (mode == SinkMode::kRefuse) refusal = Refusal();
    const std::string_view answer = mode == SinkMode::kRefuse ? refusal : kOkAnswer;
    const ssize_t n = send(connection.fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    if (mode == SinkMode::kRefuse) {
      ++state_.refused;
    } else if (n == ssize_t(answer.size())) {
      Received received{state_.batch, connection.body_size, {}};
      if (state_.scan) received = Scan(state_, connection.path, connection.body);
      CountOk(state_, received);
    }
    connection.head.clear();
    connection.body.clear();
    connection.has_head = false;
    connection.answer_nanos = 0;
    return true;
  }

  std::string Refusal() {
    const int64_t delay = state_.refuse_delay_nanos;
    std::string answer = "HTTP/1.1 " + std::to_string(state_.refuse_code) + " Refused\r\n";
    if (delay >= 0) answer += "Retry-After: " + std::to_string(delay / 1'000'000'000) + "\r\n";
    return answer + "Content-Length: 0\r\n\r\n";
  }

  void AnswerWaiting() {
    std::erase_if(waiting_, [this](Connection* connection) { return TryAnswer(*connection); });
  }

  SinkState& state_;
  int listener_;
  int epoll_;
  std::vector<Connection*> waiting_;
};

}  // namespace

void ServeHttp(SinkState& state, uint16_t port) { HttpSink(state, port).Serve(); }

}  // namespace weir::bench
