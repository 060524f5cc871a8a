#include "exporters/otlp_http/config.h"

#include "pipeline/component_id.h"

namespace weir::exporters::otlp_http {

bool EncodingName::FromText(std::string_view text, std::string* error) {
  if (text != "proto" && text != "json") {
    *error = "invalid encoding type: " + std::string(text);
    return false;
  }
  name = text;
  return true;
}

Result<std::string> OtlpHttpConfig::UrlOf(model::Signal signal) const {
  const auto bad = [](std::string text) {
    return Fail(Status(StatusCode::kInvalidArgument, std::move(text)));
  };
  const std::string name(model::SignalName(signal));
  if (!client.endpoint.empty() && !net::ParseUrl(client.endpoint)) {
    return bad("endpoint must be a valid URL");
  }
  const std::string& own = signal == model::Signal::kTraces    ? traces_endpoint
                           : signal == model::Signal::kMetrics ? metrics_endpoint
                                                               : logs_endpoint;
  if (!own.empty()) {
    if (!net::ParseUrl(own)) return bad(name + "_endpoint must be a valid URL");
    return own;
  }
  if (client.endpoint.empty()) {
    return bad("either endpoint or " + name + "_endpoint must be specified");
  }
  return client.endpoint + (client.endpoint.ends_with('/') ? "v1/" : "/v1/") + name;
}

void OtlpHttpConfig::Fields(config::Fields& f) {
  f.Squash("clientconfig", client);
  f("sending_queue", queue);
  f("retry_on_failure", retry);
  f("traces_endpoint", traces_endpoint);
  f("metrics_endpoint", metrics_endpoint);
  f("logs_endpoint", logs_endpoint);
  f("profiles_endpoint", profiles_endpoint);
  f("encoding", encoding);
}

void OtlpHttpConfig::Decoded(const config::Value&, const config::Checker& check) {
  if (client.auth) pipeline::CheckReference("authenticator", client.auth->authenticator, check);
}

void OtlpHttpConfig::Validate(const config::Checker& check) const {
  if (client.endpoint.empty() && traces_endpoint.empty() && metrics_endpoint.empty() &&
      logs_endpoint.empty() && profiles_endpoint.empty()) {
    check.Error("at least one endpoint must be specified");
  }
}

net::HttpClientConfig OtlpHttpConfig::DefaultClient() {
  net::HttpClientConfig client;
  client.timeout = std::chrono::seconds(30);
  client.compression.name = "gzip";
  client.write_buffer_size = 512 * 1024;
  return client;
}

}  // namespace weir::exporters::otlp_http
