// Options of the otlp_http exporter: those of an HTTP client, a URL per signal, and what every
// exporter has.
#pragma once

#include <string>
#include <string_view>

#include "base/config/fields.h"
#include "base/status.h"
#include "model/signal.h"
#include "net/http_config.h"
#include "net/url.h"
#include "pipeline/exporter_config.h"

namespace weir::exporters::otlp_http {

// `encoding`: proto or json.
struct EncodingName {
  std::string name = "proto";
  static std::string_view GoType() { return "otlphttpexporter.EncodingType"; }
  bool FromText(std::string_view text, std::string* error);
  std::string ToText() const { return name; }
  bool json() const { return name == "json"; }
};

struct OtlpHttpConfig {
  static constexpr std::string_view kTypeName = "otlphttpexporter.Config";

  net::HttpClientConfig client = DefaultClient();
  config::Optional<pipeline::QueueConfig> queue = config::Optional<pipeline::QueueConfig>::On();
  pipeline::RetryConfig retry;
  // Verbatim URLs, instead of `endpoint` with a path added.
  std::string traces_endpoint;
  std::string metrics_endpoint;
  std::string logs_endpoint;
  std::string profiles_endpoint;  // read and unused
  EncodingName encoding;

  // Where a signal goes. kInvalidArgument with the Collector's text: `either endpoint or
  // logs_endpoint must be specified`, `endpoint must be a valid URL`.
  Result<std::string> UrlOf(model::Signal signal) const;

  void Fields(config::Fields& f);
  // Whether `auth.authenticator` reads as an id, which net/ cannot know.
  void Decoded(const config::Value& written, const config::Checker& check);
  void Validate(const config::Checker& check) const;

 private:
  static net::HttpClientConfig DefaultClient();
};

}  // namespace weir::exporters::otlp_http
