#include "app/telemetry/otlp_push.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/compression/compression.h"
#include "net/grpc_client/grpc_client.h"
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

net::TlsConfig TlsOf(const OtlpTarget& target) {
  net::TlsConfig tls;
  tls.ca_file = target.certificate.value_or("");
  tls.cert_file = target.client_certificate.value_or("");
  tls.key_file = target.client_key.value_or("");
  return tls;
}

net::HttpClientConfig HttpConfigOf(const OtlpTarget& target, milliseconds timeout) {
  net::HttpClientConfig config;
  config.timeout = timeout;
  config.tls.config = TlsOf(target);
  return config;
}

net::GrpcClientConfig GrpcConfigOf(const OtlpTarget& target) {
  net::GrpcClientConfig config;
  config.endpoint = target.endpoint.value_or("");
  config.compression.name = target.compression.value_or("none");
  config.tls.config = TlsOf(target);
  const bool https = config.endpoint.starts_with("https://");
  config.tls.insecure =
      config.endpoint.starts_with("http://") || (!https && target.insecure.value_or(false));
  return config;
}

class HttpPush final : public MetricPush {
 public:
  HttpPush(const OtlpTarget& target, net::Url url, bool gzip, milliseconds timeout,
           const Logger& logger)
      : url_(std::move(url)),
        gzip_(gzip),
        headers_(HeadersOf(target)),
        client_(HttpConfigOf(target, timeout), logger) {
    headers_.emplace_back("Content-Type", "application/x-protobuf");
    if (gzip_) headers_.emplace_back("Content-Encoding", "gzip");
  }

  Status Start() override {
    WEIR_RETURN_IF_ERROR(client_.Start());
    target_ = client_.Prepare("POST", url_, headers_);
    return {};
  }
  void Push(model::Batch batch, UniqueFunction<void(Status)> done) override {
    net::ClientRequest request;
    request.target = target_;
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
  net::ClientTargetPtr target_;  // set by Start
};

class GrpcPush final : public MetricPush {
 public:
  GrpcPush(const OtlpTarget& target, milliseconds timeout, const Logger& logger)
      : timeout_(timeout),
        headers_(HeadersOf(target)),
        client_(GrpcConfigOf(target), "Weir", logger, nullptr) {}

  Status Start() override { return client_.Start(); }
  void Push(model::Batch batch, UniqueFunction<void(Status)> done) override {
    net::GrpcRequest request;
    request.method = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    request.metadata = headers_;
    for (const model::Run& run : batch.runs()) request.body.push_back(run.bytes());
    request.deadline = std::chrono::steady_clock::now() + timeout_;
    client_.Call(std::move(request), [done = std::move(done)](Result<Slice> answer) mutable {
      done(answer ? Status() : std::move(answer).error());
    });
  }
  void Shutdown() override { client_.Shutdown(); }

 private:
  const milliseconds timeout_;
  const Headers headers_;
  net::GrpcClient client_;
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

// `endpoint` as a URL of http or https; /v1/metrics when it has no path.
Result<net::Url> HttpUrlOf(const OtlpTarget& target) {
  Result<net::Url> url = net::ParseUrl(target.endpoint.value_or(""));
  if (!url) return url;
  if (url->scheme != "http" && url->scheme != "https") {
    return Fail(Refusal("endpoint \"" + target.endpoint.value_or("") +
                        "\" of own metrics must begin with http:// or https://"));
  }
  if (url->path.empty() || url->path == "/") url->path = "/v1/metrics";
  return url;
}

}  // namespace

Result<std::unique_ptr<MetricPush>> MakeOtlpPush(const OtlpTarget& target, milliseconds timeout,
                                                 const Logger& logger) {
  const std::string protocol = target.protocol.value_or("");
  const bool grpc = protocol == "grpc/protobuf" || protocol == "grpc";
  if (!grpc && protocol != "http/protobuf")
    return Fail(Refusal("unsupported protocol \"" + protocol + "\""));
  const std::string compression = target.compression.value_or("none");
  if (compression != "gzip" && compression != "none" && !compression.empty())
    return Fail(Refusal("unsupported compression \"" + compression + "\""));
  if (target.timeout) timeout = milliseconds(*target.timeout);
  WarnOfPreferences(target, logger);
  if (grpc) return std::make_unique<GrpcPush>(target, timeout, logger);
  Result<net::Url> url = HttpUrlOf(target);
  if (!url) return Fail(std::move(url).error());
  return std::make_unique<HttpPush>(target, std::move(*url), compression == "gzip", timeout,
                                    logger);
}

}  // namespace weir::app
