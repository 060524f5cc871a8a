#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "bench/loadgen/gzip.h"
#include "bench/loadgen/http_head.h"
#include "bench/loadgen/sender.h"

namespace weir::bench {
namespace {

struct Connection {
  int fd = -1;
  bool is_busy = false;
  std::string head;
  std::string_view body;
  std::string stamped;
  size_t sent = 0;       // of head and body together
  std::string received;  // the answer so far
  int64_t due_nanos = 0;
  int64_t sent_nanos = 0;
  int64_t free_nanos = 0;
  uint64_t sequence = 0;
};

Answer AnswerOf(const HttpHead& head, std::string_view body) {
  Answer answer;
  if (head.status == 200) return answer;
  answer.label = std::to_string(head.status);
  if (head.retry_after_seconds >= 0) {
    answer.label += " with delay";
    answer.delay_nanos = head.retry_after_seconds * 1'000'000'000;
  }
  const bool is_retryable = head.status == 429 || (head.status >= 502 && head.status <= 504);
  answer.kind = is_retryable ? Answer::Kind::kRefused : Answer::Kind::kError;
  answer.message = std::string(body.substr(0, 120));
  return answer;
}

Answer Failure(const char* what) {
  Answer answer;
  answer.kind = Answer::Kind::kError;
  answer.label = what;
  answer.message = what;
  return answer;
}

class HttpLoop {
 public:
  explicit HttpLoop(Run& run) : run_(run), epoll_(epoll_create1(0)) {
    for (size_t i = 0; i < run.options.slots; ++i) {
      connections_.push_back(std::make_unique<Connection>());
    }
  }
  ~HttpLoop() {
    for (auto& connection : connections_) Close(*connection);
    close(epoll_);
  }

  void Loop() {
    for (;;) {
      const int64_t now = NowNanos();
      ExpireLate(now);
      const bool may_start = now < run_.end_nanos && !run_.pacer.is_done();
      const int64_t wake = may_start ? FillSlots(now) : INT64_MAX;
      if (!may_start && busy_ == 0) return;
      WaitUntil(std::min(wake, now + 100'000'000));
    }
  }

 private:
  int64_t FillSlots(int64_t now) {
    run_.tally.CountUnsent(run_.pacer.GiveUpLate(now) * run_.options.batch);
    int64_t wake = INT64_MAX;
    for (auto& connection : connections_) {
      if (connection->is_busy) continue;
      if (connection->free_nanos > now) {
        wake = std::min(wake, connection->free_nanos);
        continue;
      }
      const int64_t due = run_.pacer.due_nanos(now);
      if (due > now) return std::min(wake, due);
      Start(*connection, due);
    }
    return wake;
  }

  bool Open(Connection& connection) {
    connection.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(run_.options.port);
    inet_pton(AF_INET, run_.options.host.c_str(), &address.sin_addr);
    const int rc = connect(connection.fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    if (rc != 0 && errno != EINPROGRESS) return false;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &connection;
    return epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event) == 0;
  }

  void Close(Connection& connection) {
    if (connection.fd >= 0) close(connection.fd);
    connection.fd = -1;
  }

  void Start(Connection& connection, int64_t due) {
    connection.sequence = run_.next_sequence++;
    Payload& payload = run_.payloads[connection.sequence % run_.payloads.size()];
    connection.body = run_.options.gzip ? payload.gzip : payload.plain;
    if (run_.options.stamp) {
      connection.stamped = payload.plain;
      StampSequence(connection.stamped, payload.sequence_offset, connection.sequence);
      if (run_.options.gzip) connection.stamped = Deflate(connection.stamped);
      connection.body = connection.stamped;
    }
    connection.head = "POST " + std::string(HttpPath(run_.options.signal)) +
                      " HTTP/1.1\r\nHost: " + run_.options.host +
                      "\r\nContent-Type: application/x-protobuf\r\n" +
                      (run_.options.gzip ? "Content-Encoding: gzip\r\n" : "") +
                      "Content-Length: " + std::to_string(connection.body.size()) + "\r\n\r\n";
    connection.sent = 0;
    connection.received.clear();
    connection.due_nanos = due;
    connection.sent_nanos = NowNanos();
    connection.is_busy = true;
    ++busy_;
    run_.pacer.Sent();
    if (connection.fd < 0 && !Open(connection)) {
      Finish(connection, Failure("connect failed"), true);
      return;
    }
    Write(connection);
  }

