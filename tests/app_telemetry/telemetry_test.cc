// The program's telemetry as a whole: readers, pages, pushes, and the words of what cannot start.
#include "app/telemetry/telemetry.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <map>

#include "app/telemetry/push_reader.h"
#include "base/config/yaml.h"
#include "base/mutex.h"
#include "model/check.h"
#include "net/http_server.h"
#include "tests/support/captured_log.h"
#include "tests/support/manual_executor.h"
#include "tests/support/raw_http.h"

namespace weir::app {
namespace {

TelemetryConfig ConfigOf(const std::string& yaml) {
  TelemetryConfig config;
  config::Problems problems;
  config.DecodeFrom(*config::ParseYaml(yaml, nullptr).value, problems);
  EXPECT_TRUE(problems.ok()) << problems.errors().front().ToString();
  return config;
}

// A port nobody listens on.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(fd);
  return ntohs(address.sin_port);
}

std::string PullReaders(int port, const std::string& level = "normal") {
  return "{logs: {level: fatal}, metrics: {level: " + level +
         ", readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: " +
         std::to_string(port) + "}}}}]}, resource: {team: weirs, service.version: null}}";
}

std::optional<tests::RawResponse> Get(int port, const std::string& path) {
  tests::RawHttp client(static_cast<uint16_t>(port));
  if (!client.Send("GET " + path + " HTTP/1.1\r\nHost: t\r\n\r\n")) return std::nullopt;
  return client.Receive();
}

// Why it does not start; empty when it does.
std::string Failure(const std::string& yaml) {
  ByteBudget memory(1 << 20);
  auto telemetry = Telemetry::Make(ConfigOf(yaml), {});
  if (!telemetry) return telemetry.error().message();
  const Status listening = (*telemetry)->Listen(memory);
  (*telemetry)->Shutdown();
  return listening.message();
}

TEST(Telemetry, ServesMetricsAndAddedPages) {
  const int port = FreePort();
  ByteBudget memory(1 << 20);
  auto telemetry = Telemetry::Make(ConfigOf(PullReaders(port)), {});
  ASSERT_TRUE(telemetry);
  MetricScope scope((*telemetry)->metrics());
  scope
      .AddCounter({"otelcol_receiver_accepted_spans", "Spans.", "{span}", MetricLevel::kBasic},
                  {{"receiver", "otlp"}})
      .Add(7);
  (*telemetry)->AddPage("/debug/ledger", [] { return std::string("{\"edges\":[]}"); });
  ASSERT_TRUE((*telemetry)->Listen(memory).ok());
  const auto metrics = Get(port, "/metrics");
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->status, 200);
  EXPECT_EQ(metrics->Header("Content-Type"),
            "text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
  for (const char* line :
       {"otelcol_receiver_accepted_spans{receiver=\"otlp\"} 7\n", "\nweir_memory_limit_bytes ",
        "service_name=\"weir\",team=\"weirs\"} 1\n", "# TYPE otelcol_process_uptime counter\n"}) {
    EXPECT_NE(metrics->body.find(line), std::string::npos) << line << metrics->body;
  }
  EXPECT_EQ(metrics->body.find("service_version"), std::string::npos);
  const auto ledger = Get(port, "/debug/ledger");
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->body, "{\"edges\":[]}");
  EXPECT_EQ(ledger->Header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(Get(port, "/")->status, 404);
  (*telemetry)->Shutdown();
  (*telemetry)->Shutdown();
  EXPECT_FALSE(tests::RawHttp(static_cast<uint16_t>(port)).ok());
}

TEST(Telemetry, OpensNothingAtLevelNone) {
  const int port = FreePort();
  ByteBudget memory(1 << 20);
  auto telemetry = Telemetry::Make(ConfigOf(PullReaders(port, "none")), {});
  ASSERT_TRUE(telemetry);
  ASSERT_TRUE((*telemetry)->Listen(memory).ok());
  EXPECT_FALSE(tests::RawHttp(static_cast<uint16_t>(port)).ok());
}

TEST(Telemetry, SaysInTheCollectorsWordsWhatCannotStart) {
  const std::map<std::string, std::string> words = {
      {"{logs: {encoding: xml}}",
       "failed to create logger: no encoder registered for name \"xml\""},
      {"{metrics: {readers: [{}]}}", "failed to create meter provider: no valid metric reader"},
      {"{metrics: {readers: [{pull: {}}]}}",
       "failed to create meter provider: no valid metric exporter"},
      {"{metrics: {readers: [{periodic: {interval: 1000}}]}}",
       "failed to create meter provider: no valid metric exporter"},
      {"{metrics: {readers: [{pull: {exporter: {prometheus: {port: 14010}}}}]}}",
       "failed to create meter provider: host must be specified"},
      {"{metrics: {readers: [{pull: {exporter: {prometheus: {host: localhost}}}}]}}",
       "failed to create meter provider: port must be specified"},
      {"{metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: -1}}}}]}}",
       "failed to create meter provider: binding address 127.0.0.1:-1 for Prometheus exporter: "
       "listen tcp: address -1: invalid port"},
      {"{metrics: {readers: [{pull: {exporter: {prometheus: {host: localhost, port: 14010}}}, "
       "periodic: {exporter: {console: {}}}}]}}",
       "failed to create meter provider: must not specify multiple metric reader type"},
      {"{metrics: {readers: [{periodic: {exporter: {otlp: {protocol: smtp, endpoint: "
       "'http://x:1'}}}}]}}",
       "failed to create meter provider: unsupported protocol \"smtp\""},
      {"{traces: {processors: [{batch: {exporter: {otlp: {protocol: carrier, endpoint: "
       "'http://x:1'}}}}]}}",
       "failed to create tracer provider: unsupported protocol \"carrier\""},
      {"{traces: {processors: [{batch: {}}]}}",
       "failed to create tracer provider: no valid span exporter"},
      {"{metrics: {level: detailed, views: [{selector: {unit: s}}]}}",
       "failed to create meter provider: service::telemetry::metrics::views::0::selector (without "
       "an instrument_name) is not supported; a view may drop, rename or describe metrics by "
       "instrument_name"},
  };
  for (const auto& [yaml, text] : words) EXPECT_EQ(Failure(yaml), text) << yaml;
}

TEST(Telemetry, ClosesItsReadersWhenALaterOneCannotOpen) {
  const int port = FreePort();
  const std::string reader =
      "{pull: {exporter: {prometheus: {host: 127.0.0.1, port: " + std::to_string(port) + "}}}}";
  EXPECT_EQ(Failure("{metrics: {readers: [" + reader + ", " + reader + "]}}"),
            "failed to create meter provider: binding address 127.0.0.1:" + std::to_string(port) +
                " for Prometheus exporter: listen tcp 127.0.0.1:" + std::to_string(port) +
                ": bind: address already in use");
  EXPECT_FALSE(tests::RawHttp(static_cast<uint16_t>(port)).ok());
}

// A backend that keeps the requests it gets.
class Backend : public net::HttpHandler {
 public:
  struct Request {
    std::string path, type, api_key, body;
  };
  Backend() {
    net::HttpServerConfig config;
    config.endpoint = "127.0.0.1:0";
    server_ = std::make_unique<net::HttpServer>(config, *this, budget_, Logger());
    EXPECT_TRUE(server_->Start().ok());
  }
  ~Backend() override { server_->Shutdown(); }
  void OnRequest(net::HttpRequest request, net::HttpResponder responder) override {
    {
      MutexLock lock(mutex_);
      requests_.push_back(
          {std::string(request.head->path), std::string(request.head->Find("Content-Type")),
           std::string(request.head->Find("api-key")), std::string(request.body.view())});
    }
    responder.Respond(net::HttpResponse::Text(status, "no"));
  }
  std::vector<Request> requests() {
    MutexLock lock(mutex_);
    return requests_;
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  std::atomic<int> status{200};

 private:
  ByteBudget budget_{64 << 20};
  Mutex mutex_;
  std::vector<Request> requests_ GUARDED_BY(mutex_);
  std::unique_ptr<net::HttpServer> server_;
};

TEST(Telemetry, PushesOnceMoreWhenItEnds) {
  Backend backend;
  ByteBudget memory(1 << 20);
  auto telemetry = Telemetry::Make(
      ConfigOf(
          "{logs: {level: fatal}, metrics: {readers: [{periodic: {interval: 3600000, exporter: "
          "{otlp: {protocol: http/protobuf, compression: gzip, headers: {api-key: k}, endpoint: "
          "'" +
          backend.url() + "'}}}}]}}"),
      {});
  ASSERT_TRUE(telemetry);
  ASSERT_TRUE((*telemetry)->Listen(memory).ok());
  (*telemetry)->Shutdown();
  const auto requests = backend.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].path, "/v1/metrics");
  EXPECT_EQ(requests[0].type, "application/x-protobuf");
  EXPECT_EQ(requests[0].api_key, "k");
  const auto batch = model::CheckRequest(model::Signal::kMetrics, Slice::Copy(requests[0].body));
  ASSERT_TRUE(batch);
  EXPECT_GE(batch->items(), 10u);
}

