#include "net/grpc_client/grpc_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "net/compression/compression.h"
#include "net/status_mapping.h"
#include "tests/net_grpc_client/grpc_backend.h"
#include "tests/support/captured_log.h"

namespace weir::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::StartsWith;
using tests::GrpcBackend;

constexpr const char* kMethod = "/weir.test.Service/Call";

GrpcClientConfig Plain(const std::string& endpoint) {
  GrpcClientConfig config;
  config.endpoint = endpoint;
  config.tls.insecure = true;
  return config;
}

GrpcRequest RequestOf(std::string_view body) {
  GrpcRequest request;
  request.method = kMethod;
  request.body = {Slice::Copy(body)};
  return request;
}

class GrpcClientTest : public testing::Test {
 protected:
  GrpcClient& Connect(GrpcClientConfig config) {
    client_ = std::make_unique<GrpcClient>(std::move(config), "Weir/1.2.3 (linux/amd64)",
                                           Logger(log_), &budget_, pool_);
    const Status started = client_->Start();
    EXPECT_TRUE(started.ok()) << started.message();
    return *client_;
  }
  static std::future<Result<Slice>> Begin(GrpcClient& client, GrpcRequest request) {
    auto answer = std::make_shared<std::promise<Result<Slice>>>();
    client.Call(std::move(request),
                [answer](Result<Slice> result) { answer->set_value(std::move(result)); });
    return answer->get_future();
  }
  static Result<Slice> Call(GrpcClient& client, GrpcRequest request) {
    return Begin(client, std::move(request)).get();
  }
  // Until it succeeds: for connections that come back.
  static Result<Slice> CallPersistently(GrpcClient& client) {
    const auto end = steady_clock::now() + seconds(30);
    while (true) {
      Result<Slice> result = Call(client, RequestOf("again"));
      if (result || steady_clock::now() > end) return result;
      std::this_thread::sleep_for(milliseconds(20));
    }
  }

  ByteBudget budget_{64 << 20};
  std::shared_ptr<tests::CapturedLog> log_ = std::make_shared<tests::CapturedLog>();
  std::shared_ptr<GrpcPool> pool_ = std::make_shared<GrpcPool>(1);
  GrpcBackend backend_;
  std::unique_ptr<GrpcClient> client_;
};

TEST_F(GrpcClientTest, CarriesMethodHeadersAndBody) {
  GrpcClientConfig config = Plain(backend_.address());
  config.headers.items = {{"X-Upper", config::Secret("v")}, {"user-agent", config::Secret("me")}};
  GrpcRequest request = RequestOf("hello");
  request.metadata = {{"x-call", "1"}, {"x-raw-bin", std::string("\0\xff", 2)}};
  backend_.AnswerWith({{.status = {}, .body = "answer"}});
  const Result<Slice> answer = Call(Connect(config), std::move(request));
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->view(), "answer");
  const auto got = backend_.requests().at(0);
  EXPECT_EQ(got.method, kMethod);
  EXPECT_EQ(got.body, "hello");
  EXPECT_EQ(got.authority, backend_.address());
  EXPECT_EQ(got.Find("x-upper"), "v");
  EXPECT_EQ(got.Find("x-call"), "1");
  EXPECT_EQ(got.Find("x-raw-bin"), std::string("\0\xff", 2));
  EXPECT_THAT(got.Find("user-agent"), StartsWith("Weir/1.2.3 (linux/amd64) grpc-c++/"));
}

TEST_F(GrpcClientTest, PrefersTheHeadersOfACall) {
  GrpcClientConfig config = Plain(backend_.address());
  config.headers.items = {{"Authorization", config::Secret("of the configuration")}};
  GrpcRequest request = RequestOf("");
  request.metadata = {{"authorization", "of the call"}};
  ASSERT_TRUE(Call(Connect(config), std::move(request)));
  const auto got = backend_.requests().at(0);
  EXPECT_EQ(got.metadata.count("authorization"), 1U);
  EXPECT_EQ(got.Find("authorization"), "of the call");
}

TEST_F(GrpcClientTest, RefusesHeadersThatHttp2DoesNotAllow) {
  GrpcClient& client = Connect(Plain(backend_.address()));
  GrpcRequest request = RequestOf("");
  request.metadata = {{"x y", "1"}};
  EXPECT_EQ(Call(client, std::move(request)).error().message(),
            "header key \"x y\" contains illegal characters not in [0-9a-z-_.]");
  request = RequestOf("");
  request.metadata = {{"x", "line\nbreak"}};
  EXPECT_EQ(Call(client, std::move(request)).error().message(),
            "header key \"x\" contains value with non-printable ASCII characters");
  EXPECT_TRUE(backend_.requests().empty());
}

