#include "exporters/otlp_http/sender.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "exporters/otlp_http/answer.h"
#include "model/check.h"
#include "net/http_server.h"
#include "net/status_mapping.h"

namespace weir::exporters::otlp_http {
namespace {

constexpr std::string_view kOneLog("\x0a\x0a\x12\x08\x12\x06\x2a\x04\x0a\x02hi", 12);

class Backend final : public net::HttpHandler {
 public:
  void OnRequest(net::HttpRequest request, net::HttpResponder responder) override {
    for (const auto& [name, value] : request.head->headers) headers.emplace_back(name, value);
    path = request.head->path;
    body = request.body.view();
    compressed = request.compressed.view();
    responder.Respond(answer);
  }
  std::string Header(std::string_view name) const {
    for (const auto& header : headers) {
      if (net::SameHeaderName(header.first, name)) return header.second;
    }
    return {};
  }
  std::vector<std::pair<std::string, std::string>> headers;
  std::string path, body, compressed;
  net::HttpResponse answer;
};

class NoHost final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const pipeline::ComponentId&) override { return nullptr; }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}
};

class SenderTest : public testing::Test {
 protected:
  void SetUp() override {
    net::HttpServerConfig server;
    server.endpoint = "127.0.0.1:0";
    server_ = std::make_unique<net::HttpServer>(server, backend_, budget_, Logger(), pool_);
    ASSERT_TRUE(server_->Start().ok());
    build_.version = "1.2.3";
  }
  void TearDown() override {
    if (sender_) sender_->Shutdown();
    sender_.reset();
    server_->Shutdown();
  }
  Status Send(OtlpHttpConfig config, model::Batch batch) {
    config.client.endpoint = "http://" + server_->address();
    const pipeline::Settings settings{{"otlp_http", ""}, Logger(), nullptr,
                                      executor_,         budget_,  build_};
    sender_ = std::make_unique<OtlpHttpSender>(config, model::Signal::kLogs,
                                               *config.UrlOf(model::Signal::kLogs), settings);
    if (Status started = sender_->Start(host_); !started.ok()) return started;
    std::promise<Status> answer;
    sender_->Send(std::move(batch), {},
                  [&](Status status) { answer.set_value(std::move(status)); });
    return answer.get_future().get();
  }
  model::Batch OneLog() { return *model::CheckRequest(model::Signal::kLogs, Slice::Copy(kOneLog)); }

  ByteBudget budget_{64 << 20};
  ThreadPool executor_{"test", 1};
  pipeline::BuildInfo build_;
  NoHost host_;
  Backend backend_;
  std::shared_ptr<net::IoPool> pool_ = std::make_shared<net::IoPool>(1);
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<OtlpHttpSender> sender_;
};

TEST_F(SenderTest, PostsGzippedProtobuf) {
  EXPECT_TRUE(Send({}, OneLog()).ok());
  EXPECT_EQ(backend_.path, "/v1/logs");
  EXPECT_EQ(backend_.Header("Content-Type"), "application/x-protobuf");
  EXPECT_EQ(backend_.Header("Content-Encoding"), "gzip");
  EXPECT_EQ(backend_.Header("User-Agent").substr(0, 18), "Weir/1.2.3 (linux/");
  EXPECT_EQ(backend_.body, kOneLog);
}

TEST_F(SenderTest, PostsJson) {
  OtlpHttpConfig config;
  config.encoding.name = "json";
  config.client.compression.name = "none";
  EXPECT_TRUE(Send(config, OneLog()).ok());
  EXPECT_EQ(backend_.Header("Content-Type"), "application/json");
  EXPECT_NE(backend_.body.find(R"("stringValue":"hi")"), std::string::npos) << backend_.body;
}

TEST_F(SenderTest, SendsTheCompressedFormAsItCame) {
  model::Batch batch = OneLog();
  const Slice plain = Slice::Copy(kOneLog);
  const Slice packed = *net::Compress(net::Encoding::kGzip, 9, {&plain, 1}, nullptr);
  batch.SetCompressed(model::Codec::kGzip, packed);
  EXPECT_TRUE(Send({}, std::move(batch)).ok());
  EXPECT_EQ(backend_.compressed, packed.view());
}

TEST_F(SenderTest, LetsConfiguredHeadersWin) {
  OtlpHttpConfig config;
  config.client.headers.items = {{"user-agent", config::Secret("me")},
                                 {"X-Key", config::Secret("k")}};
  EXPECT_TRUE(Send(config, OneLog()).ok());
  EXPECT_EQ(backend_.Header("User-Agent"), "me");
  EXPECT_EQ(backend_.Header("X-Key"), "k");
}

