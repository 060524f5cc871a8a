#include "exporters/otlp_http/answer.h"

#include <optional>

#include "model/json/responses.h"
#include "model/wire.h"
#include "net/http_message.h"
#include "net/status_mapping.h"

namespace weir::exporters::otlp_http {
namespace {

using model::json::PartialSuccess;

std::string_view DroppedName(model::Signal signal) {
  switch (signal) {
    case model::Signal::kTraces:
      return "dropped_spans";
    case model::Signal::kMetrics:
      return "dropped_data_points";
    case model::Signal::kLogs:
      break;
  }
  return "dropped_log_records";
}

// Export*ServiceResponse { partial_success = 1 { rejected_* = 1, error_message = 2 } }
Result<PartialSuccess> ReadProtobuf(std::string_view body) {
  const auto broken = [] { return Fail(Status(StatusCode::kInvalidArgument, "unexpected EOF")); };
  PartialSuccess partial;
  model::WireReader response(body);
  while (response.Next()) {
    if (response.tag() != model::BytesTag(1)) continue;
    model::WireReader inner(response.bytes());
    while (inner.Next()) {
      if (inner.tag() == model::VarintTag(1)) partial.rejected = inner.Int64();
      if (inner.tag() == model::BytesTag(2)) partial.message = inner.bytes();
    }
    if (inner.malformed()) return broken();
  }
  if (response.malformed()) return broken();
  return partial;
}

Status JudgeSuccess(const net::ClientResponse& response, model::Signal signal,
                    const Logger& logger) {
  const std::string_view header = response.Find("Content-Type");
  const std::string_view type = header.substr(0, header.find(';'));
  const bool json = net::SameHeaderName(type, "application/json");
  if (!json && !net::SameHeaderName(type, "application/x-protobuf")) return {};
  if (response.body.empty()) return {};
  Result<PartialSuccess> partial =
      json ? model::json::ReadResponse(signal, response.body) : ReadProtobuf(response.body);
  if (!partial) {
    return Status::Retryable(std::string("error parsing ") + (json ? "json" : "protobuf") +
                             " response: " + partial.error().message());
  }
  if (partial->rejected != 0 || !partial->message.empty()) {
    logger.Warn("Partial success response",
                {{"message", partial->message}, {DroppedName(signal), partial->rejected}});
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
