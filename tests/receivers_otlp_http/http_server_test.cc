#include "receivers/otlp/http_server.h"

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/compression/compression.h"
#include "net/status_mapping.h"
#include "tests/support/golden_status.h"
#include "tests/support/raw_http.h"

namespace weir::receivers::otlp {
namespace {

using tests::GoldenHttpCase;
using tests::PostRequest;
using tests::RawHttp;

// One log record: resource_logs { scope_logs { log_records { body { string_value: "hi" } } } }
constexpr std::string_view kOneLog("\x0a\x0a\x12\x08\x12\x06\x2a\x04\x0a\x02hi", 12);

class KeepingConsumer final : public pipeline::Consumer {
 public:
  void Consume(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override {
    {
      const std::lock_guard lock(mutex);
      batches.push_back(std::move(batch));
      clients.push_back(context.client);
    }
    done(answer);
  }
  Status answer;
  std::mutex mutex;
  std::vector<model::Batch> batches;
  std::vector<std::shared_ptr<const pipeline::ClientInfo>> clients;
};

class DoorKeeper final : public pipeline::Extension, public pipeline::ServerAuthenticator {
 public:
  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
  Status Authenticate(const pipeline::Headers& headers, pipeline::ClientInfo& client) override {
    for (const auto& [name, value] : headers) {
      if (name != "authorization" || value != "secret") continue;
      client.authenticated = true;
      client.auth.emplace_back("username", "me");
      return {};
    }
    return {StatusCode::kUnauthenticated, "no basic auth provided"};
  }
};

class Host final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const pipeline::ComponentId& id) override {
    return id.type == "door" ? &door_ : nullptr;
  }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}

 private:
  DoorKeeper door_;
};

class OtlpHttpServerTest : public testing::Test {
 protected:
  void Serve(HttpConfig config = {}) {
    config.server.endpoint = "127.0.0.1:0";
    const pipeline::Settings settings{{"otlp", ""}, Logger(), nullptr, executor_, budget_, build_};
    server_ = std::make_unique<OtlpHttpServer>(
        config, pipeline::ReceiverConsumers{&sink_, &sink_, &sink_}, settings);
    const Status started = server_->Start(host_);
    ASSERT_TRUE(started.ok()) << started.message();
  }
  void TearDown() override {
    if (server_) server_->Shutdown();
    server_.reset();
    sink_.batches.clear();
  }
  tests::RawResponse Post(std::string_view path, std::string_view headers, std::string_view body) {
    RawHttp client(server_->port());
    EXPECT_TRUE(client.Send(PostRequest(path, headers, body)));
    auto response = client.Receive();
    EXPECT_TRUE(response);
    return response.value_or(tests::RawResponse{});
  }

  ByteBudget budget_{64 << 20};
  ThreadPool executor_{"test", 1};
  pipeline::BuildInfo build_;
  Host host_;
  KeepingConsumer sink_;
  std::unique_ptr<OtlpHttpServer> server_;
};

constexpr std::string_view kProtobuf = "Content-Type: application/x-protobuf\r\n";
constexpr std::string_view kJson = "Content-Type: application/json\r\n";

TEST_F(OtlpHttpServerTest, TakesProtobufUnchanged) {
  Serve();
  const auto response = Post("/v1/logs", kProtobuf, kOneLog);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, std::string("\x0a\x00", 2));
  ASSERT_EQ(sink_.batches.size(), 1U);
  EXPECT_EQ(sink_.batches[0].Flatten().view(), kOneLog);
  EXPECT_EQ(sink_.batches[0].items(), 1U);
  EXPECT_TRUE(sink_.clients[0]->address.starts_with("127.0.0.1:"));
}

TEST_F(OtlpHttpServerTest, KeepsTheGzippedForm) {
  Serve();
  const Slice plain = Slice::Copy(kOneLog);
  const Slice packed =
      *net::Compress(net::Encoding::kGzip, net::kDefaultLevel, {&plain, 1}, nullptr);
  const auto response =
      Post("/v1/logs", std::string(kProtobuf) + "Content-Encoding: gzip\r\n", packed.view());
  EXPECT_EQ(response.status, 200);
  ASSERT_EQ(sink_.batches.size(), 1U);
  EXPECT_EQ(sink_.batches[0].compressed_codec(), model::Codec::kGzip);
  EXPECT_EQ(sink_.batches[0].compressed().view(), packed.view());
}

TEST_F(OtlpHttpServerTest, PassesOnWhatThePipelineSays) {
  Serve();
  sink_.answer = Status::Retryable("sending queue is full", std::chrono::milliseconds(1500));
  auto response = Post("/v1/logs", kProtobuf, kOneLog);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.Header("Retry-After"), "2");
  const auto rpc = net::DecodeRpcStatus(response.body);
  ASSERT_TRUE(rpc);
  EXPECT_EQ(rpc->code, 14);
  EXPECT_EQ(rpc->message, "sending queue is full");
  EXPECT_EQ(rpc->retry_delay, std::chrono::milliseconds(1500));

  sink_.answer = Status(StatusCode::kInvalidArgument, "Permanent error: no");
  response =
      Post("/v1/logs", kJson,
           R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]})");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"code":3, "message":"Permanent error: no"})");
}

