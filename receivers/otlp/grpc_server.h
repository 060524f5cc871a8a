// The gRPC half of the otlp receiver: Export of TraceService, MetricsService and LogsService (OTLP
// specification, "OTLP/gRPC").
//
// Who it is and whether there is room is asked before the message is read; then the message is
// checked once and goes to the pipeline as it came. A request with nothing in it is answered
// without touching a pipeline. Everything else is answered with what the pipeline says.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "net/grpc_server/grpc_server.h"
#include "pipeline/component.h"
#include "pipeline/consumer.h"
#include "pipeline/server_guard.h"

namespace weir::receivers::otlp {

class OtlpGrpcServer final : public net::GrpcHandler {
 public:
  // `consumers` outlive the server. Opens nothing.
  OtlpGrpcServer(const net::GrpcServerConfig& config, const pipeline::ReceiverConsumers& consumers,
                 const pipeline::Settings& settings);
  ~OtlpGrpcServer() override;

  // Finds the authenticator and middlewares, listens. Logs `Starting GRPC server`.
  Status Start(pipeline::Host& host);
  // Finishes calls in flight. Twice is once.
  void Shutdown();
  // "127.0.0.1:4317", after Start.
  const std::string& address() const { return server_.address(); }
  uint16_t port() const { return server_.port(); }

  Status Admit(const net::GrpcHead& head, std::shared_ptr<void>& attachment) override;
  void OnRequest(net::GrpcServerRequest request, net::GrpcResponder responder) override;

 private:
  struct Target {
    std::string method;  // with its service, "/s/Export"
    model::Signal signal;
    pipeline::Consumer* consumer;
  };
  // Null when no pipeline takes what the method is for.
  const Target* FindTarget(std::string_view method) const;
  Status Unknown(std::string_view method) const;

  const net::GrpcServerConfig config_;
  const pipeline::Settings settings_;
  std::vector<Target> targets_;
  pipeline::ServerGuard guard_;
  net::GrpcServer server_;
};

}  // namespace weir::receivers::otlp
