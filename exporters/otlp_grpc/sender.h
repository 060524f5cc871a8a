// Sends batches as OTLP over gRPC: one unary call per attempt.
//
// The message is the batch's own slices, which gRPC sends without a copy, or their gzip form; a
// batch that came in as gzip and was not changed leaves as it came.
#pragma once

#include <string>

#include "exporters/otlp_grpc/config.h"
#include "model/signal.h"
#include "net/grpc_client/grpc_client.h"
#include "pipeline/component.h"
#include "pipeline/exporter_helper.h"
#include "pipeline/extension.h"

namespace weir::exporters::otlp_grpc {

class OtlpGrpcSender final : public pipeline::Sender {
 public:
  OtlpGrpcSender(const OtlpGrpcConfig& config, model::Signal signal,
                 const pipeline::Settings& settings);

  Status Start(pipeline::Host& host) override;
  void Send(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override;
  void Shutdown() override;

 private:
  Status FindAuthenticator(pipeline::Host& host);
  Status Answer(const Result<Slice>& response) const;

  const OtlpGrpcConfig config_;
  const model::Signal signal_;
  const std::string method_;
  const Logger logger_;
  pipeline::ClientAuthenticator* authenticator_ = nullptr;  // set by Start
  net::GrpcClient client_;
};

}  // namespace weir::exporters::otlp_grpc
