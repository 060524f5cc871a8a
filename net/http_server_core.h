// What the connections of one HttpServer share. Not for use outside net/http_*.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/byte_budget.h"
#include "base/log.h"
#include "base/mutex.h"
#include "net/cors.h"
#include "net/http_config.h"
#include "net/http_message.h"
#include "net/http_server.h"
#include "net/io_pool.h"
#include "net/tls_context.h"

namespace weir::net {

struct HttpServerCore;

// One client. Everything but Respond, Abandon and the destructor runs on its loop's thread.
class HttpConnection {
 public:
  virtual ~HttpConnection() = default;
  // Any thread, once per request.
  virtual void Respond(HttpResponse response) = 0;
  virtual void Abandon() = 0;

  virtual void Start() = 0;
  // Closes when its deadline has passed.
  virtual void Sweep(std::chrono::steady_clock::time_point now) = 0;
  // Closes now when no request is being served, else after the answer.
  virtual void Stop() = 0;
  virtual void Close() = 0;
};

using HttpSocket = boost::asio::generic::stream_protocol::socket;

// `socket` is open, non-blocking and bound to the loop of number `loop_index`.
std::shared_ptr<HttpConnection> MakeHttpConnection(std::shared_ptr<HttpServerCore> core,
                                                   size_t loop_index, HttpSocket socket,
                                                   std::string peer);

struct HttpServerCore : std::enable_shared_from_this<HttpServerCore> {
  // Of one loop, touched by its thread alone: the open connections, and a timer that looks at
  // their deadlines, so that a request starts no timer of its own.
  struct Loop {
    explicit Loop(boost::asio::io_context& c) : context(c), sweeper(c) {}
    boost::asio::io_context& context;
    boost::asio::steady_timer sweeper;
    bool sweeping = false;
    std::unordered_set<HttpConnection*> connections;
    std::time_t date_second = 0;
    std::string date;  // of an HTTP header
  };
  static constexpr std::chrono::milliseconds kSweepInterval{100};

  HttpServerCore(HttpServerConfig c, HttpHandler& h, ByteBudget& b, Logger l,
                 std::shared_ptr<IoPool> p);

  // On the loop's thread.
  void Add(size_t loop_index, HttpConnection& connection);
  void Remove(size_t loop_index, HttpConnection& connection);
  void ScheduleSweep(size_t loop_index);
  const std::string& Date(size_t loop_index);

  bool Accepts(Encoding encoding) const { return encodings[static_cast<size_t>(encoding)]; }

  // Constant after Start.
  const HttpServerConfig config;
  HttpHandler& handler;
  ByteBudget& budget;
  const Logger logger;
  const std::shared_ptr<IoPool> pool;
  std::optional<Cors> cors;
  std::string fixed_headers;  // response_headers as lines
  std::array<bool, 8> encodings{};
  std::unique_ptr<TlsServerContext> tls;  // null: plain
  std::vector<std::unique_ptr<Loop>> loops;

  std::atomic<bool> stopping{false};
  mutable Mutex mutex;
  CondVar changed;
  size_t connection_count GUARDED_BY(mutex) = 0;
};

}  // namespace weir::net
