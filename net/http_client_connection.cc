// One connection of an HttpClient.
//
//   kNew ─► resolve ─► connect ─► [CONNECT] ─► [TLS] ─► kBusy: write ─► kIdle ─► kBusy ...
//     any failure or deadline ─► kClosed, and the call is told
//
// From the first request on a read is always under way, between calls too: it waits for the answer,
// or for the server to close.
#include <algorithm>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "net/endpoint.h"
#include "net/http_client_core.h"
#include "net/http_memo.h"
#include "net/http_request_head.h"
#include "net/http_response_parser.h"
#include "net/write_whole.h"

namespace weir::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr size_t kReadBytes = 16 * 1024;
// What a server that has answered gets to take the rest of the request.
constexpr std::chrono::seconds kRestTime{1};

std::string ErrorText(const error_code& error) {
  if (error == asio::error::eof) return "EOF";
  if (error.category() == boost::system::system_category()) return GoErrorText(error.value());
  return error.message();
}

class Connection final : public ClientConnection, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<HttpClientCore> core, ClientRoute route)
      : core_(std::move(core)),
        route_(std::move(route)),
        loop_(core_->pool->Next()),
        socket_(loop_),
        resolver_(loop_),
        timer_(loop_) {}

  void Run(ClientCallPtr call) override {
    asio::dispatch(loop_, [self = shared_from_this(), call = std::move(call)]() mutable {
      self->Begin(std::move(call));
    });
  }
  void Close() override {
    asio::post(loop_, [self = shared_from_this()] {
      self->Fail(StatusCode::kCancelled, "the client has been shut down");
    });
  }

 private:
  enum class State : uint8_t { kNew, kBusy, kIdle, kClosed };

  void Begin(ClientCallPtr call);
  void Resolve();
  void Connect(const Tcp::resolver::results_type& endpoints);
  void OnConnected();
  void OpenTunnel();
  void ReadTunnelAnswer();
  void Handshake();
  void WriteRequest();
  void BuildHead();
  size_t WriteAtOnce();
  void WriteRest(size_t written);
  void Read();
  void OnRead(const error_code& error, size_t size);
  bool IsHead() const { return call_->request.target->method == "HEAD"; }
  bool IsSameAnswer();
  bool Parse();
  void OnEnd(const error_code& error);
  void Finish();
  void GoIdle();
  void SetDeadline(Clock::time_point at);
  void StartTimer();
  void Fail(StatusCode code, std::string message);
  void Drop();
  std::string Peer() const { return JoinHostPort(route_.dial_host, route_.dial_port); }

  // Calls `use` with the stream that speaks: TLS when there is one.
  template <typename Use>
  void WithStream(Use use) {
    if (tls_) {
      use(*tls_);
    } else {
      use(socket_);
    }
  }

  const std::shared_ptr<HttpClientCore> core_;
  const ClientRoute route_;
  asio::io_context& loop_;
  Tcp::socket socket_;
  // Over the socket, made after a proxy's tunnel is open.
  std::unique_ptr<asio::ssl::stream<Tcp::socket&>> tls_;
  Tcp::resolver resolver_;
  asio::steady_timer timer_;
  Clock::time_point deadline_ = Clock::time_point::max();   // of the call, or of being idle
  Clock::time_point timer_end_ = Clock::time_point::max();  // max: no timer is under way

  State state_ = State::kNew;
  bool reused_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool answered_ = false;  // before the request was written
  ClientCallPtr call_;
  std::string head_;
  std::vector<asio::const_buffer> unwritten_;  // of the request: its head and body
  std::vector<char> block_;
  size_t filled_ = 0;
  size_t received_ = 0;  // bytes of this answer
  ClientResponse response_;
  std::optional<HttpResponseParser> parser_;
  HttpAnswerMemo memo_;
  bool kept_ = false;  // the server keeps the connection behind this answer
  error_code write_error_;
};

void Connection::Begin(ClientCallPtr call) {
  if (state_ == State::kClosed) return core_->Dispatch(std::move(call), true);
  reused_ = state_ == State::kIdle;
  state_ = State::kBusy;
  call_ = std::move(call);
  if (Clock::now() >= call_->request.deadline) {
    return Fail(StatusCode::kDeadlineExceeded, "context deadline exceeded");
  }
  SetDeadline(call_->request.deadline);
  reused_ ? WriteRequest() : Resolve();
}

