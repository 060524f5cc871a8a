#include "exporters/otlp_http/sender.h"

#include <optional>

#include "exporters/otlp_http/answer.h"
#include "model/json/write.h"
#include "net/compression/compression.h"
#include "net/http_message.h"
#include "net/user_agent.h"
#include "pipeline/client_authenticator.h"

namespace weir::exporters::otlp_http {
namespace {

// Sets `name`, replacing what is there.
void SetHeader(net::ClientHeaders& headers, std::string name, std::string value) {
  for (auto& header : headers) {
    if (net::SameHeaderName(header.first, name)) {
      header.second = std::move(value);
      return;
    }
  }
  headers.emplace_back(std::move(name), std::move(value));
}

std::optional<model::Codec> CodecOf(net::Encoding encoding) {
  if (encoding == net::Encoding::kGzip) return model::Codec::kGzip;
  return std::nullopt;
}

}  // namespace

OtlpHttpSender::OtlpHttpSender(const OtlpHttpConfig& config, model::Signal signal, std::string url,
                               const pipeline::Settings& settings)
    : config_(config),
      signal_(signal),
      url_text_(std::move(url)),
      encoding_(config.client.compression.encoding()),
      level_(config.client.compression_params.level == 0 ? net::kDefaultLevel
                                                         : config.client.compression_params.level),
      settings_(settings),
      client_(config.client, settings.logger) {}

Status OtlpHttpSender::FindAuthenticator(pipeline::Host& host) {
  if (!config_.client.auth) return {};
  const Result<pipeline::ClientAuthenticator*> found =
      pipeline::FindClientAuthenticator(host, config_.client.auth->authenticator, "HTTP");
  if (!found) return found.error();
  authenticator_ = *found;
  return {};
}

Status OtlpHttpSender::Start(pipeline::Host& host) {
  Result<net::Url> url = net::ParseUrl(url_text_);
  if (!url) return url.error();
  url_ = std::move(*url);
  net::ClientHeaders headers = {
      {"User-Agent", net::UserAgent(settings_.build.description, settings_.build.version)},
      {"Content-Type", config_.encoding.json() ? "application/json" : "application/x-protobuf"},
      {"Accept-Encoding", "gzip"}};
  if (encoding_ != net::Encoding::kNone) {
    headers.emplace_back("Content-Encoding", net::EncodingName(encoding_));
  }
  for (const auto& [name, value] : config_.client.headers.items) {
    SetHeader(headers, name, value.reveal());
  }
  if (!config_.client.middlewares.empty()) {
    settings_.logger.Warn("middlewares of an HTTP client are not supported and have no effect");
  }
  WEIR_RETURN_IF_ERROR(client_.Start());
  target_ = client_.Prepare("POST", url_, std::move(headers));
  return FindAuthenticator(host);
}

Result<std::vector<Slice>> OtlpHttpSender::BodyOf(const model::Batch& batch) const {
  const bool json = config_.encoding.json();
  const bool as_it_came = !json && level_ == net::kDefaultLevel && !batch.compressed().empty() &&
                          CodecOf(encoding_) == batch.compressed_codec();
  if (as_it_came) return std::vector<Slice>{batch.compressed()};
  std::vector<Slice> parts;
  if (json) {
    std::string text;
    model::json::AppendJsonRequest(batch, text);
    parts.push_back(Slice::Copy(text, &settings_.memory));
  } else {
    parts.reserve(batch.runs().size());
    for (const model::Run& run : batch.runs()) parts.push_back(run.bytes());
  }
  if (encoding_ == net::Encoding::kNone) return parts;
  Result<Slice> packed = net::Compress(encoding_, level_, parts, &settings_.memory);
  if (!packed) return Fail(std::move(packed).error());
  return std::vector<Slice>{std::move(*packed)};
}

void OtlpHttpSender::Send(model::Batch batch, const pipeline::Context& context,
                          pipeline::Done done) {
  Result<std::vector<Slice>> body = BodyOf(batch);
  if (!body) return done(std::move(body).error());
  net::ClientRequest request;
  request.target = target_;
  request.body = std::move(*body);
  request.deadline = context.deadline;
  if (authenticator_ != nullptr) {
    Result<pipeline::Headers> credentials = authenticator_->Credentials();
    if (!credentials) return done(std::move(credentials).error());
    request.headers = std::move(*credentials);
  }
  client_.Call(std::move(request),
               [this, done = std::move(done)](Result<net::ClientResponse> response) mutable {
                 done(Answer(std::move(response)));
               });
}

Status OtlpHttpSender::Answer(Result<net::ClientResponse> response) const {
  if (!response) {
    return Status::Retryable("failed to make an HTTP request: Post \"" + url_.ToString() +
                             "\": " + response.error().message());
  }
  if (response->Find("Content-Encoding") == "gzip" && !response->body.empty()) {
    Result<Slice> plain = net::Decompress(net::Encoding::kGzip, Slice::Copy(response->body),
                                          net::ClientResponse::kBodyMax, settings_.memory);
    response->body = plain ? std::string(plain->view()) : std::string();
  }
  return Judge(*response, signal_, url_text_, settings_.logger, std::chrono::system_clock::now());
}

void OtlpHttpSender::Shutdown() { client_.Shutdown(); }

}  // namespace weir::exporters::otlp_http