TEST(PushReader, PushesEveryIntervalAndTellsOfFailures) {
  Backend backend;
  backend.status = 500;
  tests::ManualExecutor executor;
  auto log = std::make_shared<tests::CapturedLog>();
  PeriodicReader config;
  config.interval = 500;
  config.exporter.otlp.emplace();
  config.exporter.otlp->protocol = "http/protobuf";
  config.exporter.otlp->endpoint = backend.url() + "/otlp/metrics";
  int collected = 0;
  const auto collect = [&collected] {
    ++collected;
    return model::Batch(model::Signal::kMetrics);
  };
  auto reader = MakePushReader(config, collect, executor, Logger(log));
  ASSERT_TRUE(reader) << reader.error().message();
  ASSERT_TRUE((*reader)->Start().ok());
  executor.Advance(std::chrono::milliseconds(499));
  EXPECT_EQ(collected, 0);
  executor.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(collected, 1);
  (*reader)->Shutdown();
  EXPECT_EQ(collected, 2);
  executor.Advance(std::chrono::seconds(10));
  EXPECT_EQ(collected, 2);
  ASSERT_EQ(backend.requests().size(), 2u);
  EXPECT_EQ(backend.requests()[0].path, "/otlp/metrics");
  EXPECT_EQ(log->Count("Pushing own metrics failed"), 2u);
}