// A timer that is under way is left alone when it ends soon enough, and goes on then: nearly all
// calls end long before their deadlines.
void Connection::SetDeadline(Clock::time_point at) {
  deadline_ = at;
  if (at < timer_end_) StartTimer();
}

void Connection::StartTimer() {
  timer_end_ = deadline_;
  timer_.expires_at(deadline_);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error || self->state_ == State::kClosed) return;
    self->timer_end_ = Clock::time_point::max();
    if (Clock::now() < self->deadline_) return self->SetDeadline(self->deadline_);
    if (!self->call_) return self->Drop();
    self->answered_ ? self->Finish()
                    : self->Fail(StatusCode::kDeadlineExceeded, "context deadline exceeded");
  });
}

void Connection::Resolve() {
  error_code error;
  const auto address = asio::ip::make_address(route_.dial_host, error);
  if (!error) {
    const auto port = static_cast<uint16_t>(std::strtoul(route_.dial_port.c_str(), nullptr, 10));
    return Connect(Tcp::resolver::results_type::create(Tcp::endpoint(address, port),
                                                       route_.dial_host, route_.dial_port));
  }
  resolver_.async_resolve(
      route_.dial_host, route_.dial_port,
      [self = shared_from_this()](const error_code& failure,
                                  const Tcp::resolver::results_type& endpoints) {
        if (self->state_ == State::kClosed) return;
        if (failure) {
          return self->Fail(StatusCode::kUnavailable,
                            "dial tcp: lookup " + self->route_.dial_host + ": no such host");
        }
        self->Connect(endpoints);
      });
}

void Connection::Connect(const Tcp::resolver::results_type& endpoints) {
  asio::async_connect(
      socket_, endpoints,
      [self = shared_from_this()](const error_code& error, const Tcp::endpoint& to) {
        if (self->state_ == State::kClosed) return;
        if (error) {
          const std::string address =
              to.port() == 0 ? self->Peer()
                             : JoinHostPort(to.address().to_string(), std::to_string(to.port()));
          return self->Fail(StatusCode::kUnavailable,
                            "dial tcp " + address + ": connect: " + ErrorText(error));
        }
        self->OnConnected();
      });
}