TEST_F(GrpcClientTest, TakesAuthorityAndUserAgentFromTheConfiguration) {
  GrpcClientConfig config = Plain(backend_.address());
  config.authority = "my.host";
  config.user_agent = "mine/1";
  ASSERT_TRUE(Call(Connect(config), RequestOf("")));
  const auto got = backend_.requests().at(0);
  EXPECT_EQ(got.authority, "my.host");
  EXPECT_THAT(got.Find("user-agent"), StartsWith("mine/1 grpc-c++/"));
}

TEST_F(GrpcClientTest, GathersSlicesAndGivesThemBack) {
  const std::string large(300'000, 'x');
  std::promise<void> released;
  GrpcRequest request = RequestOf("a");
  request.body.push_back(Slice::Adopt(large, [&released] { released.set_value(); }));
  request.body.push_back(Slice::Copy("z"));
  ASSERT_TRUE(Call(Connect(Plain(backend_.address())), std::move(request)));
  EXPECT_EQ(backend_.requests().at(0).body, "a" + large + "z");
  client_->Shutdown();
  released.get_future().wait();
}

TEST_F(GrpcClientTest, SendsMessagesOfAnySize) {
  const std::string large(20 << 20, 'x');
  ASSERT_TRUE(Call(Connect(Plain(backend_.address())), RequestOf(large)));
  EXPECT_EQ(backend_.requests().at(0).body, large);
}

TEST_F(GrpcClientTest, SendsGzipThatAServerInflates) {
  GrpcClientConfig config = Plain(backend_.address());
  config.compression.name = "gzip";
  GrpcRequest request = RequestOf(std::string(100'000, 'a'));
  request.body.push_back(Slice::Copy("tail"));
  ASSERT_TRUE(Call(Connect(config), std::move(request)));
  EXPECT_EQ(backend_.requests().at(0).body, std::string(100'000, 'a') + "tail");
}

TEST_F(GrpcClientTest, SendsGzipThatCameThatWayUntouched) {
  GrpcBackend raw({.inflates = false});
  GrpcClientConfig config = Plain(raw.address());
  config.compression.name = "gzip";
  const Slice plain = Slice::Copy(std::string(10'000, 'b'));
  // Level 9 makes other bytes than the client would.
  const Slice packed = *Compress(Encoding::kGzip, 9, {&plain, 1}, nullptr);
  GrpcRequest request = RequestOf("");
  request.body = {packed};
  request.gzip = true;
  ASSERT_TRUE(Call(Connect(config), std::move(request)));
  EXPECT_EQ(raw.requests().at(0).body, packed.view());
}

TEST_F(GrpcClientTest, SendsGzipForWhatItCannotSend) {
  GrpcBackend raw({.inflates = false});
  GrpcClientConfig config = Plain(raw.address());
  config.compression.name = "zstd";
  ASSERT_TRUE(Call(Connect(config), RequestOf("body")));
  EXPECT_THAT(raw.requests().at(0).body, StartsWith("\x1f\x8b"));
  EXPECT_EQ(log_->Count("a gRPC client sends gzip instead of the compression configured"), 1U);
}

TEST_F(GrpcClientTest, RefusesCodecsThatGrpcGoLacks) {
  for (const char* name : {"zlib", "deflate", "lz4", "x-snappy-framed"}) {
    GrpcClientConfig config = Plain(backend_.address());
    config.compression.name = name;
    GrpcClient client(config, "", Logger(), nullptr, pool_);
    EXPECT_EQ(client.Start().message(),
              std::string("unsupported compression type \"") + name + "\"");
  }
}

TEST_F(GrpcClientTest, ReadsTheDelayAndKeepsTheDetails) {
  const std::string details = tests::RetryDetails(8, "sink says no", milliseconds(700));
  backend_.AnswerWith(
      {{.status = {grpc::StatusCode::RESOURCE_EXHAUSTED, "sink says no", details}}});
  const Status status = Call(Connect(Plain(backend_.address())), RequestOf("")).error();
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "sink says no");
  EXPECT_EQ(status.retry_after(), milliseconds(700));
  EXPECT_TRUE(status.retryable());
  EXPECT_EQ(status.wire_status(), details);
}

TEST_F(GrpcClientTest, GivesEveryFailureAWireStatus) {
  backend_.AnswerWith({{.status = {grpc::StatusCode::RESOURCE_EXHAUSTED, "no", "\xff broken"}}});
  const Status status = Call(Connect(Plain(backend_.address())), RequestOf("")).error();
  EXPECT_TRUE(status.permanent());
  const auto wire = DecodeRpcStatus(status.wire_status());
  ASSERT_TRUE(wire);
  EXPECT_EQ(wire->code, 8);
  EXPECT_EQ(wire->message, "no");
}

TEST_F(GrpcClientTest, SaysInGoWordsThatNobodyListens) {
  const std::string address = backend_.address();
  backend_.Stop();
  const Status status = Call(Connect(Plain(address)), RequestOf("")).error();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(status.message(),
            "connection error: desc = \"transport: Error while dialing: dial tcp " + address +
                ": connect: connection refused\"");
  EXPECT_FALSE(status.wire_status().empty());
}

TEST_F(GrpcClientTest, FindsABackendThatComesBack) {
  const std::string address = backend_.address();
  GrpcClient& client = Connect(Plain(address));
  ASSERT_TRUE(Call(client, RequestOf("")));
  backend_.Stop();
  EXPECT_FALSE(Call(client, RequestOf("")));
  GrpcBackend again({.address = address});
  const Result<Slice> answer = CallPersistently(client);
  EXPECT_TRUE(answer) << answer.error().message();
}

TEST_F(GrpcClientTest, WaitsForABackendWhenTold) {
  const std::string address = backend_.address();
  backend_.Stop();
  GrpcClientConfig config = Plain(address);
  config.wait_for_ready = true;
  GrpcRequest request = RequestOf("");
  request.deadline = steady_clock::now() + seconds(60);
  auto answer = Begin(Connect(config), std::move(request));
  GrpcBackend again({.address = address});
  EXPECT_TRUE(answer.get());
}

TEST_F(GrpcClientTest, KeepsTheDeadline) {
  backend_.AnswerWith({{.held = true}});
  GrpcClient& client = Connect(Plain(backend_.address()));
  GrpcRequest request = RequestOf("");
  const auto deadline = steady_clock::now() + milliseconds(100);
  request.deadline = deadline;
  const Status status = Call(client, std::move(request)).error();
  EXPECT_GE(steady_clock::now(), deadline);
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(status.message(), "context deadline exceeded");
  EXPECT_FALSE(status.wire_status().empty());
  request = RequestOf("");
  request.deadline = steady_clock::now() - seconds(1);
  EXPECT_EQ(Call(client, std::move(request)).error().code(), StatusCode::kDeadlineExceeded);
}

TEST_F(GrpcClientTest, CancelsWhatIsInFlightWhenItShutsDown) {
  backend_.AnswerWith({{.held = true}});
  GrpcClient& client = Connect(Plain(backend_.address()));
  std::vector<std::future<Result<Slice>>> answers;
  answers.reserve(20);
  for (int i = 0; i < 20; ++i) {
    answers.push_back(Begin(client, RequestOf(std::string(100'000, 'x'))));
  }
  backend_.WaitForRequests(5);
  client.Shutdown();
  for (auto& answer : answers) {
    ASSERT_EQ(answer.wait_for(seconds(0)), std::future_status::ready);
    const Status status = answer.get().error();
    EXPECT_EQ(status.code(), StatusCode::kCancelled);
    EXPECT_EQ(status.message(), "grpc: the client connection is closing");
  }
  client.Shutdown();
  EXPECT_EQ(Call(client, RequestOf("")).error().code(), StatusCode::kCancelled);
}

TEST_F(GrpcClientTest, RefusesAnswersAboveFourMebibytes) {
  backend_.AnswerWith({{.status = {}, .body = std::string(5 << 20, 'x')}});
  const Status status = Call(Connect(Plain(backend_.address())), RequestOf("")).error();
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(status.permanent());
}

TEST_F(GrpcClientTest, SpeaksThroughUnixSockets) {
  const std::string path = testing::TempDir() + "weir_grpc_client.sock";
  std::remove(path.c_str());
  GrpcBackend local({.address = "unix:" + path});
  ASSERT_TRUE(Call(Connect(Plain("unix://" + path)), RequestOf("local")));
  EXPECT_EQ(local.requests().at(0).body, "local");
  EXPECT_EQ(local.requests().at(0).authority, "localhost");
}

TEST_F(GrpcClientTest, UnderstandsTheFormsOfAnEndpoint) {
  const std::string port = std::to_string(backend_.port());
  for (const std::string& endpoint :
       {"http://127.0.0.1:" + port, "dns:///127.0.0.1:" + port, "passthrough:///127.0.0.1:" + port,
        "ipv4:///127.0.0.1:" + port}) {
    const Result<Slice> answer = Call(Connect(Plain(endpoint)), RequestOf(""));
    EXPECT_TRUE(answer) << endpoint << ": " << answer.error().message();
  }
}

TEST_F(GrpcClientTest, ServesManyCallersAtOnce) {
  GrpcClient& client = Connect(Plain(backend_.address()));
  std::atomic<int> good{0};
  std::vector<std::thread> callers;
  callers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int call = 0; call < 50; ++call) {
        if (Call(client, RequestOf(std::string(2000, 'x')))) ++good;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(good, 200);
  EXPECT_EQ(budget_.used_bytes(), 0U);
}

}  // namespace
}  // namespace weir::net
