#include "net/http_client.h"

#include <openssl/evp.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "net/http_client_core.h"
#include "net/http_request_head.h"

namespace weir::net {
namespace {

std::string Base64(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

void Fail(ClientCallPtr call, StatusCode code, std::string message) {
  // The bytes first: whoever hears of the end may take the budget behind them down.
  call->request.body.clear();
  call->done(::weir::Fail(Status(code, std::move(message))));
}

// Why nothing can be sent to `url`, in Go's words; empty when something can.
std::string WrongUrl(const Url& url) {
  if (url.scheme != "http" && url.scheme != "https") {
    return "unsupported protocol scheme \"" + url.scheme + "\"";
  }
  return url.host.empty() ? "http: no Host in request URL" : "";
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string DefaultCookiePath(const Url& url) {
  const size_t slash = url.path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : url.path.substr(0, slash);
}

bool PathMatches(std::string_view cookie_path, std::string_view path) {
  if (!path.starts_with(cookie_path)) return false;
  return path.size() == cookie_path.size() || cookie_path.ends_with('/') ||
         path[cookie_path.size()] == '/';
}

}  // namespace

std::string_view ClientResponse::Find(std::string_view name) const {
  for (const auto& header : headers) {
    if (SameHeaderName(header.first, name)) return header.second;
  }
  return {};
}

void CookieJar::Store(const Url& url, std::string_view set_cookie) {
  Cookie cookie{url.host, DefaultCookiePath(url), {}, {}, false};
  bool expired = false;
  for (bool first = true; !set_cookie.empty(); first = false) {
    const std::string_view part = Trimmed(set_cookie.substr(0, set_cookie.find(';')));
    set_cookie.remove_prefix(std::min(set_cookie.find(';'), set_cookie.size() - 1) + 1);
    const size_t equals = std::min(part.find('='), part.size());
    const std::string_view name = part.substr(0, equals);
    const std::string_view value = part.substr(std::min(equals + 1, part.size()));
    if (first) {
      cookie.name = name;
      cookie.value = value;
    } else if (SameHeaderName(name, "Path") && value.starts_with('/')) {
      cookie.path = value;
    } else if (SameHeaderName(name, "Secure")) {
      cookie.secure = true;
    } else if (SameHeaderName(name, "Max-Age")) {
      expired = value == "0" || value.starts_with('-');
    }
  }
  if (cookie.name.empty()) return;
  std::erase_if(cookies_, [&](const Cookie& known) {
    return known.host == cookie.host && known.path == cookie.path && known.name == cookie.name;
  });
  // A server that invents names without end loses its oldest.
  if (cookies_.size() >= 1000) cookies_.erase(cookies_.begin());
  if (!expired) cookies_.push_back(std::move(cookie));
}

std::string CookieJar::For(const Url& url) const {
  std::string out;
  const std::string path = url.path.empty() ? "/" : url.path;
  for (const Cookie& cookie : cookies_) {
    if (cookie.host != url.host || !PathMatches(cookie.path, path)) continue;
    if (cookie.secure && url.scheme != "https") continue;
    if (!out.empty()) out += "; ";
    out += cookie.name + "=" + cookie.value;
  }
  return out;
}

ClientRoute HttpClientCore::RouteTo(const Url& url) const {
  ClientRoute route;
  route.tls = url.scheme == "https";
  const Url* proxy = proxies.For(url);
  const Url& dialled = proxy != nullptr ? *proxy : url;
  route.dial_host = dialled.host;
  route.dial_port = dialled.port_or_default();
  route.key = url.scheme + "://" + url.Authority();
  if (proxy != nullptr) {
    route.tunnel = route.tls;
    route.absolute = !route.tls;
    route.key += " by " + proxy->Authority();
    if (!proxy->userinfo.empty()) route.proxy_credentials = "Basic " + Base64(proxy->userinfo);
  }
  return route;
}

void HttpClientCore::Dispatch(ClientCallPtr call, bool fresh_only) {
  const ClientRoute& route = call->request.target->route;
  ClientConnectionPtr connection;
  {
    MutexLock lock(mutex);
    if (!stopped) {
      Host& host = hosts[route.key];
      if (!fresh_only && !host.idle.empty()) {
        connection = std::move(host.idle.back());
        host.idle.pop_back();
        --idle_count;
      } else if (config.max_conns_per_host > 0 &&
                 host.open >= static_cast<size_t>(config.max_conns_per_host)) {
        host.waiting.push_back(std::move(call));
        return;
      } else {
        ++host.open;
        connection = MakeClientConnection(shared_from_this(), route);
        std::erase_if(all, [](const auto& known) { return known.expired(); });
        all.push_back(connection);
      }
    }
  }
  if (connection == nullptr) {
    return Fail(std::move(call), StatusCode::kCancelled, "the client has been shut down");
  }
  connection->Run(std::move(call));
}

bool HttpClientCore::Release(const ClientRoute& route, const ClientConnectionPtr& connection) {
  ClientCallPtr next;
  {
    MutexLock lock(mutex);
    if (stopped || config.disable_keep_alives) return false;
    Host& host = hosts[route.key];
    const auto is_full = [](int limit, size_t count) {
      return limit > 0 && count >= static_cast<size_t>(limit);
    };
    if (!host.waiting.empty()) {
      next = std::move(host.waiting.front());
      host.waiting.pop_front();
    } else if (is_full(config.max_idle_conns_per_host, host.idle.size()) ||
               is_full(config.max_idle_conns, idle_count)) {
      return false;
    } else {
      host.idle.push_back(connection);
      ++idle_count;
    }
  }
  if (next) connection->Run(std::move(next));
  return true;
}

void HttpClientCore::Forget(const ClientRoute& route, const ClientConnectionPtr& connection) {
  ClientCallPtr next;
  {
    MutexLock lock(mutex);
    Host& host = hosts[route.key];
    --host.open;
    idle_count -= std::erase(host.idle, connection);
    if (!host.waiting.empty()) {
      next = std::move(host.waiting.front());
      host.waiting.pop_front();
    }
  }
  if (next) Dispatch(std::move(next), false);
}

struct HttpClient::State {
  std::shared_ptr<HttpClientCore> core;
};

HttpClient::HttpClient(HttpClientConfig config, Logger logger, std::shared_ptr<IoPool> pool)
    : state_(std::make_shared<State>()) {
  state_->core =
      std::make_shared<HttpClientCore>(std::move(config), std::move(logger), std::move(pool));
}

HttpClient::~HttpClient() { Shutdown(); }

Status HttpClient::Start() {
  HttpClientCore& core = *state_->core;
  Result<ProxyRules> proxies = ProxyRules::Make(core.config.proxy_url);
  if (!proxies) return proxies.error();
  core.proxies = std::move(*proxies);
  Result<TlsMaterial> material = LoadTlsClient(core.config.tls);
  if (!material) return material.error();
  Result<std::shared_ptr<SslContext>> tls =
      MakeClientContext(*material, !core.config.tls.insecure_skip_verify);
  if (!tls) return tls.error();
  core.tls = std::move(*tls);
  core.pool->Run();
  return {};
}

ClientTargetPtr HttpClient::Prepare(std::string method, Url url, ClientHeaders headers) const {
  auto target = std::make_shared<ClientTarget>();
  target->method = std::move(method);
  target->url = std::move(url);
  target->headers = std::move(headers);
  target->route = state_->core->RouteTo(target->url);
  target->wrong = WrongUrl(target->url);
  target->head = CommonRequestHead(*target);
  return target;
}

void HttpClient::Call(ClientRequest request, Done done) {
  if (state_->core->config.timeout.count() > 0) {
    const auto limit = std::chrono::steady_clock::now() + state_->core->config.timeout;
    request.deadline = std::min(request.deadline, limit);
  }
  auto call = std::make_unique<ClientCall>();
  call->request = std::move(request);
  call->done = std::move(done);
  if (!call->request.target->wrong.empty()) {
    boost::asio::post(state_->core->pool->Next(), [call = std::move(call)]() mutable {
      std::string wrong = call->request.target->wrong;
      Fail(std::move(call), StatusCode::kUnavailable, std::move(wrong));
    });
    return;
  }
  state_->core->Dispatch(std::move(call), false);
}

void HttpClient::Shutdown() {
  std::vector<ClientConnectionPtr> open;
  std::vector<ClientCallPtr> waiting;
  {
    HttpClientCore& core = *state_->core;
    MutexLock lock(core.mutex);
    core.stopped = true;
    for (auto& connection : core.all) {
      if (auto alive = connection.lock()) open.push_back(std::move(alive));
    }
    core.all.clear();
    for (auto& [key, host] : core.hosts) {
      for (ClientCallPtr& call : host.waiting) waiting.push_back(std::move(call));
      host.waiting.clear();
    }
  }
  for (const ClientConnectionPtr& connection : open) connection->Close();
  for (ClientCallPtr& call : waiting) {
    Fail(std::move(call), StatusCode::kCancelled, "the client has been shut down");
  }
}

}  // namespace weir::net
