#include "receivers/otlp/http_media.h"

#include <cctype>
#include <chrono>
#include <vector>

#include "net/status_mapping.h"
#include "net/url.h"
#include "receivers/otlp/server_common.h"

namespace weir::receivers::otlp {
namespace {

constexpr std::string_view kProtobuf = "application/x-protobuf";
constexpr std::string_view kJson = "application/json";

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool IsToken(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f ||
        std::string_view("()<>@,;:\\\"/[]?=").find(c) != std::string_view::npos) {
      return false;
    }
  }
  return !text.empty();
}

// Takes `; name=value` from the front of `text`; false when something else stands there.
bool TakeParameter(std::string_view& text) {
  text.remove_prefix(1);
  text = Trimmed(text);
  if (text.empty()) return true;
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || !IsToken(Trimmed(text.substr(0, equals)))) return false;
  text = Trimmed(text.substr(equals + 1));
  if (text.starts_with('"')) {
    size_t end = 1;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    if (end >= text.size()) return false;
    text = Trimmed(text.substr(end + 1));
  } else {
    const size_t end = std::min(text.find(';'), text.size());
    if (!IsToken(Trimmed(text.substr(0, end)))) return false;
    text.remove_prefix(end);
  }
  return text.empty() || text.front() == ';';
}

}  // namespace

std::string_view MediaName(Media media) { return media == Media::kJson ? kJson : kProtobuf; }

std::optional<Media> ParseMedia(std::string_view content_type) {
  // Nearly every request says exactly one of these.
  if (content_type == kProtobuf) return Media::kProtobuf;
  if (content_type == kJson) return Media::kJson;
  std::string_view rest =
      content_type.substr(std::min(content_type.find(';'), content_type.size()));
  const std::string_view name = Trimmed(content_type.substr(0, content_type.find(';')));
  while (!rest.empty()) {
    if (!TakeParameter(rest)) return std::nullopt;
  }
  if (net::SameHeaderName(name, kProtobuf)) return Media::kProtobuf;
  if (net::SameHeaderName(name, kJson)) return Media::kJson;
  return std::nullopt;
}

net::HttpResponse ErrorResponse(Media media, int http_status, const Status& status) {
  net::HttpResponse response;
  response.status = http_status;
  response.content_type = MediaName(media);
  response.body = Slice::Copy(media == Media::kJson ? net::EncodeRpcStatusJson(status)
                                                    : net::EncodeRpcStatus(status));
  return response;
}

net::HttpResponse ErrorResponse(const net::HttpHead& head, int http_status, const Status& status) {
  const std::string_view type = head.Find("Content-Type");
  const std::optional<Media> media = type.empty() ? Media::kJson : ParseMedia(type);
  if (media) return ErrorResponse(*media, http_status, status);
  return net::HttpResponse::Text(
      500, "{\"code\": 13, \"message\": \"failed to marshal error message\"}", kJson);
}

net::HttpResponse PipelineErrorResponse(Media media, const Status& status) {
  const Status shown = ClientStatus(status);
  const int http_status = net::HttpStatusOf(shown.code());
  net::HttpResponse response = ErrorResponse(media, http_status, shown);
  if (shown.retry_after() && (http_status == 429 || http_status == 503)) {
    // A backend's delay is cut to whole seconds, as upstream does; our own is rounded up.
    const auto delay = shown.wire_status().empty()
                           ? *shown.retry_after()
                           : std::chrono::floor<std::chrono::seconds>(*shown.retry_after());
    response.headers.emplace_back("Retry-After", net::FormatRetryAfter(delay));
  }
  return response;
}

net::HttpResponse SuccessResponse(Media media) {
  // An empty partial_success is present, as upstream answers.
  static const Slice kProtobufBody = Slice::Copy(std::string_view("\x0a\x00", 2));
  static const Slice kJsonBody = Slice::Copy(R"({"partialSuccess":{}})");
  net::HttpResponse response;
  response.content_type = MediaName(media);
  response.body = media == Media::kJson ? kJsonBody : kProtobufBody;
  return response;
}

std::optional<std::string> CleanPath(std::string_view path) {
  const std::optional<std::string> decoded = net::PercentDecode(path);
  if (!decoded) return std::nullopt;
  std::vector<std::string_view> parts;
  std::string_view rest = *decoded;
  while (!rest.empty()) {
    const size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  std::string clean;
  for (const std::string_view part : parts) clean.append("/").append(part);
  if (clean.empty() || decoded->ends_with('/')) clean += '/';
  return clean;
}

}  // namespace weir::receivers::otlp
