// bare-http-forwarder: the least a program can do to pass OTLP/HTTP on.
//
// Reads a request to its end, sends the same bytes to the backend over a connection of its own,
// reads the answer to its end and sends those bytes back. No check, no queue, no limit: what it
// costs is what two sockets cost, and the floor that Weir is measured against. One thread, epoll.
//
//   bare-http-forwarder --listen 4318 --backend 5318
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "bench/loadgen/http_head.h"
#include "bench/loadgen/listen.h"

namespace weir::bench {
namespace {

struct Pair;

// One direction's socket.
struct End {
  Pair* pair = nullptr;
  int fd = -1;
  std::vector<char> buffer = std::vector<char>(512 * 1024);
  size_t filled = 0;
  size_t message_size = 0;  // 0 until the head is read
};

// A client's connection and the backend connection that serves it.
struct Pair {
  End client;
  End backend;
};

class Forwarder {
 public:
  Forwarder(uint16_t listen, uint16_t backend)
      : listener_(ListenOrDie("bare-http-forwarder", listen)),
        backend_port_(backend),
        epoll_(epoll_create1(0)) {
    Watch(listener_, nullptr);
  }

  void Serve() {
    std::array<epoll_event, 64> events;
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), int(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        auto* end = static_cast<End*>(events[static_cast<size_t>(i)].data.ptr);
        if (end == nullptr) {
          Accept();
        } else if (!Move(*end)) {
          dead_.push_back(end->pair);
        }
      }
      Bury();
    }
  }

 private:
  void Watch(int fd, End* end) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = end;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  int Connect() const {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(backend_port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
    close(fd);
    return -1;
  }

  void Accept() {
    for (int fd = AcceptOne(listener_); fd >= 0; fd = AcceptOne(listener_)) {
      auto pair = std::make_unique<Pair>();
      pair->client.fd = fd;
      pair->backend.fd = Connect();
      pair->client.pair = pair->backend.pair = pair.get();
      if (pair->backend.fd < 0) {
        close(fd);
        continue;
      }
      Watch(fd, &pair->client);
      Watch(pair->backend.fd, &pair->backend);
      pair.release();  // freed by Bury
    }
  }

  // Reads what there is; passes a whole message to the other end. False when the pair is over.
  bool Move(End& end) {
    if (end.filled == end.buffer.size()) end.buffer.resize(end.buffer.size() * 2);
    const ssize_t n =
        recv(end.fd, end.buffer.data() + end.filled, end.buffer.size() - end.filled, MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN;
    if (n == 0) return false;
    end.filled += static_cast<size_t>(n);
    if (end.message_size == 0) {
      HttpHead head;
      if (!ParseHttpHead({end.buffer.data(), end.filled}, head)) return true;
      end.message_size = head.size + head.content_length;
      if (end.buffer.size() < end.message_size) end.buffer.resize(end.message_size);
    }
    if (end.filled < end.message_size) return true;
    const End& other = &end == &end.pair->client ? end.pair->backend : end.pair->client;
    const bool is_sent = SendAll(other.fd, end.buffer.data(), end.message_size);
    end.filled = end.message_size = 0;
    return is_sent;
  }

  // Waits while the socket is full: the other side of both is on this machine and reads.
  static bool SendAll(int fd, const char* data, size_t size) {
    while (size > 0) {
      const ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
      if (n < 0 && errno != EAGAIN) return false;
      if (n > 0) {
        data += n;
        size -= static_cast<size_t>(n);
      }
    }
    return true;
  }

  void Bury() {
    std::sort(dead_.begin(), dead_.end());
    dead_.erase(std::unique(dead_.begin(), dead_.end()), dead_.end());
    for (Pair* pair : dead_) {
      close(pair->client.fd);
      close(pair->backend.fd);
      delete pair;
    }
    dead_.clear();
  }

  int listener_;
  uint16_t backend_port_;
  int epoll_;
  std::vector<Pair*> dead_;
};

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  CLI::App app{"Passes OTLP/HTTP on and does nothing else."};
  uint16_t listen = 0;
  uint16_t backend = 0;
  app.add_option("--listen", listen)->required();
  app.add_option("--backend", backend)->required();
  CLI11_PARSE(app, argc, argv);
  weir::bench::Forwarder(listen, backend).Serve();
}
