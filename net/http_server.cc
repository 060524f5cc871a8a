#include "net/http_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <ctime>
#include <future>

#include "base/check.h"
#include "net/endpoint.h"
#include "net/http_server_core.h"
#include "net/listener.h"
#include "net/status_mapping.h"

namespace weir::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// When the process has no descriptor left, accepting waits for others to close.
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr int kAcceptsPerTurn = 64;

std::string PeerText(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    return JoinHostPort(text, std::to_string(ntohs(v4.sin_port)));
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
    mapped ? inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text, sizeof(text))
           : inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    return JoinHostPort(text, std::to_string(ntohs(v6.sin6_port)));
  }
  return {};
}

}  // namespace

HttpServerCore::HttpServerCore(HttpServerConfig c, HttpHandler& h, ByteBudget& b, Logger l,
                               std::shared_ptr<IoPool> p)
    : config(std::move(c)), handler(h), budget(b), logger(std::move(l)), pool(std::move(p)) {
  if (config.cors && !config.cors->allowed_origins.empty()) cors.emplace(*config.cors);
  for (const auto& [name, value] : config.response_headers.items) {
    fixed_headers += name + ": " + value.reveal() + "\r\n";
  }
  encodings.fill(!config.compression_algorithms.has_value());
  if (config.compression_algorithms) {
    for (const std::string& name : *config.compression_algorithms) {
      if (const auto encoding = ParseEncoding(name))
        encodings[static_cast<size_t>(*encoding)] = true;
    }
  }
  for (size_t i = 0; i < pool->size(); ++i) {
    loops.push_back(std::make_unique<Loop>(pool->loop(i)));
  }
}

void HttpServerCore::Add(size_t loop_index, HttpConnection& connection) {
  loops[loop_index]->connections.insert(&connection);
  ScheduleSweep(loop_index);
}

void HttpServerCore::Remove(size_t loop_index, HttpConnection& connection) {
  loops[loop_index]->connections.erase(&connection);
  MutexLock lock(mutex);
  --connection_count;
  if (connection_count == 0) changed.NotifyAll();
}

const std::string& HttpServerCore::Date(size_t loop_index) {
  Loop& loop = *loops[loop_index];
  const std::time_t now = std::time(nullptr);
  if (now != loop.date_second) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[40];
    loop.date.assign(text, std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    loop.date_second = now;
  }
  return loop.date;
}

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  State(HttpServerConfig config, HttpHandler& handler, ByteBudget& budget, Logger logger,
        std::shared_ptr<IoPool> pool)
      : core(std::make_shared<HttpServerCore>(std::move(config), handler, budget, std::move(logger),
                                              std::move(pool))),
        acceptor(core->pool->loop(0)),
        pause(core->pool->loop(0)) {}

  void Accept();
  void AcceptSome();
  void Adopt(int fd, const sockaddr_storage& address);
  template <typename Action>
  void OnEveryConnection(Action action);

  const std::shared_ptr<HttpServerCore> core;
  Listener listener;
  std::string address;  // kept after the listener has gone
  uint16_t port = 0;
  asio::posix::stream_descriptor acceptor;  // the listener's descriptor, borrowed
  asio::steady_timer pause;
  size_t next_loop = 0;
  bool started = false;
  bool stopped = false;
};

void HttpServer::State::Accept() {
  acceptor.async_wait(asio::posix::descriptor_base::wait_read,
                      [self = shared_from_this()](const error_code& error) {
                        if (!error) self->AcceptSome();
                      });
}

void HttpServer::State::AcceptSome() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    if (!acceptor.is_open()) return;
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    const int fd = accept4(acceptor.native_handle(), reinterpret_cast<sockaddr*>(&address), &size,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      Adopt(fd, address);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      core->logger.Warn("cannot accept connections", {{"error", GoErrorText(errno)}});
      pause.expires_after(kAcceptPause);
      pause.async_wait([self = shared_from_this()](const error_code& error) {
        if (!error && self->acceptor.is_open()) self->Accept();
      });
      return;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      break;
    }
  }
  Accept();
}

void HttpServer::State::Adopt(int fd, const sockaddr_storage& address) {
  const int on = 1;
  const bool tcp = address.ss_family == AF_INET || address.ss_family == AF_INET6;
  if (tcp) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (tcp) setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  {
    MutexLock lock(core->mutex);
    ++core->connection_count;
  }
  const size_t index = next_loop++ % core->loops.size();
  const asio::generic::stream_protocol protocol(address.ss_family, tcp ? IPPROTO_TCP : 0);
  HttpSocket socket(core->loops[index]->context, protocol, fd);
  auto connection = MakeHttpConnection(core, index, std::move(socket), PeerText(address));
  asio::dispatch(core->loops[index]->context, [connection] { connection->Start(); });
}

