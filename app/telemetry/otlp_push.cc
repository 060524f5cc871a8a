#include "app/telemetry/otlp_push.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/compression/compression.h"
#include "net/http_client.h"
#include "net/url.h"

namespace weir::app {
namespace {

using std::chrono::milliseconds;
using Headers = std::vector<std::pair<std::string, std::string>>;

Status Refusal(std::string text) { return {StatusCode::kInvalidArgument, std::move(text)}; }

// `headers`, then those of `headers_list` ("a=1,b=2", values percent-encoded).
Headers HeadersOf(const OtlpTarget& target) {
  Headers headers;
  for (const auto& [name, value] : target.headers.items) headers.emplace_back(name, value.reveal());
  std::string_view list = target.headers_list ? std::string_view(*target.headers_list) : "";
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(item.size() + 1, list.size()));
    const size_t equals = item.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string value(item.substr(equals + 1));
    headers.emplace_back(item.substr(0, equals), net::PercentDecode(value).value_or(value));
  }
  return headers;
}

net::HttpClientConfig ClientConfigOf(const OtlpTarget& target, milliseconds timeout) {
  net::HttpClientConfig config;
  config.timeout = target.timeout ? milliseconds(*target.timeout) : timeout;
  config.tls.config.ca_file = target.certificate.value_or("");
  config.tls.config.cert_file = target.client_certificate.value_or("");
  config.tls.config.key_file = target.client_key.value_or("");
  return config;
}

class HttpPush final : public MetricPush {
 public:
  HttpPush(const OtlpTarget& target, net::Url url, bool gzip, milliseconds timeout,
           const Logger& logger)
      : url_(std::move(url)),
        gzip_(gzip),
        headers_(HeadersOf(target)),
        client_(ClientConfigOf(target, timeout), logger) {
    headers_.emplace_back("Content-Type", "application/x-protobuf");
    if (gzip_) headers_.emplace_back("Content-Encoding", "gzip");
  }

  Status Start() override { return client_.Start(); }
  void Push(model::Batch batch, UniqueFunction<void(Status)> done) override {
    net::ClientRequest request;
    request.url = url_;
    request.headers = headers_;
    for (const model::Run& run : batch.runs()) request.body.push_back(run.bytes());
    if (gzip_) {
      Result<Slice> packed =
          net::Compress(net::Encoding::kGzip, net::kDefaultLevel, request.body, nullptr);
      if (!packed) return done(std::move(packed).error());
      request.body = {std::move(*packed)};
    }
    client_.Call(std::move(request), [url = url_.ToString(), done = std::move(done)](
                                         Result<net::ClientResponse> response) mutable {
      if (!response) return done(response.error().WithPrefix("Post \"" + url + "\": "));
      if (response->status / 100 == 2) return done({});
      done(Status(StatusCode::kUnavailable,
                  url + " answered " + std::to_string(response->status) + ": " + response->body));
    });
  }
  void Shutdown() override { client_.Shutdown(); }

 private:
  const net::Url url_;
  const bool gzip_;
  Headers headers_;
  net::HttpClient client_;
};

void WarnOfPreferences(const OtlpTarget& target, const Logger& logger) {
  const auto warn = [&](const char* key, const std::optional<std::string>& value,
                        const char* only) {
    if (!value || value->empty() || *value == only) return;
    logger.Warn("Own metrics are not pushed so; the key has no effect",
                {{"key", key}, {"value", *value}, {"instead", only}});
  };
  warn("temporality_preference", target.temporality_preference, "cumulative");
  warn("default_histogram_aggregation", target.default_histogram_aggregation,
       "explicit_bucket_histogram");
}

}  // namespace

Result<std::unique_ptr<MetricPush>> MakeOtlpPush(const OtlpTarget& target, milliseconds timeout,
                                                 const Logger& logger) {
  const std::string protocol = target.protocol.value_or("");
  if (protocol == "grpc/protobuf" || protocol == "grpc") {
    return Fail(Refusal("protocol \"" + protocol +
                        "\" is not supported for own metrics; use http/protobuf"));
  }
  if (protocol != "http/protobuf")
    return Fail(Refusal("unsupported protocol \"" + protocol + "\""));
  Result<net::Url> url = net::ParseUrl(target.endpoint.value_or(""));
  if (!url) return Fail(std::move(url).error());
  if (url->scheme != "http" && url->scheme != "https") {
    return Fail(Refusal("endpoint \"" + target.endpoint.value_or("") +
                        "\" of own metrics must begin with http:// or https://"));
  }
  if (url->path.empty() || url->path == "/") url->path = "/v1/metrics";
  const std::string compression = target.compression.value_or("none");
  if (compression != "gzip" && compression != "none" && !compression.empty())
    return Fail(Refusal("unsupported compression \"" + compression + "\""));
  WarnOfPreferences(target, logger);
  return std::unique_ptr<MetricPush>(
      std::make_unique<HttpPush>(target, std::move(*url), compression == "gzip", timeout, logger));
}

}  // namespace weir::app