void Connection::OnConnected() {
  error_code ignored;
  socket_.set_option(Tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  socket_.non_blocking(true, ignored);
  if (route_.tunnel) return OpenTunnel();
  route_.tls ? Handshake() : WriteRequest();
}

void Connection::OpenTunnel() {
  const std::string authority = call_->request.target->url.Authority();
  head_ = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (!route_.proxy_credentials.empty()) {
    AppendHeaderLine("Proxy-Authorization", route_.proxy_credentials, head_);
  }
  head_ += "\r\n";
  asio::async_write(socket_, asio::buffer(head_),
                    [self = shared_from_this()](const error_code& error, size_t) {
                      if (self->state_ == State::kClosed) return;
                      if (error) return self->Fail(StatusCode::kUnavailable, ErrorText(error));
                      self->block_.resize(kReadBytes);
                      self->filled_ = 0;
                      self->ReadTunnelAnswer();
                    });
}

void Connection::ReadTunnelAnswer() {
  socket_.async_read_some(
      asio::buffer(block_.data() + filled_, block_.size() - filled_),
      [self = shared_from_this()](const error_code& error, size_t size) {
        if (self->state_ == State::kClosed) return;
        if (error)
          return self->Fail(StatusCode::kUnavailable, "proxyconnect tcp: " + ErrorText(error));
        self->filled_ += size;
        const std::string_view answer(self->block_.data(), self->filled_);
        const bool whole = answer.find("\r\n\r\n") != std::string_view::npos;
        if (!whole && self->filled_ < self->block_.size()) return self->ReadTunnelAnswer();
        if (!whole || !answer.starts_with("HTTP/1.") || answer.substr(8, 2) != " 2") {
          const std::string_view line = answer.substr(0, answer.find("\r\n"));
          return self->Fail(StatusCode::kUnavailable,
                            std::string(line.substr(std::min<size_t>(line.size(), 13))));
        }
        self->filled_ = 0;
        self->Handshake();
      });
}

void Connection::Handshake() {
  tls_ = std::make_unique<asio::ssl::stream<Tcp::socket&>>(socket_, *core_->tls);
  const TlsClientConfig& config = core_->config.tls;
  const std::string name = config.server_name_override.empty() ? call_->request.target->url.host
                                                               : config.server_name_override;
  error_code ignored;
  const bool numeric = !asio::ip::make_address(name, ignored).is_unspecified() && !ignored;
  if (!numeric) SSL_set_tlsext_host_name(tls_->native_handle(), name.c_str());
  if (!config.insecure_skip_verify) {
    tls_->set_verify_callback(asio::ssl::host_name_verification(name), ignored);
  }
  tls_->async_handshake(asio::ssl::stream_base::client,
                        [self = shared_from_this()](const error_code& error) {
                          if (self->state_ == State::kClosed) return;
                          if (error) {
                            return self->Fail(StatusCode::kUnavailable, "tls: " + error.message());
                          }
                          self->WriteRequest();
                        });
}

void Connection::BuildHead() {
  const ClientRequest& request = call_->request;
  std::string cookies;
  if (core_->config.cookies) {
    MutexLock lock(core_->mutex);
    cookies = core_->cookies.For(request.target->url);
  }
  size_t body_size = 0;
  for (const Slice& part : request.body) body_size += part.size();
  head_.clear();
  AppendRequestHead(
      request,
      {.cookies = cookies, .close = core_->config.disable_keep_alives, .body_size = body_size},
      head_);
}

void Connection::WriteRequest() {
  BuildHead();
  response_ = {};
  parser_.emplace(response_);
  if (IsHead()) parser_->skip(true);
  filled_ = 0;
  received_ = 0;
  write_error_ = {};
  answered_ = false;
  kept_ = false;
  unwritten_.assign(1, asio::buffer(head_));
  for (const Slice& part : call_->request.body) {
    if (!part.empty()) unwritten_.emplace_back(part.data(), part.size());
  }
  const size_t written = WriteAtOnce();
  writing_ = written < asio::buffer_size(unwritten_);
  if (writing_) WriteRest(written);
  if (!reading_) Read();
}

// Writes what the socket takes here and now, which is nearly always all, and answers how much that
// was: no round through the loop for it. Errors are left to the next write.
size_t Connection::WriteAtOnce() {
  if (tls_) return 0;
  error_code ignored;
  return socket_.write_some(unwritten_, ignored);
}

void Connection::WriteRest(size_t written) {
  while (written >= unwritten_.front().size()) {
    written -= unwritten_.front().size();
    unwritten_.erase(unwritten_.begin());
  }
  unwritten_.front() += written;
  WithStream([&](auto& stream) {
    asio::async_write(stream, unwritten_, WriteWhole(),
                      [self = shared_from_this()](const error_code& error, size_t) {
                        // A server that answers early and closes breaks the write; its answer may
                        // still be there.
                        self->write_error_ = error;
                        self->writing_ = false;
                        if (self->state_ == State::kBusy && self->answered_) self->Finish();
                      });
  });
}

void Connection::Read() {
  if (block_.size() < kReadBytes) block_.resize(kReadBytes);
  if (filled_ == block_.size()) block_.resize(block_.size() * 2);
  reading_ = true;
  WithStream([&](auto& stream) {
    stream.async_read_some(asio::buffer(block_.data() + filled_, block_.size() - filled_),
                           [self = shared_from_this()](const error_code& error, size_t size) {
                             self->reading_ = false;
                             if (self->state_ == State::kClosed) return;
                             self->call_ ? self->OnRead(error, size) : self->Drop();
                           });
  });
}

void Connection::OnRead(const error_code& error, size_t size) {
  if (error) return OnEnd(error);
  filled_ += size;
  received_ += size;
  if (!IsSameAnswer() && !Parse()) return;
  if (!writing_) return Finish();
  answered_ = true;
  SetDeadline(std::min(deadline_, Clock::now() + kRestTime));
}

// Whether what has been received is the last answer again, whole.
bool Connection::IsSameAnswer() {
  if (received_ != filled_ || IsHead()) return false;
  const ClientResponse* same = memo_.Match({block_.data(), filled_});
  if (same == nullptr) return false;
  response_ = *same;
  filled_ = 0;
  kept_ = true;
  return true;
}

// Whether the answer is whole; reads on, or fails, when it is not.
bool Connection::Parse() {
  std::string first;  // the answer, if it came in one piece
  if (received_ == filled_ && filled_ <= HttpAnswerMemo::kMaxBytes && !IsHead()) {
    first.assign(block_.data(), filled_);
  }
  while (filled_ > 0 && !parser_->is_done()) {
    error_code error;
    const size_t used = parser_->put(asio::buffer(block_.data(), filled_), error);
    filled_ -= used;
    std::copy(block_.begin() + static_cast<std::ptrdiff_t>(used),
              block_.begin() + static_cast<std::ptrdiff_t>(used + filled_), block_.begin());
    if (parser_->is_done() && response_.status / 100 == 1 && response_.status != 101) {
      response_ = {};
      parser_.emplace(response_);
      continue;
    }
    if (error == boost::beast::http::error::need_more) break;
    if (error) {
      if (parser_->is_header_done()) {
        response_.body_broken = true;
        return true;
      }
      Fail(StatusCode::kUnavailable, "malformed HTTP response: " + error.message());
      return false;
    }
  }
  if (!parser_->is_done() && !response_.body_cut) {
    Read();
    return false;
  }
  kept_ = parser_->is_done() && parser_->keep_alive() && !response_.body_cut;
  if (kept_ && filled_ == 0 && received_ == first.size()) memo_.Keep(first, response_);
  return true;
}

void Connection::OnEnd(const error_code& error) {
  if (parser_->is_header_done()) {
    error_code end;
    parser_->put_eof(end);
    response_.body_broken = end.failed();
    return Finish();
  }
  if (reused_ && received_ == 0 && !call_->retried) {
    // The server closed the connection while it was idle: the call was never seen.
    call_->retried = true;
    ClientCallPtr call = std::move(call_);
    Drop();
    return core_->Dispatch(std::move(call), true);
  }
  if (write_error_ && write_error_ != error) {
    return Fail(StatusCode::kUnavailable,
                "write tcp " + Peer() + ": write: " + ErrorText(write_error_));
  }
  const bool eof = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
  Fail(StatusCode::kUnavailable,
       eof ? "EOF" : "read tcp " + Peer() + ": read: " + ErrorText(error));
}

void Connection::Finish() {
  if (core_->config.cookies) {
    MutexLock lock(core_->mutex);
    for (const auto& [name, value] : response_.headers) {
      if (SameHeaderName(name, "Set-Cookie"))
        core_->cookies.Store(call_->request.target->url, value);
    }
  }
  const bool keep = kept_ && !response_.body_broken && !writing_ && !write_error_ && filled_ == 0;
  ClientCallPtr call = std::move(call_);
  ClientResponse response = std::move(response_);
  // First the connection, then the caller, who may want to call again at once.
  keep ? GoIdle() : Drop();
  call->request.body.clear();
  call->done(std::move(response));
}

void Connection::GoIdle() {
  state_ = State::kIdle;
  const auto idle = core_->config.idle_conn_timeout;
  SetDeadline(idle.count() > 0 ? Clock::now() + idle : Clock::time_point::max());
  if (!core_->Release(route_, shared_from_this())) return Drop();
  // It may serve a call that waited already, and read for it.
  if (state_ == State::kIdle && !reading_) Read();
}

void Connection::Fail(StatusCode code, std::string message) {
  if (state_ == State::kClosed) return;
  ClientCallPtr call = std::move(call_);
  Drop();
  if (!call) return;
  call->request.body.clear();
  call->done(::weir::Fail(Status(code, std::move(message))));
}

void Connection::Drop() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  error_code ignored;
  resolver_.cancel();
  timer_.cancel();
  socket_.close(ignored);
  core_->Forget(route_, shared_from_this());
}

}  // namespace

ClientConnectionPtr MakeClientConnection(std::shared_ptr<HttpClientCore> core, ClientRoute route) {
  return std::make_shared<Connection>(std::move(core), std::move(route));
}

}  // namespace weir::net
