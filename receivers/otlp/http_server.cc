#include "receivers/otlp/http_server.h"

#include <algorithm>
#include <utility>

#include "model/check.h"
#include "model/json/read.h"
#include "net/status_mapping.h"
#include "net/url.h"
#include "receivers/otlp/http_media.h"
#include "receivers/otlp/server_common.h"

namespace weir::receivers::otlp {
namespace {

std::string LowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

// The value of `name` in a query string; nothing when it is not there.
std::optional<std::string> QueryParameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) != name) continue;
    std::string value(pair.substr(std::min(equals + 1, pair.size())));
    std::replace(value.begin(), value.end(), '+', ' ');
    return net::PercentDecode(value);
  }
  return std::nullopt;
}

net::HttpResponse NotFound() { return net::HttpResponse::PlainError(404, "404 page not found\n"); }

// What a middleware says no to is refused in its words of HTTP, not of OTLP.
net::HttpResponse MiddlewareRefusal(const Status& status) {
  const int code = net::HttpStatusOf(status.code());
  net::HttpResponse response =
      net::HttpResponse::PlainError(code, std::string(net::ReasonPhrase(code)) + "\n");
  if (status.retry_after()) {
    response.headers.emplace_back("Retry-After", net::FormatRetryAfter(*status.retry_after()));
  }
  return response;
}

Result<model::Batch> ReadBody(Media media, model::Signal signal, net::HttpRequest& request,
                              ByteBudget& memory) {
  if (media == Media::kJson) {
    Result<Slice> bytes = model::json::ReadJsonRequest(signal, request.body.view(), &memory);
    if (!bytes) return Fail(std::move(bytes).error());
    return model::CheckRequest(signal, std::move(*bytes));
  }
  const size_t size = request.body.size();
  Result<model::Batch> batch = model::CheckRequest(signal, std::move(request.body));
  // The compressed form stands for the batch only when the request held nothing beside it.
  if (batch && request.encoding == net::Encoding::kGzip && batch->size_bytes() == size) {
    batch->SetCompressed(model::Codec::kGzip, std::move(request.compressed));
  }
  return batch;
}

}  // namespace

OtlpHttpServer::OtlpHttpServer(const HttpConfig& config,
                               const pipeline::ReceiverConsumers& consumers,
                               const pipeline::Settings& settings)
    : config_(config),
      settings_(settings),
      server_(config.server, *this, settings.memory, settings.logger) {
  for (const model::Signal signal : model::kSignals) {
    if (pipeline::Consumer* consumer = consumers.of(signal)) {
      targets_.push_back({config_.PathOf(signal), signal, consumer});
    }
  }
}

OtlpHttpServer::~OtlpHttpServer() { Shutdown(); }

Status OtlpHttpServer::FindExtensions(pipeline::Host& host) {
  if (config_.server.auth) {
    WEIR_RETURN_IF_ERROR(guard_.FindAuthenticator(host, config_.server.auth->config.authenticator));
  }
  return guard_.FindMiddlewares(host, config_.server.middlewares);
}

Status OtlpHttpServer::Start(pipeline::Host& host) {
  WEIR_RETURN_IF_ERROR(FindExtensions(host));
  settings_.logger.Info("Starting HTTP server", {{"endpoint", config_.server.endpoint}});
  return server_.Start();
}

void OtlpHttpServer::Shutdown() { server_.Shutdown(); }

const OtlpHttpServer::Target* OtlpHttpServer::FindTarget(std::string_view path) const {
  for (const Target& target : targets_) {
    if (target.path == path) return &target;
  }
  return nullptr;
}

Status OtlpHttpServer::Authenticate(const net::HttpHead& head, pipeline::ClientInfo& client) const {
  pipeline::Headers headers;
  headers.reserve(head.headers.size());
  for (const auto& [name, value] : head.headers) headers.emplace_back(LowerCase(name), value);
  for (const std::string& parameter : config_.server.auth->request_params) {
    std::optional<std::string> value = QueryParameter(head.query, parameter);
    if (!value) continue;
    const std::string name = LowerCase(parameter);
    std::erase_if(headers, [&](const auto& header) { return header.first == name; });
    headers.emplace_back(name, std::move(*value));
  }
  return guard_.Authenticate(headers, client);
}

std::optional<net::HttpResponse> OtlpHttpServer::Authorize(const net::HttpHead& head,
                                                           std::shared_ptr<void>& attachment) {
  auto client = std::make_shared<pipeline::ClientInfo>();
  client->address = head.peer;
  if (config_.server.include_metadata) {
    for (const auto& [name, value] : head.headers) AddMetadata(*client, LowerCase(name), value);
  }
  if (guard_.authenticates()) {
    const Status allowed = Authenticate(head, *client);
    if (!allowed.ok()) return ErrorResponse(head, 401, allowed);
  }
  attachment = std::move(client);
  return std::nullopt;
}

std::optional<net::HttpResponse> OtlpHttpServer::Route(const net::HttpHead& head) {
  if (const Status admitted = guard_.Admit(); !admitted.ok()) {
    return MiddlewareRefusal(admitted);
  }
  if (FindTarget(head.path) == nullptr) {
    const std::optional<std::string> clean = CleanPath(head.path);
    if (!clean) return net::HttpResponse::Text(400, "400 Bad Request");
    if (*clean != net::PercentDecode(head.path)) {
      net::HttpResponse response;
      response.status = 307;
      const std::string query = head.query.empty() ? "" : "?" + std::string(head.query);
      response.headers.emplace_back("Location", *clean + query);
      return response;
    }
    if (FindTarget(*clean) == nullptr) return NotFound();
  }
  if (head.method != "POST") {
    return net::HttpResponse::Text(405, "405 method not allowed, supported: [POST]", "text/plain");
  }
  if (!ParseMedia(head.Find("Content-Type"))) {
    return net::HttpResponse::Text(
        415, "415 unsupported media type, supported: [application/json, application/x-protobuf]",
        "text/plain");
  }
  return std::nullopt;
}

net::HttpResponse OtlpHttpServer::Refusal(const net::HttpHead& head, int http_status,
                                          const Status& status) {
  return ErrorResponse(head, http_status, status);
}

void OtlpHttpServer::OnRequest(net::HttpRequest request, net::HttpResponder responder) {
  const net::HttpHead& head = *request.head;
  const Media media = *ParseMedia(head.Find("Content-Type"));
  const Target* target = FindTarget(head.path);
  if (target == nullptr) target = FindTarget(*CleanPath(head.path));
  Result<model::Batch> batch = ReadBody(media, target->signal, request, settings_.memory);
  if (!batch) return responder.Respond(PipelineErrorResponse(media, batch.error()));
  if (batch->items() == 0) return responder.Respond(SuccessResponse(media));
  pipeline::Context context;
  context.client = std::static_pointer_cast<const pipeline::ClientInfo>(request.attachment);
  context.transport = "http";
  target->consumer->Consume(
      std::move(*batch), context,
      [media, responder = std::move(responder)](const Status& status) mutable {
        responder.Respond(status.ok() ? SuccessResponse(media)
                                      : PipelineErrorResponse(media, status));
      });
}

}  // namespace weir::receivers::otlp
