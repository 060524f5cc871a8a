#include "exporters/otlp_grpc/sender.h"

#include <utility>
#include <vector>

#include "model/response.h"
#include "net/status_mapping.h"
#include "net/user_agent.h"
#include "pipeline/client_authenticator.h"

namespace weir::exporters::otlp_grpc {
namespace {

std::string MethodOf(model::Signal signal) {
  switch (signal) {
    case model::Signal::kTraces:
      return "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    case model::Signal::kMetrics:
      return "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    case model::Signal::kLogs:
      break;
  }
  return "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
}

}  // namespace

OtlpGrpcSender::OtlpGrpcSender(const OtlpGrpcConfig& config, model::Signal signal,
                               const pipeline::Settings& settings)
    : config_(config),
      signal_(signal),
      method_(MethodOf(signal)),
      logger_(settings.logger),
      client_(config.client, net::UserAgent(settings.build.description, settings.build.version),
              settings.logger, &settings.memory) {}

Status OtlpGrpcSender::FindAuthenticator(pipeline::Host& host) {
  if (!config_.client.auth) return {};
  const Result<pipeline::ClientAuthenticator*> found =
      pipeline::FindClientAuthenticator(host, config_.client.auth->authenticator, "gRPC");
  if (!found) return found.error();
  authenticator_ = *found;
  if (authenticator_->requires_transport_security() && !client_.secure()) {
    return {StatusCode::kInvalidArgument,
            "grpc: the credentials require transport level security (use "
            "grpc.WithTransportCredentials() to set)"};
  }
  return {};
}

Status OtlpGrpcSender::Start(pipeline::Host& host) {
  if (!config_.client.middlewares.empty()) {
    logger_.Warn("middlewares of a gRPC client are not supported and have no effect");
  }
  WEIR_RETURN_IF_ERROR(FindAuthenticator(host));
  return client_.Start();
}

void OtlpGrpcSender::Send(model::Batch batch, const pipeline::Context& context,
                          pipeline::Done done) {
  net::GrpcRequest request;
  request.method = method_;
  request.deadline = context.deadline;
  if (authenticator_ != nullptr) {
    Result<pipeline::Headers> credentials = authenticator_->Credentials();
    if (!credentials) return done(std::move(credentials).error());
    request.metadata = *std::move(credentials);
  }
  request.gzip = client_.sends_gzip() && batch.compressed_codec() == model::Codec::kGzip;
  if (request.gzip) {
    request.body.push_back(batch.compressed());
  } else {
    request.body.reserve(batch.runs().size());
    for (const model::Run& run : batch.runs()) request.body.push_back(run.bytes());
  }
  client_.Call(std::move(request), [this, done = std::move(done)](Result<Slice> response) mutable {
    done(Answer(response));
  });
}

Status OtlpGrpcSender::Answer(const Result<Slice>& response) const {
  if (!response) return response.error();
  if (response->empty()) return {};
  const Result<model::PartialSuccess> partial = model::ReadExportResponse(response->view());
  if (!partial) {
    const Status broken(StatusCode::kInternal, "grpc: failed to unmarshal the received message: " +
                                                   partial.error().message());
    return broken.WithWireStatus(net::EncodeRpcStatus(broken));
  }
  if (!partial->empty()) {
    logger_.Warn(
        "Partial success response",
        {{"message", partial->message}, {model::DroppedItemsName(signal_), partial->rejected}});
  }
  return {};
}

void OtlpGrpcSender::Shutdown() { client_.Shutdown(); }

}  // namespace weir::exporters::otlp_grpc
