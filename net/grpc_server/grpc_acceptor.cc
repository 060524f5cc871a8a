#include "net/grpc_server/grpc_acceptor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <future>
#include <utility>

#include "base/check.h"
#include "net/endpoint.h"

namespace weir::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// When the process has no descriptor left, accepting waits for others to close.
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr int kAcceptsPerTurn = 64;

}  // namespace

struct GrpcAcceptor::State : std::enable_shared_from_this<GrpcAcceptor::State> {
  State(Listener l, Sink s, std::shared_ptr<IoPool> p, Logger log)
      : listener(std::move(l)),
        sink(std::move(s)),
        pool(std::move(p)),
        logger(std::move(log)),
        descriptor(pool->loop(0)),
        pause(pool->loop(0)) {}

  void Wait() {
    descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                          [self = shared_from_this()](const error_code& error) {
                            if (!error) self->AcceptSome();
                          });
  }

  void AcceptSome() {
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
      if (!descriptor.is_open()) return;
      const int fd =
          accept4(descriptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) {
        Adopt(fd);
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        logger.Warn("cannot accept connections", {{"error", GoErrorText(errno)}});
        pause.expires_after(kAcceptPause);
        pause.async_wait([self = shared_from_this()](const error_code& error) {
          if (!error && self->descriptor.is_open()) self->Wait();
        });
        return;
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        break;
      }
    }
    Wait();
  }

  void Adopt(int fd) {
    const int on = 1;
    // Fail on unix sockets, which need neither.
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.listener_fd = -1;
    connection.fd = fd;
    sink->HandleNewConnection(&connection);
  }

  Listener listener;
  Sink sink;
  const std::shared_ptr<IoPool> pool;
  const Logger logger;
  asio::posix::stream_descriptor descriptor;  // the listener's, borrowed
  asio::steady_timer pause;
};

GrpcAcceptor::GrpcAcceptor(Listener listener, Sink sink, std::shared_ptr<IoPool> pool,
                           Logger logger)
    : state_(std::make_shared<State>(std::move(listener), std::move(sink), std::move(pool),
                                     std::move(logger))) {
  error_code error;
  state_->descriptor.assign(state_->listener.fd(), error);
  CHECK(!error) << error.message();
  state_->pool->Run();
  asio::post(state_->pool->loop(0), [state = state_] { state->Wait(); });
}

GrpcAcceptor::~GrpcAcceptor() {
  std::promise<void> closed;
  asio::post(state_->pool->loop(0), [this, &closed] {
    state_->descriptor.release();
    state_->pause.cancel();
    state_->listener = Listener();
    state_->sink.reset();
    closed.set_value();
  });
  closed.get_future().wait();
}

}  // namespace weir::net
