// One connection of an HttpServer, over plain or TLS sockets.
//
//   kIdle ─► kHead ─► kBody ─► kServing ─► kWriting ─► kIdle ...
//     │        └── refused at the head ───────┘  │
//     └── deadline, Stop, peer gone ─► kClosed ◄─┴── kLingering: what the client still sends
//                                                    is read and thrown away, so that our answer
//                                                    is not lost to a reset
#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <span>
#include <type_traits>

#include "base/check.h"
#include "net/http_answer_head.h"
#include "net/http_chunked_body.h"
#include "net/http_head_block.h"
#include "net/http_head_reader.h"
#include "net/http_server_core.h"
#include "net/status_mapping.h"
#include "net/write_whole.h"

namespace weir::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using TlsStream = asio::ssl::stream<HttpSocket>;

constexpr size_t kDiscardBytes = 64 * 1024;
// What is read and thrown away of a refused body before the connection is given up instead.
constexpr uint64_t kDrainMaxBytes = 256 * 1024;
constexpr std::chrono::seconds kHeadGuard{60};
constexpr std::chrono::seconds kBodyGuard{60};
constexpr std::chrono::seconds kWriteGuard{60};
constexpr std::chrono::seconds kLingerTime{2};
// A body may take kBodyGuard and the time it needs at this pace.
constexpr uint64_t kSlowestBytesPerSecond = 10'000;

enum class State : uint8_t {
  kIdle,
  kHead,
  kBody,
  kServing,
  kWriting,
  kDraining,
  kLingering,
  kClosed
};

template <typename Stream>
class ConnectionOf final : public HttpConnection,
                           public std::enable_shared_from_this<ConnectionOf<Stream>> {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  template <typename... StreamArgs>
  ConnectionOf(std::shared_ptr<HttpServerCore> core, size_t loop_index, std::string peer,
               std::shared_ptr<SslContext> ssl, StreamArgs&&... stream_args)
      : core_(std::move(core)),
        loop_index_(loop_index),
        loop_(core_->loops[loop_index]->context),
        peer_(std::move(peer)),
        ssl_(std::move(ssl)),
        stream_(std::forward<StreamArgs>(stream_args)...) {}

  void Start() override;
  void Respond(HttpResponse response) override;
  void Abandon() override;
  void Sweep(Clock::time_point now) override {
    if (state_ != State::kClosed && now >= deadline_) Close();
  }
  void Stop() override;
  void Close() override;

 private:
  HttpSocket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }
  void SetDeadline(Clock::duration time) { deadline_ = Clock::now() + time; }
  void NoDeadline() { deadline_ = Clock::time_point::max(); }

  void AwaitRequest();
  void ReadHead();
  void ParseHead();
  void SetHeadDeadline();
  void OnHead();
  std::optional<HttpResponse> RefuseByHead();
  void BeginBody();
  void BeginSizedBody(uint64_t length);
  void ReadSizedBody();
  bool ReadReadyBody();
  void BeginChunkedBody();
  void ReadChunks();
  void OnChunks(size_t size);
  void SetBodyDeadline(uint64_t bytes);
  bool SendContinue();
  void OnBody();
  Status Decode(HttpRequest& request);
  void Refuse(int http_status, const Status& status);
  void Answer(HttpResponse response);
  void WriteAnswer();
  void OnWritten(const error_code& error);
  void Drain();
  void NextRequest();
  void Linger();
  void ReadLingering();
  void BadRequest(int status, std::string_view text);

  // Constant.
  const std::shared_ptr<HttpServerCore> core_;
  const size_t loop_index_;
  asio::io_context& loop_;
  const std::string peer_;
  const std::shared_ptr<SslContext> ssl_;
  Stream stream_;

  State state_ = State::kIdle;
  bool registered_ = false;
  Clock::time_point deadline_ = Clock::time_point::max();
  std::atomic<bool> closed_{false};  // Respond() from elsewhere looks before it comes here

  HttpHeadBlock block_;
  HttpHead head_;  // points into block_
  HttpHeadReader reader_{head_};
  Encoding encoding_ = Encoding::kNone;
  std::shared_ptr<void> attachment_;

  MutableBuffer body_;
  uint64_t body_unread_ = 0;  // of the Content-Length
  bool chunked_ = false;
  bool continue_expected_ = false;
  ChunkedBody chunks_;
  std::vector<char> discarded_;  // where bytes go that nobody looks at

  HttpResponse response_;
  std::string answer_head_;
  bool close_after_ = false;
  bool body_read_ = false;
  bool cors_answered_ = false;
};

