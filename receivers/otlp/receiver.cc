#include "receivers/otlp/receiver.h"

namespace weir::receivers::otlp {

OtlpReceiver::OtlpReceiver(const OtlpConfig& config, const pipeline::ReceiverConsumers& consumers,
                           const pipeline::Settings& settings) {
  const ProtocolsConfig& protocols = config.protocols;
  if (protocols.grpc) {
    grpc_ = std::make_unique<OtlpGrpcServer>(*protocols.grpc, consumers, settings);
  }
  if (protocols.http) {
    http_ = std::make_unique<OtlpHttpServer>(*protocols.http, consumers, settings);
  }
}

Status OtlpReceiver::Start(pipeline::Host& host) {
  if (grpc_) WEIR_RETURN_IF_ERROR(grpc_->Start(host));
  if (!http_) return {};
  Status started = http_->Start(host);
  if (!started.ok() && grpc_) grpc_->Shutdown();
  return started;
}

void OtlpReceiver::Shutdown() {
  if (grpc_) grpc_->Shutdown();
  if (http_) http_->Shutdown();
}

}  // namespace weir::receivers::otlp
