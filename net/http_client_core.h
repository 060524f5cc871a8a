// What the connections of one HttpClient share. Not for use outside net/http_client*.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "net/http_client.h"
#include "net/http_message.h"
#include "net/proxy.h"
#include "net/tls_context.h"

namespace weir::net {

struct HttpClientCore;

// One call on its way, handed from connection to connection.
struct ClientCall {
  ClientRequest request;
  HttpClient::Done done;
  bool retried = false;  // a stale connection has failed it once
};
using ClientCallPtr = std::unique_ptr<ClientCall>;

// One connection to one destination. Any thread calls Run and Close; the rest is its loop's.
class ClientConnection {
 public:
  virtual ~ClientConnection() = default;
  // Sends the call, connecting first when it is new. The connection is the call's until it gives
  // itself back.
  virtual void Run(ClientCallPtr call) = 0;
  virtual void Close() = 0;
};
using ClientConnectionPtr = std::shared_ptr<ClientConnection>;

// Where a call goes: what is dialled, and what connections may be shared.
struct ClientRoute {
  std::string key;
  std::string dial_host;
  std::string dial_port;
  bool tls = false;
  bool tunnel = false;            // CONNECT through a proxy first
  bool absolute = false;          // a plain request to a proxy
  std::string proxy_credentials;  // value of Proxy-Authorization, or empty
};

struct ClientTarget {
  std::string method;
  Url url;
  ClientHeaders headers;
  ClientRoute route;
  std::string wrong;  // why nothing can be sent to `url`, in Go's words; empty when something can
  std::string head;   // request line and headers, each with its end
};

ClientConnectionPtr MakeClientConnection(std::shared_ptr<HttpClientCore> core, ClientRoute route);

// Cookies of the servers called, as `cookies` asks for. Kept in memory, by host and path.
class CookieJar {
 public:
  void Store(const Url& url, std::string_view set_cookie);
  std::string For(const Url& url) const;  // value of Cookie, or empty

 private:
  struct Cookie {
    std::string host;
    std::string path;
    std::string name;
    std::string value;
    bool secure = false;
  };
  std::vector<Cookie> cookies_;
};

struct HttpClientCore : std::enable_shared_from_this<HttpClientCore> {
  HttpClientCore(HttpClientConfig c, Logger l, std::shared_ptr<IoPool> p)
      : config(std::move(c)), logger(std::move(l)), pool(std::move(p)) {}

  ClientRoute RouteTo(const Url& url) const;
  // Finds or makes a connection for the call, or lets it wait for one.
  void Dispatch(ClientCallPtr call, bool fresh_only);
  // A connection is free: it serves the next waiting call, is kept, or must close (false).
  bool Release(const ClientRoute& route, const ClientConnectionPtr& connection);
  // A connection is gone.
  void Forget(const ClientRoute& route, const ClientConnectionPtr& connection);

  const HttpClientConfig config;
  const Logger logger;
  const std::shared_ptr<IoPool> pool;
  // Constant after Start.
  ProxyRules proxies;
  std::shared_ptr<SslContext> tls;

  struct Host {
    std::vector<ClientConnectionPtr> idle;  // most recently used at the back
    size_t open = 0;
    std::deque<ClientCallPtr> waiting;
  };
  Mutex mutex;
  bool stopped GUARDED_BY(mutex) = false;
  std::map<std::string, Host> hosts GUARDED_BY(mutex);
  size_t idle_count GUARDED_BY(mutex) = 0;
  std::vector<std::weak_ptr<ClientConnection>> all GUARDED_BY(mutex);
  CookieJar cookies GUARDED_BY(mutex);
};

}  // namespace weir::net
