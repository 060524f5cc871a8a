// The HTTP half of the otlp receiver: POST /v1/traces, /v1/metrics, /v1/logs in protobuf or JSON
// (OTLP specification, "OTLP/HTTP").
//
// Checks happen in the Collector's order: CORS, authentication, Content-Encoding, path, method,
// media type, size, content. A request with nothing in it is answered without touching a pipeline.
// Everything else is answered with what the pipeline says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "net/http_server.h"
#include "pipeline/component.h"
#include "pipeline/consumer.h"
#include "pipeline/server_guard.h"
#include "receivers/otlp/http_config.h"

namespace weir::receivers::otlp {

class OtlpHttpServer final : public net::HttpHandler {
 public:
  // `consumers` outlive the server. Opens nothing.
  OtlpHttpServer(const HttpConfig& config, const pipeline::ReceiverConsumers& consumers,
                 const pipeline::Settings& settings);
  ~OtlpHttpServer() override;

  // Finds the authenticator and middlewares, listens. Logs `Starting HTTP server`.
  Status Start(pipeline::Host& host);
  // Finishes requests in flight. Twice is once.
  void Shutdown();
  // "127.0.0.1:4318", after Start.
  const std::string& address() const { return server_.address(); }
  uint16_t port() const { return server_.port(); }

  std::optional<net::HttpResponse> Authorize(const net::HttpHead& head,
                                             std::shared_ptr<void>& attachment) override;
  std::optional<net::HttpResponse> Route(const net::HttpHead& head) override;
  void OnRequest(net::HttpRequest request, net::HttpResponder responder) override;
  net::HttpResponse Refusal(const net::HttpHead& head, int http_status,
                            const Status& status) override;

 private:
  struct Target {
    std::string path;
    model::Signal signal;
    pipeline::Consumer* consumer;
  };
  // Null when no pipeline takes what the path is for.
  const Target* FindTarget(std::string_view path) const;
  Status FindExtensions(pipeline::Host& host);
  Status Authenticate(const net::HttpHead& head, pipeline::ClientInfo& client) const;

  const HttpConfig config_;
  const pipeline::Settings settings_;
  std::vector<Target> targets_;
  pipeline::ServerGuard guard_;
  net::HttpServer server_;
};

}  // namespace weir::receivers::otlp
