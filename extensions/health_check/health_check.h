// Tells load balancers and orchestrators whether the pipelines run.
//
//   Start ──► unavailable ──PipelinesReady──► ready ──PipelinesNotReady──► unavailable
//                  503                         200                            503
//
// It listens before the pipelines start and answers until the program ends. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "base/clock.h"
#include "extensions/health_check/config.h"
#include "net/http_server.h"
#include "pipeline/component.h"
#include "pipeline/extension.h"
#include "pipeline/server_guard.h"

namespace weir::extensions::health_check {

// The answer with no response_body configured; nothing of time when it is not ready. `up_since` is
// shown in RFC 3339 with nanoseconds, the machine's zone.
std::string HealthJson(bool ready, Clock::Wall up_since, Clock::Wall now);

class HealthCheck final : public pipeline::Extension,
                          public pipeline::PipelineWatcher,
                          public net::HttpHandler {
 public:
  // `config` outlives it.
  HealthCheck(const pipeline::Settings& settings, const HealthCheckConfig& config);
  ~HealthCheck() override;

  // `failed to bind to address localhost: listen tcp: address localhost: missing port in address`.
  Status Start(pipeline::Host& host) override;
  void Shutdown() override;
  void PipelinesReady() override { SetReady(true); }
  void PipelinesNotReady() override { SetReady(false); }
  uint16_t port() const { return server_.port(); }

  std::optional<net::HttpResponse> Authorize(const net::HttpHead& head,
                                             std::shared_ptr<void>& attachment) override;
  std::optional<net::HttpResponse> Route(const net::HttpHead& head) override;
  void OnRequest(net::HttpRequest request, net::HttpResponder responder) override;

 private:
  void SetReady(bool ready);
  bool Serves(std::string_view path) const;

  const pipeline::Settings settings_;
  const LegacyConfig& config_;
  pipeline::ServerGuard guard_;
  // When the pipelines became ready, ns since 1970; 0: they are not.
  std::atomic<int64_t> up_since_ns_{0};
  net::HttpServer server_;
};

}  // namespace weir::extensions::health_check
