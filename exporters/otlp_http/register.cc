#include <memory>
#include <utility>

#include "exporters/otlp_http/config.h"
#include "exporters/otlp_http/sender.h"
#include "pipeline/exporter_helper.h"
#include "pipeline/registry.h"

namespace weir::exporters::otlp_http {
namespace {

// What the sent metrics say of the backend.
MetricLabels LabelsOf(const std::string& url_text) {
  const Result<net::Url> url = net::ParseUrl(url_text);
  if (!url) return {};
  return {{"server_address", url->host},
          {"server_port", url->port_or_default()},
          {"url_path", url->path}};
}

Result<std::unique_ptr<pipeline::Exporter>> Create(const pipeline::Settings& settings,
                                                   const pipeline::ComponentConfig& any_config,
                                                   model::Signal signal) {
  const auto& config = pipeline::ConfigAs<OtlpHttpConfig>(any_config);
  Result<std::string> url = config.UrlOf(signal);
  if (!url) return Fail(std::move(url).error());
  pipeline::ExporterOptions options;
  // The client keeps the time of a whole call.
  options.timeout.timeout = config::Duration(0);
  options.retry = config.retry;
  options.queue = config.queue;
  options.sent_labels = LabelsOf(*url);
  auto sender = std::make_unique<OtlpHttpSender>(config, signal, std::move(*url), settings);
  return pipeline::MakeExporter(settings, signal, std::move(options), std::move(sender));
}

}  // namespace
}  // namespace weir::exporters::otlp_http

void Register_exporters_otlp_http(weir::pipeline::Registry& registry);

void Register_exporters_otlp_http(weir::pipeline::Registry& registry) {
  using weir::exporters::otlp_http::Create;
  using weir::exporters::otlp_http::OtlpHttpConfig;
  weir::pipeline::ExporterFactory factory;
  factory.type = "otlp_http";
  factory.aliases = {"otlphttp"};
  factory.stability = weir::pipeline::Stability::All("Stable");
  factory.new_config = weir::pipeline::NewConfig<OtlpHttpConfig>;
  factory.create = &Create;
  registry.Add(std::move(factory));
}