template <typename Stream>
void ConnectionOf<Stream>::Start() {
  core_->Add(loop_index_, *this);
  registered_ = true;
  SetHeadDeadline();
  if constexpr (kTls) {
    state_ = State::kHead;
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [self = this->shared_from_this()](const error_code& error) {
                              if (self->state_ == State::kClosed) return;
                              error ? self->Close() : self->AwaitRequest();
                            });
  } else {
    error_code error;
    stream_.non_blocking(true, error);
    error ? Close() : AwaitRequest();
  }
}

template <typename Stream>
void ConnectionOf<Stream>::Close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  closed_.store(true, std::memory_order_release);
  error_code ignored;
  socket().close(ignored);
  // Operations that are cancelled now do not look at their memory again; what is charged must be
  // back before Shutdown returns.
  body_ = MutableBuffer();
  response_ = {};
  block_.Release();
  if (registered_) core_->Remove(loop_index_, *this);
}

template <typename Stream>
void ConnectionOf<Stream>::Stop() {
  close_after_ = true;
  if (state_ == State::kIdle) Close();
}

template <typename Stream>
void ConnectionOf<Stream>::SetHeadDeadline() {
  const auto& config = core_->config;
  Clock::duration time = config.read_header_timeout;
  if (time.count() <= 0) time = config.read_timeout;
  if (time.count() <= 0 || time > kHeadGuard) time = kHeadGuard;
  SetDeadline(time);
}

template <typename Stream>
void ConnectionOf<Stream>::AwaitRequest() {
  state_ = State::kIdle;
  if (core_->stopping.load(std::memory_order_relaxed)) return Close();
  if (!block_.ahead().empty()) {
    SetHeadDeadline();
    state_ = State::kHead;
    return ParseHead();
  }
  const auto& config = core_->config;
  const Clock::duration idle =
      config.idle_timeout.count() > 0 ? config.idle_timeout : config.read_timeout;
  idle.count() > 0 ? SetDeadline(idle) : NoDeadline();
  ReadHead();
}

template <typename Stream>
void ConnectionOf<Stream>::ReadHead() {
  if (!block_.Grow(core_->budget)) {
    return BadRequest(431, "431 Request Header Fields Too Large");
  }
  const std::span<char> room = block_.room();
  stream_.async_read_some(asio::buffer(room.data(), room.size()),
                          [self = this->shared_from_this()](const error_code& error, size_t size) {
                            if (self->state_ == State::kClosed) return;
                            if (error) return self->Close();
                            if (self->state_ == State::kIdle) {
                              self->state_ = State::kHead;
                              self->SetHeadDeadline();
                            }
                            self->block_.Fill(size);
                            self->ParseHead();
                          });
}

template <typename Stream>
void ConnectionOf<Stream>::ParseHead() {
  // Looked for here so that the parser sees a whole head once, and slow heads are not searched
  // again from their start.
  const size_t size = block_.FindHead();
  if (size == 0) return ReadHead();
  if (size >= HttpHeadBlock::kMaxBytes) {
    return BadRequest(431, "431 Request Header Fields Too Large");
  }
  block_.SetHead(size);
  if (const std::string_view wrong = reader_.Read(block_.filled().substr(0, size));
      !wrong.empty()) {
    return BadRequest(400, wrong);
  }
  OnHead();
}

template <typename Stream>
void ConnectionOf<Stream>::OnHead() {
  head_.peer = peer_;
  head_.tls = kTls;
  chunked_ = reader_.chunked();
  body_unread_ = reader_.content_length();
  continue_expected_ =
      reader_.version() >= 11 && SameHeaderName(head_.Find("Expect"), "100-continue");
  close_after_ = close_after_ || !reader_.keep_alive() || !core_->config.keep_alives_enabled;
  body_read_ = !chunked_ && body_unread_ == 0;
  encoding_ = Encoding::kNone;
  if (std::optional<HttpResponse> refusal = RefuseByHead()) return Answer(std::move(*refusal));
  BeginBody();
}

