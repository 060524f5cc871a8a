#include "extensions/zpages/zpages.h"

#include <utility>

#include "extensions/zpages/pages.h"
#include "net/status_mapping.h"
#include "net/url.h"

namespace weir::extensions::zpages {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";

// The value of `name` in a query string; empty when it is not there.
std::string QueryValue(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    return net::PercentDecode(pair.substr(equals + 1)).value_or("");
  }
  return {};
}

std::optional<net::HttpResponse> PageOf(const pipeline::ServiceView& view,
                                        const net::HttpHead& head) {
  using net::HttpResponse;
  if (head.path == "/debug/servicez") return HttpResponse::Text(200, ServicePage(view), kHtml);
  if (head.path == "/debug/pipelinez") return HttpResponse::Text(200, PipelinesPage(view), kHtml);
  if (head.path == "/debug/featurez") return HttpResponse::Text(200, FeaturesPage(view), kHtml);
  if (head.path == "/debug/extensionz") {
    const std::string chosen = QueryValue(head.query, "zextensionname");
    return HttpResponse::Text(200, ExtensionsPage(view, chosen), kHtml);
  }
  if (head.path == "/debug/ledger") {
    return HttpResponse::Text(200, view.LedgerJson(), "application/json; charset=utf-8");
  }
  return std::nullopt;
}

}  // namespace

Zpages::Zpages(const pipeline::Settings& settings, const ZpagesConfig& config)
    : settings_(settings),
      config_(config),
      server_(config_.server, *this, settings.memory, settings.logger) {}

Zpages::~Zpages() { Shutdown(); }

Status Zpages::Start(pipeline::Host& host) {
  const net::HttpServerConfig& server = config_.server;
  WEIR_RETURN_IF_ERROR(
      guard_.Find(host, server.auth ? server.auth->config.authenticator : "", server.middlewares));
  view_ = host.service_view();
  settings_.logger.Info("Starting zPages extension", {{"endpoint", server.endpoint}});
  return server_.Start();
}

void Zpages::Shutdown() { server_.Shutdown(std::chrono::seconds(1)); }

std::optional<net::HttpResponse> Zpages::Authorize(const net::HttpHead& head,
                                                   std::shared_ptr<void>&) {
  pipeline::ClientInfo client;
  client.address = head.peer;
  const Status allowed = guard_.Authenticate(head.headers, client);
  if (!allowed.ok()) return net::HttpResponse::PlainError(401, "Unauthorized\n");
  return std::nullopt;
}

std::optional<net::HttpResponse> Zpages::Route(const net::HttpHead&) {
  const Status admitted = guard_.Admit();
  if (admitted.ok()) return std::nullopt;
  const int status = net::HttpStatusOf(admitted.code());
  return net::HttpResponse::PlainError(status, std::string(net::ReasonPhrase(status)) + "\n");
}

void Zpages::OnRequest(net::HttpRequest request, net::HttpResponder responder) {
  std::optional<net::HttpResponse> page;
  if (view_ != nullptr) page = PageOf(*view_, *request.head);
  responder.Respond(page ? std::move(*page)
                         : net::HttpResponse::PlainError(404, "404 page not found\n"));
}

}  // namespace weir::extensions::zpages
