// What a backend's HTTP answer means for the exporter (OTLP specification, "OTLP/HTTP Response").
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/status.h"
#include "model/signal.h"
#include "net/http_client.h"

namespace weir::exporters::otlp_http {

// OK for every 2xx, unless its body has an OTLP media type and does not parse: retryable then. 429,
// 502, 503 and 504 are retryable, with the delay of Retry-After on 429 and 503; everything else is
// permanent. A partial success is logged as a warning and is OK.
Status Judge(const net::ClientResponse& response, model::Signal signal, const std::string& url,
             const Logger& logger, std::chrono::system_clock::time_point now);

}  // namespace weir::exporters::otlp_http
