// Sends batches as OTLP over HTTP: one POST per attempt.
//
// The body is the batch's own slices, or their compressed form; a batch that came in compressed and
// was not changed leaves as it came when the codec is the same.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporters/otlp_http/config.h"
#include "net/http_client.h"
#include "pipeline/component.h"
#include "pipeline/exporter_helper.h"
#include "pipeline/extension.h"

namespace weir::exporters::otlp_http {

class OtlpHttpSender final : public pipeline::Sender {
 public:
  // `url` is where batches of `signal` go.
  OtlpHttpSender(const OtlpHttpConfig& config, model::Signal signal, std::string url,
                 const pipeline::Settings& settings);

  Status Start(pipeline::Host& host) override;
  void Send(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override;
  void Shutdown() override;

 private:
  Result<std::vector<Slice>> BodyOf(const model::Batch& batch) const;
  Status FindAuthenticator(pipeline::Host& host);
  Status Answer(Result<net::ClientResponse> response) const;

  const OtlpHttpConfig config_;
  const model::Signal signal_;
  const std::string url_text_;
  const net::Encoding encoding_;
  const int level_;
  const pipeline::Settings settings_;
  net::Url url_;  // this and target_ are set by Start
  net::ClientTargetPtr target_;
  pipeline::ClientAuthenticator* authenticator_ = nullptr;
  net::HttpClient client_;
};

}  // namespace weir::exporters::otlp_http