template <typename Stream>
std::optional<HttpResponse> ConnectionOf<Stream>::RefuseByHead() {
  if (core_->cors && Cors::IsPreflight(head_)) {
    cors_answered_ = true;
    return core_->cors->AnswerPreflight(head_);
  }
  if (auto answer = core_->handler.Authorize(head_, attachment_)) return answer;
  if (const std::string_view name = head_.Find("Content-Encoding"); !name.empty()) {
    const std::optional<Encoding> encoding = ParseEncoding(name);
    if (!encoding || !core_->Accepts(*encoding)) {
      const Status unsupported(StatusCode::kInvalidArgument,
                               "unsupported Content-Encoding: " + std::string(name));
      return core_->handler.Refusal(head_, 400, unsupported);
    }
    encoding_ = *encoding;
  }
  return core_->handler.Route(head_);
}

template <typename Stream>
void ConnectionOf<Stream>::SetBodyDeadline(uint64_t bytes) {
  const Clock::duration limit = core_->config.read_timeout;
  const Clock::duration guard = kBodyGuard + std::chrono::seconds(bytes / kSlowestBytesPerSecond);
  SetDeadline(limit.count() > 0 ? std::min(limit, guard) : guard);
}

template <typename Stream>
bool ConnectionOf<Stream>::SendContinue() {
  if (!continue_expected_) return true;
  continue_expected_ = false;
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  // 25 bytes behind an answered request always fit into the socket's buffer.
  error_code error;
  asio::write(stream_, asio::buffer(kContinue.data(), kContinue.size()), error);
  if (error) Close();
  return !error;
}

template <typename Stream>
void ConnectionOf<Stream>::BeginBody() {
  state_ = State::kBody;
  if (chunked_) return BeginChunkedBody();
  if (body_unread_ > core_->config.body_max()) return Refuse(400, BodyTooLarge());
  BeginSizedBody(body_unread_);
}

template <typename Stream>
void ConnectionOf<Stream>::BeginSizedBody(uint64_t length) {
  if (length == 0) return OnBody();
  body_ = MutableBuffer::TryAllocate(length, core_->budget);
  if (!body_) return Refuse(503, NoMemoryForBody());
  const std::string_view here = block_.ahead().substr(0, length);
  body_.Append(here);
  block_.Take(here.size());
  body_unread_ = length - here.size();
  if (body_unread_ == 0) return OnBody();
  if (!SendContinue()) return;
  SetBodyDeadline(body_unread_);
  ReadSizedBody();
}

template <typename Stream>
void ConnectionOf<Stream>::ReadSizedBody() {
  // What is there already is read here and now: a completion would queue behind those of the other
  // connections, whose bodies would push this one out of the processor's cache before it is used.
  if (ReadReadyBody()) return OnBody();
  stream_.async_read_some(asio::buffer(body_.data() + body_.size(), body_unread_),
                          [self = this->shared_from_this()](const error_code& error, size_t size) {
                            if (self->state_ == State::kClosed) return;
                            if (error) return self->Close();
                            self->body_.SetSize(self->body_.size() + size);
                            self->body_unread_ -= size;
                            self->body_unread_ == 0 ? self->OnBody() : self->ReadSizedBody();
                          });
}

// Reads without waiting; whether the body is whole now. Errors are left to the next read.
template <typename Stream>
bool ConnectionOf<Stream>::ReadReadyBody() {
  if constexpr (!kTls) {
    error_code error;
    const size_t size =
        stream_.read_some(asio::buffer(body_.data() + body_.size(), body_unread_), error);
    if (error) return false;
    body_.SetSize(body_.size() + size);
    body_unread_ -= size;
  }
  return body_unread_ == 0;
}

