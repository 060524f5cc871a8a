#include "net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "base/mutex.h"
#include "net/endpoint.h"

namespace weir::net {

// One listening socket, however many descriptors of it exist.
struct Listener::Record {
  std::shared_ptr<ListenerPool::State> pool;
  std::string key;  // in the pool; empty when nobody can take it over
  std::string address;
  uint16_t port = 0;
  std::string unlink_path;  // of a unix socket, removed with the last listener
  int fd = -1;              // the pool's own descriptor; closed with the last listener
  int holders = 0;          // listeners alive; 0 only during a handover
  bool taken = false;       // handed over already in this handover
};

struct ListenerPool::State {
  Mutex mutex;
  int handovers GUARDED_BY(mutex) = 0;
  std::map<std::string, std::shared_ptr<Listener::Record>> open GUARDED_BY(mutex);

  void Close(Listener::Record& record) REQUIRES(mutex) {
    close(std::exchange(record.fd, -1));
    if (!record.unlink_path.empty()) unlink(record.unlink_path.c_str());
  }
};

namespace {

// What the kernel says about a failed step, in Go's form: `listen tcp 1.2.3.4:5: bind: why`.
Status SocketError(std::string_view transport, std::string_view address, const char* step,
                   int error) {
  std::string text = "listen " + std::string(transport);
  if (!address.empty()) text += " " + std::string(address);
  return {StatusCode::kUnavailable, text + ": " + step + ": " + GoErrorText(error)};
}

Status ListenError(std::string_view transport, std::string_view why) {
  return {StatusCode::kUnavailable, "listen " + std::string(transport) + ": " + std::string(why)};
}

std::string AddressText(const sockaddr_storage& address, uint16_t* port) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    *port = ntohs(v4.sin_port);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    *port = ntohs(v6.sin6_port);
  }
  return JoinHostPort(text, std::to_string(*port));
}

// A descriptor that closes itself unless it is released.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct Bound {
  int fd;
  std::string address;
  uint16_t port = 0;
};

Result<Bound> BindAndListen(std::string_view transport, const sockaddr_storage& address,
                            socklen_t size) {
  uint16_t port = 0;
  const std::string text = AddressText(address, &port);
  Fd fd(socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return Fail(SocketError(transport, text, "socket", errno));
  const int on = 1;
  const int off = 0;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // Go listens on both families for tcp on an unspecified address.
  if (address.ss_family == AF_INET6) {
    const int* only = transport == "tcp6" ? &on : &off;
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, only, sizeof(*only));
  }
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    return Fail(SocketError(transport, text, "bind", errno));
  }
  if (listen(fd.get(), SOMAXCONN) != 0) {
    return Fail(SocketError(transport, text, "listen", errno));
  }
  sockaddr_storage real{};
  socklen_t real_size = sizeof(real);
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&real), &real_size);
  Bound bound{-1, AddressText(real, &port), 0};
  bound.port = port;
  bound.fd = fd.release();
  return bound;
}

Result<int> ParsePort(std::string_view transport, const std::string& port) {
  if (port.empty()) return 0;
  int number = 0;
  bool digits = true;
  const bool negative = port.size() > 1 && port.front() == '-';
  for (const char c : port.substr(negative ? 1 : 0)) {
    digits = digits && c >= '0' && c <= '9';
    if (digits && number <= 65535) number = number * 10 + (c - '0');
  }
  if (digits && !negative && number <= 65535) return number;
  if (digits) return Fail(ListenError(transport, "address " + port + ": invalid port"));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(nullptr, port.c_str(), &hints, &found) != 0) {
    return Fail(ListenError(transport, "lookup tcp/" + port + ": unknown port"));
  }
  number = ntohs(found->ai_family == AF_INET
                     ? reinterpret_cast<const sockaddr_in*>(found->ai_addr)->sin_port
                     : reinterpret_cast<const sockaddr_in6*>(found->ai_addr)->sin6_port);
  freeaddrinfo(found);
  return number;
}

Result<Bound> ListenAny(std::string_view transport, int port) {
  sockaddr_storage address{};
  if (transport != "tcp4") {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(static_cast<uint16_t>(port));
    Result<Bound> bound = BindAndListen(transport, address, sizeof(v6));
    const bool no_ipv6 = !bound && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL);
    if (transport == "tcp6" || !no_ipv6) return bound;
    address = {};
  }
  auto& v4 = reinterpret_cast<sockaddr_in&>(address);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(static_cast<uint16_t>(port));
  return BindAndListen(transport, address, sizeof(v4));
}

