// What OTLP/HTTP requests and answers look like: media types, paths, error bodies.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "net/http_message.h"

namespace weir::receivers::otlp {

enum class Media : uint8_t { kProtobuf, kJson };

std::string_view MediaName(Media media);  // "application/x-protobuf", "application/json"

// Of a Content-Type, its parameters ignored; nothing for any other type and for what is no media
// type at all.
std::optional<Media> ParseMedia(std::string_view content_type);

// A google.rpc.Status in the request's encoding, with Retry-After where a delay is known. Upstream
// cannot say anything to a client of another media type: 500.
net::HttpResponse ErrorResponse(const net::HttpHead& head, int http_status, const Status& status);
net::HttpResponse ErrorResponse(Media media, int http_status, const Status& status);
// Of what a pipeline answered.
net::HttpResponse PipelineErrorResponse(Media media, const Status& status);
net::HttpResponse SuccessResponse(Media media);

// `path` decoded and without `//`, `/./` and `/../`, as Go's ServeMux redirects to; nothing for a
// broken escape.
std::optional<std::string> CleanPath(std::string_view path);

}  // namespace weir::receivers::otlp
