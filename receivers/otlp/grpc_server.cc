#include "receivers/otlp/grpc_server.h"

#include <utility>

#include "model/check.h"
#include "receivers/otlp/server_common.h"

namespace weir::receivers::otlp {
namespace {

std::string_view ExportMethod(model::Signal signal) {
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

// An empty partial_success is present, as upstream answers.
Slice SuccessReply() {
  static const Slice kReply = Slice::Copy(std::string_view("\x0a\x00", 2));
  return kReply;
}

Result<model::Batch> ReadMessage(model::Signal signal, net::GrpcServerRequest& request) {
  const size_t size = request.body.size();
  Result<model::Batch> batch = model::CheckRequest(signal, std::move(request.body));
  if (!batch) return Fail(batch.error().WithPrefix("grpc: error unmarshalling request: "));
  // The compressed form stands for the batch only when the request held nothing beside it.
  if (request.encoding == net::Encoding::kGzip && batch->size_bytes() == size) {
    batch->SetCompressed(model::Codec::kGzip, std::move(request.compressed));
  }
  return batch;
}

}  // namespace

OtlpGrpcServer::OtlpGrpcServer(const net::GrpcServerConfig& config,
                               const pipeline::ReceiverConsumers& consumers,
                               const pipeline::Settings& settings)
    : config_(config),
      settings_(settings),
      server_(config, *this, settings.memory, settings.logger) {
  for (const model::Signal signal : model::kSignals) {
    if (pipeline::Consumer* consumer = consumers.of(signal)) {
      targets_.push_back({std::string(ExportMethod(signal)), signal, consumer});
    }
  }
}

OtlpGrpcServer::~OtlpGrpcServer() { Shutdown(); }

Status OtlpGrpcServer::Start(pipeline::Host& host) {
  if (config_.auth) {
    WEIR_RETURN_IF_ERROR(guard_.FindAuthenticator(host, config_.auth->authenticator));
  }
  if (const Status found = guard_.FindMiddlewares(host, config_.middlewares); !found.ok()) {
    return found.WithPrefix("failed to get gRPC server options from middleware: ");
  }
  settings_.logger.Info("Starting GRPC server", {{"endpoint", config_.net_addr.endpoint}});
  return server_.Start();
}

void OtlpGrpcServer::Shutdown() { server_.Shutdown(); }

const OtlpGrpcServer::Target* OtlpGrpcServer::FindTarget(std::string_view method) const {
  for (const Target& target : targets_) {
    if (target.method == method) return &target;
  }
  return nullptr;
}

Status OtlpGrpcServer::Unknown(std::string_view method) const {
  const std::string_view service = method.substr(0, method.rfind('/') + 1);
  for (const Target& target : targets_) {
    if (service.size() > 1 && target.method.starts_with(service)) {
      return net::UnknownMethod(method, true);
    }
  }
  return net::UnknownMethod(method, false);
}

Status OtlpGrpcServer::Admit(const net::GrpcHead& head, std::shared_ptr<void>& attachment) {
  if (FindTarget(head.method()) == nullptr) return Unknown(head.method());
  auto client = std::make_shared<pipeline::ClientInfo>();
  client->address = head.peer();
  if (config_.include_metadata || guard_.authenticates()) {
    const pipeline::Headers headers = head.Metadata();
    if (guard_.authenticates()) {
      WEIR_RETURN_IF_ERROR(guard_.Authenticate(headers, *client));
    }
    if (config_.include_metadata) {
      for (const auto& [name, value] : headers) AddMetadata(*client, name, value);
    }
  }
  attachment = std::move(client);
  return guard_.Admit();
}

void OtlpGrpcServer::OnRequest(net::GrpcServerRequest request, net::GrpcResponder responder) {
  const Target& target = *FindTarget(request.head->method());
  pipeline::Context context;
  context.deadline = request.head->deadline();
  context.transport = "grpc";
  context.client = std::static_pointer_cast<const pipeline::ClientInfo>(request.attachment);
  Result<model::Batch> batch = ReadMessage(target.signal, request);
  if (!batch) return responder.Fail(batch.error());
  if (batch->items() == 0) return responder.Succeed(SuccessReply());
  target.consumer->Consume(std::move(*batch), context,
                           [responder = std::move(responder)](const Status& status) mutable {
                             if (status.ok()) return responder.Succeed(SuccessReply());
                             responder.Fail(ClientStatus(status));
                           });
}

}  // namespace weir::receivers::otlp
