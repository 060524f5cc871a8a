// The otlp receiver: one server per protocol that is configured, shared by all signals.
#pragma once

#include <memory>

#include "pipeline/component.h"
#include "receivers/otlp/config.h"
#include "receivers/otlp/grpc_server.h"
#include "receivers/otlp/http_server.h"

namespace weir::receivers::otlp {

class OtlpReceiver final : public pipeline::Receiver {
 public:
  OtlpReceiver(const OtlpConfig& config, const pipeline::ReceiverConsumers& consumers,
               const pipeline::Settings& settings);

  // gRPC first; when one fails, both are closed.
  Status Start(pipeline::Host& host) override;
  void Shutdown() override;

  // Null when the protocol is not configured.
  const OtlpGrpcServer* grpc() const { return grpc_.get(); }
  const OtlpHttpServer* http() const { return http_.get(); }

 private:
  std::unique_ptr<OtlpGrpcServer> grpc_;
  std::unique_ptr<OtlpHttpServer> http_;
};

}  // namespace weir::receivers::otlp