TEST(PushReader, PushesByGrpcAndTellsWhatTheTransportSays) {
  tests::ManualExecutor executor;
  auto log = std::make_shared<tests::CapturedLog>();
  PeriodicReader config;
  config.exporter.otlp.emplace();
  config.exporter.otlp->protocol = "grpc/protobuf";
  const std::string address = "127.0.0.1:" + std::to_string(FreePort());
  config.exporter.otlp->endpoint = "http://" + address;
  auto reader = MakePushReader(
      config, [] { return model::Batch(model::Signal::kMetrics); }, executor, Logger(log));
  ASSERT_TRUE(reader) << reader.error().message();
  ASSERT_TRUE((*reader)->Start().ok());
  (*reader)->Shutdown();
  ASSERT_EQ(log->Count("Pushing own metrics failed"), 1u);
  const auto lines = log->lines();
  const auto& error = std::get<std::string>(lines.back().fields.at(0).value);
  EXPECT_NE(error.find(address), std::string::npos) << error;
}

TEST(PushReader, RefusesWhatItCannotDo) {
  tests::ManualExecutor executor;
  const auto failure = [&](const std::string& protocol, const std::string& compression) {
    PeriodicReader config;
    config.exporter.otlp.emplace();
    config.exporter.otlp->protocol = protocol;
    config.exporter.otlp->endpoint = "http://localhost:4318";
    config.exporter.otlp->compression = compression;
    auto reader = MakePushReader(
        config, [] { return model::Batch(model::Signal::kMetrics); }, executor, Logger());
    return reader ? std::string() : reader.error().message();
  };
  EXPECT_EQ(failure("http/protobuf", "zstd"), "unsupported compression \"zstd\"");
  EXPECT_EQ(failure("http/protobuf", "gzip"), "");
  EXPECT_EQ(failure("grpc/protobuf", "gzip"), "");
  EXPECT_EQ(failure("http/json", ""), "unsupported protocol \"http/json\"");
}

}  // namespace
}  // namespace weir::app