  void Write(Connection& connection) {
    const size_t total = connection.head.size() + connection.body.size();
    while (connection.sent < total) {
      std::array<iovec, 2> parts;
      int count = 0;
      size_t body_offset = 0;
      if (connection.sent < connection.head.size()) {
        parts[0] = {connection.head.data() + connection.sent,
                    connection.head.size() - connection.sent};
        count = 1;
      } else {
        body_offset = connection.sent - connection.head.size();
      }
      parts[static_cast<size_t>(count++)] = {
          const_cast<char*>(connection.body.data()) + body_offset,
          connection.body.size() - body_offset};
      msghdr message{};
      message.msg_iov = parts.data();
      message.msg_iovlen = static_cast<size_t>(count);
      const ssize_t n = sendmsg(connection.fd, &message, MSG_NOSIGNAL);
      if (n < 0) return;  // a full socket comes back as an event, a broken one when it is read
      connection.sent += static_cast<size_t>(n);
    }
  }

  void Read(Connection& connection) {
    std::array<char, 16384> buffer;
    for (;;) {
      const ssize_t n = recv(connection.fd, buffer.data(), buffer.size(), 0);
      if (n < 0 && errno == EAGAIN) break;
      if (n <= 0) {
        if (connection.is_busy) {
          Finish(connection, Failure("connection closed"), true);
        } else {
          Close(connection);
        }
        return;
      }
      connection.received.append(buffer.data(), static_cast<size_t>(n));
    }
    if (connection.is_busy) TryFinish(connection);
  }

  void TryFinish(Connection& connection) {
    HttpHead head;
    if (!ParseHttpHead(connection.received, head)) return;
    const std::string_view body = std::string_view(connection.received).substr(head.size);
    if (!head.is_chunked && body.size() < head.content_length) return;
    if (head.is_chunked && !body.ends_with("0\r\n\r\n")) return;
    const bool was_early = connection.sent < connection.head.size() + connection.body.size();
    Finish(connection, AnswerOf(head, body), head.wants_close || was_early);
  }

  void Finish(Connection& connection, const Answer& answer, bool must_close) {
    const int64_t now = NowNanos();
    run_.tally.Count(now, run_.options.batch, connection.body.size(), now - connection.due_nanos,
                     answer);
    if (answer.kind == Answer::Kind::kOk && run_.options.stamp) {
      run_.acked_sequences.push_back(connection.sequence);
    }
    connection.is_busy = false;
    --busy_;
    connection.free_nanos = 0;
    if (run_.options.honour_delay && answer.delay_nanos > 0) {
      connection.free_nanos = now + answer.delay_nanos;
    }
    if (answer.label == "connect failed" || answer.label == "connection closed") {
      connection.free_nanos = now + 20'000'000;
    }
    if (must_close) Close(connection);
  }

  void ExpireLate(int64_t now) {
    if (now < next_expiry_nanos_) return;
    next_expiry_nanos_ = now + 50'000'000;
    for (auto& connection : connections_) {
      if (connection->is_busy && now - connection->sent_nanos > run_.options.timeout_nanos) {
        Finish(*connection, Failure("timeout"), true);
      }
    }
  }

  void WaitUntil(int64_t wake_nanos) {
    const int64_t nanos = std::max<int64_t>(wake_nanos - NowNanos(), 0);
    const timespec timeout{nanos / 1'000'000'000, nanos % 1'000'000'000};
    std::array<epoll_event, 64> events;
    const int count = epoll_pwait2(epoll_, events.data(), int(events.size()), &timeout, nullptr);
    for (int i = 0; i < count; ++i) {
      auto& connection = *static_cast<Connection*>(events[static_cast<size_t>(i)].data.ptr);
      if (connection.fd < 0) continue;
      if (connection.is_busy && (events[static_cast<size_t>(i)].events & EPOLLOUT))
        Write(connection);
      if (events[static_cast<size_t>(i)].events & ~uint32_t{EPOLLOUT}) Read(connection);
    }
  }

  Run& run_;
  int epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  size_t busy_ = 0;
  int64_t next_expiry_nanos_ = 0;
};

}  // namespace

void SendHttp(Run& run) { HttpLoop(run).Loop(); }

}  // namespace weir::bench
