#include "app/telemetry/telemetry.h"

#include <optional>
#include <utility>
#include <vector>

#include "app/telemetry/log_sink.h"
#include "app/telemetry/metric_otlp.h"
#include "app/telemetry/metric_page.h"
#include "app/telemetry/page_server.h"
#include "app/telemetry/process_metrics.h"
#include "app/telemetry/push_reader.h"
#include "app/telemetry/resource.h"
#include "app/telemetry/trace_providers.h"
#include "app/telemetry/views.h"
#include "base/check.h"
#include "base/clock.h"

namespace weir::app {
namespace {

Status Refusal(std::string text) { return {StatusCode::kInvalidArgument, std::move(text)}; }

MetricLevel StoreLevel(MetricsLevel level) {
  switch (level) {
    case MetricsLevel::kNone:
      return MetricLevel::kNone;
    case MetricsLevel::kBasic:
      return MetricLevel::kBasic;
    case MetricsLevel::kNormal:
      return MetricLevel::kNormal;
    case MetricsLevel::kDetailed:
      return MetricLevel::kDetailed;
  }
  return MetricLevel::kNormal;
}

class ServiceTelemetry final : public Telemetry {
 public:
  ServiceTelemetry(const TelemetryConfig& config, ResourceAttributes resource,
                   std::shared_ptr<LogSink> sink)
      : config_(config),
        resource_(std::move(resource)),
        started_at_(Clock::Real().WallNow()),
        logger_(std::move(sink)),
        store_(StoreLevel(config.metrics.level)) {}
  ~ServiceTelemetry() override { Shutdown(); }

  const Logger& logger() const override { return logger_; }
  MetricStore& metrics() override { return store_; }

  void AddPage(std::string path, std::function<std::string()> render) override {
    CHECK(!process_) << "pages are added before Listen";
    pages_[std::move(path)] = {"application/json; charset=utf-8", std::move(render)};
  }
  Status Listen(ByteBudget& memory) override;
  void Shutdown() override;

 private:
  Status OpenReaders(ByteBudget& memory);
  Status OpenPull(const PullReader& reader, ByteBudget& memory);
  Status OpenPeriodic(const PeriodicReader& reader);
  void CloseReaders();
  std::vector<MetricStore::Family> Collect() const {
    std::vector<MetricStore::Family> families = store_.Collect();
    views_.Apply(families);
    return families;
  }

  // Constant after construction.
  const TelemetryConfig config_;
  const ResourceAttributes resource_;
  const Clock::Wall started_at_;
  const Logger logger_;

  // Constant after Listen.
  MetricViews views_;
  Pages pages_;

  MetricStore store_;
  std::optional<ProcessMetrics> process_;
  std::unique_ptr<ThreadPool> timers_;  // of the periodic readers
  std::vector<std::unique_ptr<PageServer>> pages_served_;
  std::vector<std::unique_ptr<PushReader>> pushes_;
};

Status ServiceTelemetry::Listen(ByteBudget& memory) {
  CHECK(!process_) << "Listen is called once";
  if (const Status traces = CheckTraceProviders(config_.traces, logger_); !traces.ok())
    return traces.WithPrefix("failed to create tracer provider: ");
  process_.emplace(store_, memory);
  if (config_.metrics.level == MetricsLevel::kNone) return {};
  Status opened = OpenReaders(memory);
  if (opened.ok()) return opened;
  CloseReaders();
  return opened.WithPrefix("failed to create meter provider: ");
}

Status ServiceTelemetry::OpenReaders(ByteBudget& memory) {
  Result<MetricViews> views = MetricViews::Make(config_.metrics.views);
  if (!views) return std::move(views).error();
  views_ = std::move(*views);
  for (const MetricReader& reader : config_.metrics.readers) {
    if (reader.pull && reader.periodic)
      return Refusal("must not specify multiple metric reader type");
    if (!reader.pull && !reader.periodic) return Refusal("no valid metric reader");
    WEIR_RETURN_IF_ERROR(reader.pull ? OpenPull(*reader.pull, memory)
                                     : OpenPeriodic(*reader.periodic));
  }
  return {};
}

Status ServiceTelemetry::OpenPull(const PullReader& reader, ByteBudget& memory) {
  if (!reader.exporter.prometheus) return Refusal("no valid metric exporter");
  const PrometheusReader& page = *reader.exporter.prometheus;
  if (!page.host) return Refusal("host must be specified");
  if (!page.port) return Refusal("port must be specified");
  Result<PageOptions> options = MakePageOptions(page, resource_);
  if (!options) return std::move(options).error();
  Pages pages = pages_;
  pages["/metrics"] = {kMetricPageType, [this, shown = std::move(*options)] {
                         return RenderMetricPage(Collect(), shown);
                       }};
  const bool ipv6 = page.host->find(':') != std::string::npos;
  const std::string host = ipv6 ? "[" + *page.host + "]" : *page.host;
  auto server = std::make_unique<PageServer>(host + ":" + std::to_string(*page.port),
                                             std::move(pages), memory, logger_);
  WEIR_RETURN_IF_ERROR(server->Start());
  pages_served_.push_back(std::move(server));
  return {};
}

Status ServiceTelemetry::OpenPeriodic(const PeriodicReader& reader) {
  if (!timers_) timers_ = std::make_unique<ThreadPool>("telemetry", 1);
  const auto collect = [this] {
    return MakeMetricBatch(Collect(), resource_, {started_at_, Clock::Real().WallNow()});
  };
  Result<std::unique_ptr<PushReader>> push = MakePushReader(reader, collect, *timers_, logger_);
  if (!push) return std::move(push).error();
  WEIR_RETURN_IF_ERROR((*push)->Start());
  pushes_.push_back(std::move(*push));
  return {};
}

void ServiceTelemetry::CloseReaders() {
  for (const auto& push : pushes_) push->Shutdown();
  for (const auto& server : pages_served_) server->Shutdown();
  // Timers may still hold on to the readers.
  timers_.reset();
  pushes_.clear();
  pages_served_.clear();
}

void ServiceTelemetry::Shutdown() {
  CloseReaders();
  if (logger_.sink() != nullptr) logger_.sink()->Flush();
}

}  // namespace

Result<std::unique_ptr<Telemetry>> Telemetry::Make(const TelemetryConfig& config,
                                                   const pipeline::BuildInfo& build) {
  ResourceAttributes resource = MakeResource(config, build);
  Result<std::shared_ptr<LogSink>> sink = OpenLogSink(config.logs, resource);
  if (!sink) return Fail(sink.error().WithPrefix("failed to create logger: "));
  return std::unique_ptr<Telemetry>(
      std::make_unique<ServiceTelemetry>(config, std::move(resource), std::move(*sink)));
}

}  // namespace weir::app