Result<Bound> ListenTcp(std::string_view transport, std::string_view endpoint) {
  Result<HostPort> parts = SplitHostPort(endpoint);
  if (!parts) return Fail(ListenError(transport, parts.error().message()));
  Result<int> port = ParsePort(transport, parts->port);
  if (!port) return Fail(std::move(port).error());
  if (parts->host.empty()) return ListenAny(transport, *port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  hints.ai_family = transport == "tcp4" ? AF_INET : transport == "tcp6" ? AF_INET6 : AF_UNSPEC;
  addrinfo* found = nullptr;
  if (getaddrinfo(parts->host.c_str(), std::to_string(*port).c_str(), &hints, &found) != 0) {
    return Fail(ListenError(transport, "lookup " + parts->host + ": no such host"));
  }
  // As Go, IPv4 first: `localhost` means 127.0.0.1.
  const addrinfo* chosen = found;
  for (const addrinfo* a = found; a != nullptr && chosen->ai_family != AF_INET; a = a->ai_next) {
    if (a->ai_family == AF_INET) chosen = a;
  }
  sockaddr_storage address{};
  std::memcpy(&address, chosen->ai_addr, chosen->ai_addrlen);
  const socklen_t size = chosen->ai_addrlen;
  freeaddrinfo(found);
  return BindAndListen(transport, address, size);
}

Result<Bound> ListenUnix(std::string_view transport, std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return Fail(SocketError(transport, path, "bind", EINVAL));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  // '@' names a socket of the abstract name space, as in Go.
  const bool abstract = path.front() == '@';
  if (abstract) address.sun_path[0] = '\0';
  Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return Fail(SocketError(transport, path, "socket", errno));
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    return Fail(SocketError(transport, path, "bind", errno));
  }
  if (listen(fd.get(), SOMAXCONN) != 0) {
    return Fail(SocketError(transport, path, "listen", errno));
  }
  return Bound{fd.release(), std::string(path), 0};
}

}  // namespace

Listener::Listener(Listener&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      address_(std::move(other.address_)),
      port_(other.port_),
      record_(std::move(other.record_)) {}

Listener& Listener::operator=(Listener&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(address_, other.address_);
  std::swap(port_, other.port_);
  std::swap(record_, other.record_);
  return *this;
}

Listener::~Listener() {
  if (fd_ < 0) return;
  close(fd_);
  ListenerPool::State& pool = *record_->pool;
  MutexLock lock(pool.mutex);
  if (--record_->holders > 0) return;
  // Stays open for the server that will take it over.
  if (pool.handovers > 0 && !record_->taken && !record_->key.empty()) return;
  pool.Close(*record_);
  pool.open.erase(record_->key);
}

ListenerPool::ListenerPool() : state_(std::make_shared<State>()) {}
ListenerPool::~ListenerPool() = default;

ListenerPool& ListenerPool::OfProcess() {
  static ListenerPool pool;
  return pool;
}

Result<Listener> ListenerPool::Listen(std::string_view transport, std::string_view endpoint) {
  const std::string key = std::string(transport) + " " + std::string(endpoint);
  MutexLock lock(state_->mutex);
  const auto found = state_->open.find(key);
  if (found != state_->open.end() && state_->handovers > 0 && !found->second->taken) {
    found->second->taken = true;
    return ListenerOf(found->second);
  }
  Result<Bound> bound =
      transport == "unix" ? ListenUnix(transport, endpoint) : ListenTcp(transport, endpoint);
  if (!bound) return Fail(std::move(bound).error());
  auto record = std::make_shared<Listener::Record>();
  record->pool = state_;
  record->fd = bound->fd;
  record->address = bound->address;
  record->port = bound->port;
  // A socket born in a handover belongs to the new servers.
  record->taken = state_->handovers > 0;
  if (transport == "unix" && !endpoint.starts_with('@')) record->unlink_path = endpoint;
  // Port 0 is another port each time.
  if (!endpoint.ends_with(":0")) {
    record->key = key;
    state_->open[key] = record;
  }
  return ListenerOf(record);
}

Listener ListenerPool::ListenerOf(const std::shared_ptr<Listener::Record>& record) {
  Listener listener;
  listener.fd_ = fcntl(record->fd, F_DUPFD_CLOEXEC, 0);
  listener.address_ = record->address;
  listener.port_ = record->port;
  listener.record_ = record;
  ++record->holders;
  return listener;
}

ListenerPool::Handover::Handover(ListenerPool& pool) : pool_(pool) {
  MutexLock lock(pool_.state_->mutex);
  ++pool_.state_->handovers;
}

ListenerPool::Handover::~Handover() {
  State& state = *pool_.state_;
  MutexLock lock(state.mutex);
  if (--state.handovers > 0) return;
  for (auto it = state.open.begin(); it != state.open.end();) {
    Listener::Record& record = *it->second;
    record.taken = false;
    if (record.holders > 0) {
      ++it;
    } else {
      state.Close(record);
      it = state.open.erase(it);
    }
  }
}

}  // namespace weir::net