template <typename Stream>
void ConnectionOf<Stream>::BeginChunkedBody() {
  if (!chunks_.Begin(reader_.parser(), block_.ahead(), core_->config.body_max(), core_->budget)) {
    return Refuse(503, NoMemoryForBody());
  }
  block_.SetAhead({});
  SetBodyDeadline(0);
  if (SendContinue()) OnChunks(0);
}

template <typename Stream>
void ConnectionOf<Stream>::ReadChunks() {
  const std::span<char> room = chunks_.room();
  stream_.async_read_some(asio::buffer(room.data(), room.size()),
                          [self = this->shared_from_this()](const error_code& error, size_t size) {
                            if (self->state_ == State::kClosed) return;
                            if (error) return self->Close();
                            if (size >= kSlowestBytesPerSecond) self->SetBodyDeadline(0);
                            self->OnChunks(size);
                          });
}

template <typename Stream>
void ConnectionOf<Stream>::OnChunks(size_t size) {
  switch (chunks_.Feed(size)) {
    case ChunkedBody::Progress::kMore:
      return ReadChunks();
    case ChunkedBody::Progress::kBad:
      chunks_.Clear();
      return BadRequest(400, "400 Bad Request");
    case ChunkedBody::Progress::kRefused:
      chunks_.Clear();
      return Refuse(chunks_.refusal().retryable() ? 503 : 400, chunks_.refusal());
    case ChunkedBody::Progress::kDone:
      break;
  }
  block_.SetAhead(chunks_.rest());
  body_ = chunks_.Take();
  OnBody();
}

template <typename Stream>
Status ConnectionOf<Stream>::Decode(HttpRequest& request) {
  if (encoding_ == Encoding::kNone) return {};
  Result<Slice> plain =
      Decompress(encoding_, request.body, core_->config.body_max(), core_->budget);
  if (!plain) return plain.error();
  request.encoding = encoding_;
  request.compressed = std::move(request.body);
  request.body = std::move(*plain);
  return {};
}

template <typename Stream>
void ConnectionOf<Stream>::OnBody() {
  body_read_ = true;
  state_ = State::kServing;
  NoDeadline();
  HttpRequest request;
  request.head = &head_;
  request.attachment = std::move(attachment_);
  if (body_) request.body = std::move(body_).Freeze();
  body_ = MutableBuffer();
  if (Status decoded = Decode(request); !decoded.ok()) {
    return Refuse(decoded.retryable() ? 503 : 400, decoded);
  }
  core_->handler.OnRequest(std::move(request), HttpResponder(this->shared_from_this()));
}

template <typename Stream>
void ConnectionOf<Stream>::Refuse(int http_status, const Status& status) {
  const Status shown = status.code() == StatusCode::kResourceExhausted
                           ? Status(StatusCode::kInvalidArgument, status.message())
                           : status;
  body_ = MutableBuffer();
  HttpResponse response = core_->handler.Refusal(head_, http_status, shown);
  if (status.retry_after()) {
    response.headers.emplace_back("Retry-After", FormatRetryAfter(*status.retry_after()));
  }
  Answer(std::move(response));
}

template <typename Stream>
void ConnectionOf<Stream>::Respond(HttpResponse response) {
  if (closed_.load(std::memory_order_acquire)) return;
  asio::dispatch(loop_, [self = this->shared_from_this(), answer = std::move(response)]() mutable {
    if (self->state_ == State::kServing) self->Answer(std::move(answer));
  });
}

template <typename Stream>
void ConnectionOf<Stream>::Abandon() {
  if (closed_.load(std::memory_order_acquire)) return;
  asio::post(loop_, [self = this->shared_from_this()] { self->Close(); });
}

template <typename Stream>
void ConnectionOf<Stream>::Answer(HttpResponse response) {
  response_ = std::move(response);
  if (core_->cors && !cors_answered_) core_->cors->AddHeaders(head_, response_);
  cors_answered_ = false;
  // A body that was refused unread is read and thrown away when it is short; else, or when its
  // length or its very sending is unknown, the connection ends.
  if (!body_read_ && (chunked_ || continue_expected_ || body_unread_ > kDrainMaxBytes)) {
    close_after_ = true;
  }
  if (core_->stopping.load(std::memory_order_relaxed)) close_after_ = true;
  WriteAnswer();
}