template <typename Action>
void HttpServer::State::OnEveryConnection(Action action) {
  for (auto& loop : core->loops) {
    asio::post(loop->context, [core = core, loop = loop.get(), action] {
      // Closing takes the connection out of the set.
      const std::vector<HttpConnection*> all(loop->connections.begin(), loop->connections.end());
      for (HttpConnection* connection : all) action(*connection);
    });
  }
}

void HttpServerCore::ScheduleSweep(size_t loop_index) {
  Loop& loop = *loops[loop_index];
  if (loop.sweeping) return;
  loop.sweeping = true;
  loop.sweeper.expires_after(kSweepInterval);
  loop.sweeper.async_wait([self = shared_from_this(), loop_index](const error_code& error) {
    Loop& swept = *self->loops[loop_index];
    swept.sweeping = false;
    if (error) return;
    const auto now = std::chrono::steady_clock::now();
    const std::vector<HttpConnection*> all(swept.connections.begin(), swept.connections.end());
    for (HttpConnection* connection : all) connection->Sweep(now);
    if (!swept.connections.empty()) self->ScheduleSweep(loop_index);
  });
}

HttpServer::HttpServer(HttpServerConfig config, HttpHandler& handler, ByteBudget& budget,
                       Logger logger, std::shared_ptr<IoPool> pool)
    : state_(std::make_shared<State>(std::move(config), handler, budget, std::move(logger),
                                     std::move(pool))) {}

HttpServer::~HttpServer() {
  CHECK(!state_->started || state_->stopped) << "an HTTP server goes without Shutdown";
}

Status HttpServer::Start() {
  const HttpServerConfig& config = state_->core->config;
  if (config.tls) {
    Result<std::unique_ptr<TlsServerContext>> tls =
        TlsServerContext::Make(*config.tls, state_->core->logger);
    if (!tls) return tls.error();
    state_->core->tls = std::move(*tls);
  }
  if (config.cors && config.cors->allowed_origins.empty() &&
      !config.cors->allowed_headers.empty()) {
    state_->core->logger.Warn(
        "The CORS configuration specifies allowed headers but no allowed origins, and is therefore "
        "ignored.");
  }
  Result<Listener> listener =
      ListenerPool::OfProcess().Listen(config.transport.name, config.endpoint);
  if (!listener) return listener.error();
  state_->listener = std::move(*listener);
  state_->address = state_->listener.address();
  state_->port = state_->listener.port();
  state_->started = true;
  state_->core->pool->Run();
  error_code error;
  state_->acceptor.assign(state_->listener.fd(), error);
  CHECK(!error) << error.message();
  asio::post(state_->core->pool->loop(0), [state = state_] { state->Accept(); });
  return {};
}

void HttpServer::Shutdown(std::chrono::milliseconds grace) {
  if (!state_->started || state_->stopped) return;
  state_->stopped = true;
  HttpServerCore& core = *state_->core;
  core.stopping.store(true, std::memory_order_relaxed);
  std::promise<void> closed;
  asio::post(core.pool->loop(0), [this, &closed] {
    state_->acceptor.release();
    state_->pause.cancel();
    closed.set_value();
  });
  closed.get_future().wait();
  state_->listener = Listener();
  state_->OnEveryConnection([](HttpConnection& connection) { connection.Stop(); });
  const auto deadline = std::chrono::steady_clock::now() + grace;
  {
    MutexLock lock(core.mutex);
    while (core.connection_count > 0 && core.changed.WaitUntil(core.mutex, deadline)) {
    }
  }
  state_->OnEveryConnection([](HttpConnection& connection) { connection.Close(); });
  MutexLock lock(core.mutex);
  while (core.connection_count > 0) core.changed.Wait(core.mutex);
}

const std::string& HttpServer::address() const { return state_->address; }

uint16_t HttpServer::port() const { return state_->port; }

size_t HttpServer::connection_count() const {
  MutexLock lock(state_->core->mutex);
  return state_->core->connection_count;
}

HttpResponder& HttpResponder::operator=(HttpResponder&& other) noexcept {
  std::swap(connection_, other.connection_);
  return *this;
}

HttpResponder::~HttpResponder() {
  if (connection_ != nullptr) connection_->Abandon();
}

void HttpResponder::Respond(HttpResponse response) {
  CHECK(connection_ != nullptr) << "a request is answered twice";
  std::shared_ptr<HttpConnection> connection = std::move(connection_);
  connection_.reset();
  connection->Respond(std::move(response));
}

std::optional<HttpResponse> HttpHandler::Authorize(const HttpHead&, std::shared_ptr<void>&) {
  return std::nullopt;
}

std::optional<HttpResponse> HttpHandler::Route(const HttpHead&) { return std::nullopt; }

HttpResponse HttpHandler::Refusal(const HttpHead&, int http_status, const Status& status) {
  return HttpResponse::Text(http_status, status.message());
}

}  // namespace weir::net
