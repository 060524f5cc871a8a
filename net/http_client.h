// An HTTP/1.1 client on the shared IoPool: one destination, pooled connections, no waiting threads.
//
// What requests to one place have in common is prepared once. A request is that, its own headers
// and body slices, written by one gather write. A connection that the server closed while it was
// idle is replaced once without telling the caller. Redirects are not followed. TLS for https;
// proxies by proxy_url or the environment (NO_PROXY as Go reads it), absolute form for http and
// CONNECT for https. Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/unique_function.h"
#include "net/http_config.h"
#include "net/io_pool.h"
#include "net/url.h"

namespace weir::net {

using ClientHeaders = std::vector<std::pair<std::string, std::string>>;

// Where requests go and what their heads have in common. Made by HttpClient::Prepare.
struct ClientTarget;
using ClientTargetPtr = std::shared_ptr<const ClientTarget>;

struct ClientRequest {
  ClientTargetPtr target;
  ClientHeaders headers;  // on top of the target's; takes the place of one with the same name
  std::vector<Slice> body;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

struct ClientResponse {
  static constexpr size_t kBodyMax = 64 * 1024;

  int status = 0;
  ClientHeaders headers;
  std::string body;          // at most kBodyMax of it, see `body_cut`
  bool body_cut = false;     // the rest was not read
  bool body_broken = false;  // the connection ended inside the body

  std::string_view Find(std::string_view name) const;  // without regard to case; null: none
};

class HttpClient {
 public:
  // `config` gives TLS, proxy, connection limits, timeout and cookies; its headers, compression and
  // endpoint are the caller's matter. Opens nothing.
  HttpClient(HttpClientConfig config, Logger logger,
             std::shared_ptr<IoPool> pool = IoPool::Shared());
  ~HttpClient();

  // Loads TLS and reads the proxy. Fails with the Collector's words.
  Status Start();

  // Once started. Host, unless `headers` has it, and Content-Length are added. A URL that nothing
  // can be sent to fails the calls.
  ClientTargetPtr Prepare(std::string method, Url url, ClientHeaders headers = {}) const;

  // Calls `done` exactly once, on an IoPool thread. A failure is a transport's, with Go's words
  // where there are some: `dial tcp 127.0.0.1:4318: connect: connection refused`,
  // `context deadline exceeded`, `EOF`. An answer of any status is a success here.
  using Done = UniqueFunction<void(Result<ClientResponse>)>;
  void Call(ClientRequest request, Done done);

  // Closes everything; calls in flight fail with kCancelled. Twice is once.
  void Shutdown();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace weir::net
