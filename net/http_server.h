// An HTTP/1.1 server on the shared IoPool: for telemetry in bulk, and for small pages.
//
//   connection ─► head ─► CORS ─► OnHead ─► [room from the budget] ─► body in one buffer
//                                   │                                    │ decompressed, charged
//                                   └── answer now, nothing is read      └─► OnRequest ─► Responder
//
// A body is read into a single block sized by its Content-Length and charged to the budget first;
// what the budget refuses is not read, and the client gets 503 with a delay. Requests of one
// connection are served one behind the other, so pipelining needs no room. Only HTTP/1.1 is
// spoken, over TLS too (ALPN "http/1.1").
//
// Limits: header block 1 MiB, read_header_timeout (never more than one minute, also for a client
// that drips bytes), body by max_request_body_size both compressed and decompressed.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/byte_budget.h"
#include "base/log.h"
#include "base/status.h"
#include "net/http_config.h"
#include "net/http_message.h"
#include "net/io_pool.h"

namespace weir::net {

class HttpConnection;

// Answers one request, exactly once, from any thread. Move-only; dropped without an answer it
// closes the connection.
class HttpResponder {
 public:
  HttpResponder() = default;
  explicit HttpResponder(std::shared_ptr<HttpConnection> connection)
      : connection_(std::move(connection)) {}
  HttpResponder(HttpResponder&&) noexcept = default;
  HttpResponder& operator=(HttpResponder&&) noexcept;
  ~HttpResponder();

  void Respond(HttpResponse response);
  explicit operator bool() const { return connection_ != nullptr; }

 private:
  std::shared_ptr<HttpConnection> connection_;
};

// What a server serves. Called on IoPool threads, many at once; must not block.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  // First look, before anything else of the request is judged: who is it. An answer ends the
  // request; `attachment` travels to OnRequest. Default: anybody.
  virtual std::optional<HttpResponse> Authorize(const HttpHead& head,
                                                std::shared_ptr<void>& attachment);
  // Second look, after Content-Encoding was found known and before the body is read: path, method,
  // media type.
  virtual std::optional<HttpResponse> Route(const HttpHead& head);
  // The whole request. `request.head` is valid until `responder` has been used.
  virtual void OnRequest(HttpRequest request, HttpResponder responder) = 0;
  // How the server's own refusals look: a bad body (400), a body above the limit (400), no memory
  // (503). Default: the message as text. Retry-After is added by the server.
  virtual HttpResponse Refusal(const HttpHead& head, int http_status, const Status& status);
};

class HttpServer {
 public:
  // `handler` and `budget` outlive the server. Opens nothing.
  HttpServer(HttpServerConfig config, HttpHandler& handler, ByteBudget& budget, Logger logger,
             std::shared_ptr<IoPool> pool = IoPool::Shared());
  ~HttpServer();  // CHECKs that a started server was shut down

  // Loads TLS, listens and serves. Failure: the text of TLS or of the socket, nothing is open.
  Status Start();
  // Stops accepting, lets requests in flight finish for at most `grace`, closes. Twice is once. Not
  // from an IoPool thread.
  void Shutdown(std::chrono::milliseconds grace = std::chrono::seconds(30));

  // Of the socket; "127.0.0.1:43187". Valid after Start.
  const std::string& address() const;
  uint16_t port() const;
  size_t connection_count() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace weir::net