TEST_F(OtlpHttpServerTest, AsksWhoItIsBeforeAnythingElse) {
  HttpConfig config;
  config.server.auth = config::Optional<net::HttpAuthConfig>::On();
  config.server.auth.value().config.authenticator = "door";
  config.server.auth.value().request_params = {"authorization"};
  Serve(config);
  EXPECT_EQ(Post("/nope", kJson, "{").status, 401);
  EXPECT_EQ(Post("/v1/logs", kJson, "{}").body,
            R"({"code":16, "message":"no basic auth provided"})");
  EXPECT_EQ(Post("/v1/logs", std::string(kProtobuf) + "Authorization: secret\r\n", kOneLog).status,
            200);
  EXPECT_EQ(Post("/v1/logs?authorization=secret", kProtobuf, kOneLog).status, 200);
  ASSERT_FALSE(sink_.clients.empty());
  EXPECT_EQ(*sink_.clients[0]->FindAuth("username"), "me");
}

TEST_F(OtlpHttpServerTest, KeepsMetadataWhenAsked) {
  HttpConfig config;
  config.server.include_metadata = true;
  Serve(config);
  Post("/v1/logs", std::string(kProtobuf) + "X-Tenant: a\r\nx-tenant: b\r\n", kOneLog);
  ASSERT_EQ(sink_.clients.size(), 1U);
  const auto* tenants = sink_.clients[0]->FindMetadata("x-tenant");
  ASSERT_NE(tenants, nullptr);
  EXPECT_EQ(*tenants, (std::vector<std::string>{"a", "b"}));
}

// Scenario: every request that was recorded against the Collector.
// Guarantees: the same status and headers; the same body, but for the words of a JSON decoder.
class GoldenTest : public OtlpHttpServerTest {
 protected:
  static std::string Request(const GoldenHttpCase& golden) {
    std::string text = golden.method + " " + golden.path + " HTTP/1.1\r\n";
    bool host = false;
    bool sized = false;
    for (const auto& [name, value] : golden.headers) {
      text += name + ": ";
      text += value + "\r\n";
      host |= name == "Host";
      sized |= name == "Content-Length" || name == "Transfer-Encoding";
    }
    if (!host) text += "Host: 127.0.0.1\r\n";
    const bool bodyless = golden.body.empty() && golden.method != "POST";
    if (!sized && !bodyless)
      text += "Content-Length: " + std::to_string(golden.body.size()) + "\r\n";
    return text + "\r\n" + golden.body;
  }

  // Upstream answers 500 when its own error text is no UTF-8; ours always is.
  static bool IsUnspeakable(const GoldenHttpCase& golden) {
    return golden.status == 500 &&
           golden.response_body.find("failed to marshal error message") != std::string::npos;
  }
  static bool IsDecoderText(std::string_view text) {
    return text.find("error found in #") != std::string_view::npos;
  }
};

TEST_F(GoldenTest, AnswersAsTheCollector) {
  const std::vector<GoldenHttpCase> cases = tests::ReadGoldenHttp("http.yaml");
  if (cases.empty()) GTEST_SKIP() << "the recorded answers are not here (WEIR_DATA)";
  HttpConfig config;
  config.server.max_request_body_size = 8192;
  config.server.cors = config::Optional<net::CorsConfig>::On(
      {.allowed_origins = {"https://good.example", "https://*.wild.example"},
       .allowed_headers = {"X-Custom"},
       .exposed_headers = {},
       .max_age = 600});
  Serve(config);
  for (const GoldenHttpCase& golden : cases) {
    SCOPED_TRACE(golden.name);
    RawHttp client(server_->port());
    ASSERT_TRUE(client.Send(Request(golden)));
    const auto response = client.Receive(golden.method == "HEAD");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, IsUnspeakable(golden) ? 400 : golden.status);
    if (IsUnspeakable(golden)) continue;
    // Any text may stand for a JSON decoder's, so its length too.
    const bool free_text = IsDecoderText(golden.response_body) || golden.message.has_value();
    for (const auto& [name, value] : golden.response_headers) {
      if (name == "Content-Length" && free_text) continue;
      EXPECT_EQ(response->Header(name), value) << name;
    }
    if (golden.message) {
      const auto rpc = net::DecodeRpcStatus(response->body);
      ASSERT_TRUE(rpc);
      EXPECT_EQ(rpc->code, golden.code);
      EXPECT_FALSE(rpc->message.empty());
    } else if (!free_text && !golden.response_body.empty()) {
      EXPECT_EQ(response->body, golden.response_body);
    }
  }
}

}  // namespace
}  // namespace weir::receivers::otlp
