#include "app/telemetry/page_server.h"

#include <chrono>
#include <utility>

namespace weir::app {
namespace {

net::HttpServerConfig ConfigOf(const std::string& endpoint) {
  net::HttpServerConfig config;
  config.endpoint = endpoint;
  config.max_request_body_size = 64 * 1024;
  return config;
}

net::HttpResponse NotFound() { return net::HttpResponse::PlainError(404, "404 page not found\n"); }

}  // namespace

PageServer::PageServer(std::string endpoint, Pages pages, ByteBudget& memory, const Logger& logger)
    : endpoint_(std::move(endpoint)),
      pages_(std::move(pages)),
      server_(ConfigOf(endpoint_), *this, memory, logger) {}

PageServer::~PageServer() { Shutdown(); }

Status PageServer::Start() {
  Status started = server_.Start();
  if (started.ok()) return started;
  return {started.code(),
          "binding address " + endpoint_ + " for Prometheus exporter: " + started.message()};
}

void PageServer::Shutdown() { server_.Shutdown(std::chrono::seconds(1)); }

void PageServer::OnRequest(net::HttpRequest request, net::HttpResponder responder) {
  const auto page = pages_.find(std::string(request.head->path));
  if (page == pages_.end()) return responder.Respond(NotFound());
  responder.Respond(net::HttpResponse::Text(200, page->second.render(), page->second.content_type));
}

}  // namespace weir::app