TEST_F(SenderTest, TranslatesRefusals) {
  backend_.answer = net::HttpResponse::Text(400, R"({"code":3})");
  Status status = Send({}, OneLog());
  EXPECT_TRUE(status.permanent());
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "error exporting items, request to http://" + server_->address() +
                                  "/v1/logs responded with HTTP Status Code 400");
}

TEST_F(SenderTest, SaysWhatBrokeTheTransport) {
  const std::string address = server_->address();
  OtlpHttpConfig config;
  server_->Shutdown();
  const Status status = Send(config, OneLog());
  EXPECT_TRUE(status.retryable());
  EXPECT_EQ(status.message(), "failed to make an HTTP request: Post \"http://" + address +
                                  "/v1/logs\": dial tcp " + address +
                                  ": connect: connection refused");
}

net::ClientResponse Answer(int status, std::string type = {}, std::string body = {},
                           std::string retry_after = {}) {
  net::ClientResponse response;
  response.status = status;
  if (!type.empty()) response.headers.emplace_back("Content-Type", type);
  if (!retry_after.empty()) response.headers.emplace_back("Retry-After", retry_after);
  response.body = std::move(body);
  return response;
}

Status Judged(const net::ClientResponse& response) {
  return Judge(response, model::Signal::kTraces, "http://x/v1/traces", Logger(),
               std::chrono::system_clock::from_time_t(1700000000));
}

TEST(Judge, TakesEvery2xxForSuccess) {
  for (const int status : {200, 201, 202, 204, 206, 299}) EXPECT_TRUE(Judged(Answer(status)).ok());
  EXPECT_TRUE(Judged(Answer(200, "text/plain", "{")).ok());
  EXPECT_TRUE(Judged(Answer(200, "application/json", R"({"partialSuccess":{}})")).ok());
}

TEST(Judge, RetriesBrokenAnswers) {
  const Status status = Judged(Answer(200, "application/x-protobuf", "\xff\xff"));
  EXPECT_TRUE(status.retryable());
  EXPECT_EQ(status.message(), "error parsing protobuf response: unexpected EOF");
  EXPECT_TRUE(Judged(Answer(200, "application/json", "{")).retryable());
}

TEST(Judge, RetriesFourStatuses) {
  for (int code = 300; code < 600; ++code) {
    const bool retryable = code == 429 || code == 502 || code == 503 || code == 504;
    EXPECT_EQ(Judged(Answer(code)).retryable(), retryable) << code;
  }
}

TEST(Judge, ReadsDelays) {
  using std::chrono::seconds;
  EXPECT_EQ(Judged(Answer(503, "", "", "1")).retry_after(), seconds(1));
  EXPECT_EQ(Judged(Answer(429, "", "", "7")).retry_after(), seconds(7));
  EXPECT_EQ(Judged(Answer(502, "", "", "1")).retry_after(), std::nullopt);
  EXPECT_EQ(Judged(Answer(503, "", "", "0.5")).retry_after(), std::nullopt);
  EXPECT_EQ(Judged(Answer(503, "", "", "soon")).retry_after(), std::nullopt);
  EXPECT_EQ(Judged(Answer(503, "", "", "-1")).retry_after(), std::nullopt);
  EXPECT_EQ(Judged(Answer(503, "", "", "Tue, 14 Nov 2023 22:13:30 GMT")).retry_after(),
            seconds(10));
}

TEST(Judge, ShowsTheBackendsStatus) {
  const std::string body = net::EncodeRpcStatus(Status(StatusCode::kUnavailable, "sink busy"));
  const Status status = Judged(Answer(503, "application/x-protobuf", body));
  EXPECT_EQ(
      status.message(),
      "error exporting items, request to http://x/v1/traces responded with HTTP Status Code 503, "
      "Message=sink busy, Details=[]");
  EXPECT_FALSE(status.wire_status().empty());
}

TEST(OtlpHttpConfig, ComposesUrls) {
  OtlpHttpConfig config;
  EXPECT_EQ(config.UrlOf(model::Signal::kLogs).error().message(),
            "either endpoint or logs_endpoint must be specified");
  config.client.endpoint = "http://h:1/";
  EXPECT_EQ(*config.UrlOf(model::Signal::kLogs), "http://h:1/v1/logs");
  config.client.endpoint = "http://h:1/base";
  EXPECT_EQ(*config.UrlOf(model::Signal::kTraces), "http://h:1/base/v1/traces");
  config.traces_endpoint = "http://t/x";
  EXPECT_EQ(*config.UrlOf(model::Signal::kTraces), "http://t/x");
  config.client.endpoint = "http://[bad";
  EXPECT_EQ(config.UrlOf(model::Signal::kLogs).error().message(), "endpoint must be a valid URL");
}

}  // namespace
}  // namespace weir::exporters::otlp_http
