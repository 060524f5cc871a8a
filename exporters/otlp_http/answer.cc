#include "exporters/otlp_http/answer.h"

#include <optional>

#include "model/json/responses.h"
#include "model/response.h"
#include "net/http_message.h"
#include "net/status_mapping.h"

namespace weir::exporters::otlp_http {
namespace {

using model::PartialSuccess;

Status JudgeSuccess(const net::ClientResponse& response, model::Signal signal,
                    const Logger& logger) {
  const std::string_view header = response.Find("Content-Type");
  const std::string_view type = header.substr(0, header.find(';'));
  const bool json = net::SameHeaderName(type, "application/json");
  if (!json && !net::SameHeaderName(type, "application/x-protobuf")) return {};
  if (response.body.empty()) return {};
  Result<PartialSuccess> partial = json ? model::json::ReadResponse(signal, response.body)
                                        : model::ReadExportResponse(response.body);
  if (!partial) {
    return Status::Retryable(std::string("error parsing ") + (json ? "json" : "protobuf") +
                             " response: " + partial.error().message());
  }
  if (!partial->empty()) {
    logger.Warn("Partial success response", {{"message", partial->message},
                                             {model::DroppedItemsName(signal), partial->rejected}});
  }
  return {};
}

std::string Describe(const net::ClientResponse& response, const std::string& url) {
  std::string text = "error exporting items, request to " + url +
                     " responded with HTTP Status Code " + std::to_string(response.status);
  if (response.status < 400 || response.status > 599) return text;
  // As upstream: whatever its media type, a body that reads as google.rpc.Status is shown.
  if (const auto status = net::DecodeRpcStatus(response.body)) {
    text += ", Message=" + status->message + ", Details=[";
    if (!status->details.empty()) text += std::to_string(status->details.size()) + " details";
    text += "]";
  }
  return text;
}

}  // namespace

Status Judge(const net::ClientResponse& response, model::Signal signal, const std::string& url,
             const Logger& logger, std::chrono::system_clock::time_point now) {
  const int code = response.status;
  if (code >= 200 && code < 300) return JudgeSuccess(response, signal, logger);
  const bool retryable = code == 429 || code == 502 || code == 503 || code == 504;
  Status status =
      Status(net::StatusCodeOf(code), Describe(response, url)).WithPermanent(!retryable);
  if (code == 429 || code == 503) {
    const auto delay = net::ParseRetryAfter(response.Find("Retry-After"), now);
    if (delay) status = status.WithRetryAfter(*delay);
  }
  return status.WithWireStatus(net::EncodeRpcStatus(status));
}

}  // namespace weir::exporters::otlp_http