template <typename Stream>
void ConnectionOf<Stream>::WriteAnswer() {
  state_ = State::kWriting;
  const Clock::duration limit = core_->config.write_timeout;
  SetDeadline(limit.count() > 0 ? limit : kWriteGuard);
  answer_head_.clear();
  AppendAnswerHead(response_,
                   {.fixed_headers = core_->fixed_headers,
                    .date = core_->Date(loop_index_),
                    .close = close_after_,
                    .keep_alive = reader_.version() < 11},
                   answer_head_);
  const bool bodyless =
      head_.method == "HEAD" || response_.status == 204 || response_.status == 304;
  const std::array<asio::const_buffer, 2> buffers = {
      asio::buffer(answer_head_),
      asio::buffer(response_.body.data(), bodyless ? 0 : response_.body.size())};
  asio::async_write(stream_, buffers, WriteWhole(),
                    [self = this->shared_from_this()](const error_code& error, size_t) {
                      if (self->state_ != State::kClosed) self->OnWritten(error);
                    });
}

template <typename Stream>
void ConnectionOf<Stream>::OnWritten(const error_code& error) {
  response_ = {};
  attachment_.reset();
  if (error) return Close();
  if (close_after_) return Linger();
  if (!body_read_) return Drain();
  NextRequest();
}

template <typename Stream>
void ConnectionOf<Stream>::Drain() {
  const uint64_t here = std::min<uint64_t>(body_unread_, block_.ahead().size());
  block_.Take(here);
  body_unread_ -= here;
  if (body_unread_ == 0) return NextRequest();
  state_ = State::kDraining;
  SetBodyDeadline(body_unread_);
  discarded_.resize(kDiscardBytes);
  stream_.async_read_some(
      asio::buffer(discarded_.data(), std::min<uint64_t>(body_unread_, kDiscardBytes)),
      [self = this->shared_from_this()](const error_code& error, size_t size) {
        if (self->state_ == State::kClosed) return;
        if (error) return self->Close();
        self->body_unread_ -= size;
        self->Drain();
      });
}

template <typename Stream>
void ConnectionOf<Stream>::NextRequest() {
  block_.Next();
  discarded_ = {};
  AwaitRequest();
}

template <typename Stream>
void ConnectionOf<Stream>::Linger() {
  state_ = State::kLingering;
  SetDeadline(kLingerTime);
  if constexpr (kTls) {
    stream_.async_shutdown([self = this->shared_from_this()](const error_code&) { self->Close(); });
  } else {
    error_code ignored;
    socket().shutdown(HttpSocket::shutdown_send, ignored);
    if (body_read_ && block_.ahead().empty()) return Close();
    ReadLingering();
  }
}

template <typename Stream>
void ConnectionOf<Stream>::ReadLingering() {
  discarded_.resize(kDiscardBytes);
  socket().async_read_some(asio::buffer(discarded_),
                           [self = this->shared_from_this()](const error_code& error, size_t) {
                             if (self->state_ == State::kClosed) return;
                             error ? self->Close() : self->ReadLingering();
                           });
}

// For what is no request at all: nothing of it is trusted, the connection ends.
template <typename Stream>
void ConnectionOf<Stream>::BadRequest(int status, std::string_view text) {
  close_after_ = true;
  body_read_ = false;
  head_ = {};
  response_ = HttpResponse::Text(status, text);
  WriteAnswer();
}

}  // namespace

std::shared_ptr<HttpConnection> MakeHttpConnection(std::shared_ptr<HttpServerCore> core,
                                                   size_t loop_index, HttpSocket socket,
                                                   std::string peer) {
  if (core->tls == nullptr) {
    return std::make_shared<ConnectionOf<HttpSocket>>(std::move(core), loop_index, std::move(peer),
                                                      nullptr, std::move(socket));
  }
  std::shared_ptr<SslContext> context = core->tls->Current();
  SslContext& borrowed = *context;
  return std::make_shared<ConnectionOf<TlsStream>>(std::move(core), loop_index, std::move(peer),
                                                   std::move(context), std::move(socket), borrowed);
}

}  // namespace weir::net
