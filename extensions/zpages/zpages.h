// Pages about the running program for people: /debug/servicez, pipelinez, extensionz, featurez as
// HTML, and /debug/ledger, what every edge of the pipelines took, gave on, dropped and holds, as
// JSON. /debug/tracez is 404, as upstream where own traces are not exported.
//
// Pages are made when they are asked for, from Host::service_view(). Thread-safe.
#pragma once

#include <string>

#include "extensions/zpages/config.h"
#include "net/http_server.h"
#include "pipeline/component.h"
#include "pipeline/server_guard.h"
#include "pipeline/service_view.h"

namespace weir::extensions::zpages {

class Zpages final : public pipeline::Extension, public net::HttpHandler {
 public:
  // `config` outlives it.
  Zpages(const pipeline::Settings& settings, const ZpagesConfig& config);
  ~Zpages() override;

  Status Start(pipeline::Host& host) override;
  void Shutdown() override;
  uint16_t port() const { return server_.port(); }

  std::optional<net::HttpResponse> Authorize(const net::HttpHead& head,
                                             std::shared_ptr<void>& attachment) override;
  std::optional<net::HttpResponse> Route(const net::HttpHead& head) override;
  void OnRequest(net::HttpRequest request, net::HttpResponder responder) override;

 private:
  const pipeline::Settings settings_;
  const ZpagesConfig& config_;
  pipeline::ServerGuard guard_;
  const pipeline::ServiceView* view_ = nullptr;  // constant after Start; null: no pages
  net::HttpServer server_;
};

}  // namespace weir::extensions::zpages
