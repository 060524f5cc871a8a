// Listening sockets of this process, so that a reload keeps them open.
//
//   old server ── Listener (fd) ──┐
//                                 ├── one socket in the kernel: no connection is refused between
//   new server ── Listener (dup) ─┘
//
// A socket belongs to the servers that listen on it. While a ListenerPool::Handover lives (the
// program holds one around a reload), asking for an address that this process listens on already
// gives a second descriptor of the same socket, once, and a socket that is closed stays open until
// the handover ends. At any other time an address in use is an error, as everywhere.
//
// Thread-safe. Blocks for name resolution: call it from Start, not from a transport callback.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace weir::net {

// A listening, non-blocking, close-on-exec socket. Move-only; closes its descriptor.
class Listener {
 public:
  Listener() = default;
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&& other) noexcept;
  ~Listener();

  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  // Where it really listens: "127.0.0.1:43187", "[::]:4318", or the path of a unix socket.
  const std::string& address() const { return address_; }
  // 0 for unix sockets.
  uint16_t port() const { return port_; }

 private:
  friend class ListenerPool;
  struct Record;
  int fd_ = -1;
  std::string address_;
  uint16_t port_ = 0;
  std::shared_ptr<Record> record_;
};

class ListenerPool {
 public:
  ListenerPool();
  ~ListenerPool();
  // The one of this process: sockets are a resource of it.
  static ListenerPool& OfProcess();

  // `transport` is tcp, tcp4, tcp6 or unix; `endpoint` is host:port, :port or a path. Failures are
  // kUnavailable with Go's words: `listen tcp 127.0.0.1:4318: bind: address already in use`,
  // `listen tcp: address 99999: invalid port`.
  Result<Listener> Listen(std::string_view transport, std::string_view endpoint);

  // Lives from before the new servers start until after the old ones have shut down.
  class Handover {
   public:
    explicit Handover(ListenerPool& pool);
    ~Handover();
    Handover(const Handover&) = delete;
    Handover& operator=(const Handover&) = delete;

   private:
    ListenerPool& pool_;
  };

 private:
  friend class Listener;
  friend struct Listener::Record;
  struct State;
  static Listener ListenerOf(const std::shared_ptr<Listener::Record>& record);
  std::shared_ptr<State> state_;
};

}  // namespace weir::net
