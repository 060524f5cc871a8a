#include "net/http_client.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "net/http_server.h"
#include "net/proxy.h"

namespace weir::net {
namespace {

// Keeps what it was asked and answers by the path.
class Backend final : public HttpHandler {
 public:
  void OnRequest(HttpRequest request, HttpResponder responder) override {
    std::string path;
    {
      const std::lock_guard lock(mutex);
      path = request.head->path;
      target = request.head->target;
      host = request.head->Find("Host");
      cookie = request.head->Find("Cookie");
      body = request.body.view();
      headers.clear();
      for (const auto& [name, value] : request.head->headers) {
        headers.append(name).append(": ").append(value) += '\n';
      }
      peers.emplace(request.head->peer);
    }
    if (path == "/wait") {
      const std::lock_guard lock(mutex);
      waiting.push_back(std::move(responder));
      arrived.notify_all();
      return;
    }
    if (path == "/stall") {
      const std::lock_guard lock(mutex);
      stalled = std::move(responder);
      return;
    }
    HttpResponse response = HttpResponse::Text(path == "/missing" ? 404 : 200, "answer");
    if (path == "/big") response.body = Slice::Copy(std::string(100000, 'x'));
    if (path == "/cookie") response.headers.emplace_back("Set-Cookie", "a=1; Path=/");
    responder.Respond(std::move(response));
  }
  // Answers calls of /wait once `count` of them are there.
  void AnswerWaiting(size_t count) {
    std::unique_lock lock(mutex);
    arrived.wait(lock, [&] { return waiting.size() >= count; });
    for (HttpResponder& responder : std::exchange(waiting, {})) {
      responder.Respond(HttpResponse::Text(200, "answer"));
    }
  }
  std::mutex mutex;
  std::condition_variable arrived;
  std::vector<HttpResponder> waiting;
  std::string target, host, cookie, body, headers;
  std::set<std::string> peers;
  HttpResponder stalled;
};

class HttpClientTest : public testing::Test {
 protected:
  void SetUp() override { Serve({}); }
  void Serve(HttpServerConfig config) {
    config.endpoint = "127.0.0.1:0";
    server_ = std::make_unique<HttpServer>(std::move(config), backend_, budget_, Logger(), pool_);
    ASSERT_TRUE(server_->Start().ok());
  }
  void Open(HttpClientConfig config = {}) {
    client_ = std::make_unique<HttpClient>(std::move(config), Logger(), pool_);
    const Status started = client_->Start();
    ASSERT_TRUE(started.ok()) << started.message();
  }
  void TearDown() override {
    client_.reset();
    backend_.stalled = HttpResponder();
    server_->Shutdown(std::chrono::milliseconds(100));
  }
  Result<ClientResponse> Call(const std::string& url, std::vector<Slice> body = {}) {
    ClientRequest request;
    request.target = client_->Prepare("POST", *ParseUrl(url));
    request.body = std::move(body);
    std::promise<Result<ClientResponse>> answer;
    client_->Call(std::move(request), [&answer](Result<ClientResponse> response) {
      answer.set_value(std::move(response));
    });
    return answer.get_future().get();
  }
  void CallAtOnce(size_t count);
  std::string Url(std::string_view path) {
    return "http://" + server_->address() + std::string(path);
  }

  ByteBudget budget_{64 << 20};
  Backend backend_;
  std::shared_ptr<IoPool> pool_ = std::make_shared<IoPool>(2);
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpClient> client_;
};

TEST_F(HttpClientTest, SendsPartsAsOneBody) {
  Open();
  const auto response =
      Call(Url("/x?y=1"), {Slice::Copy("one "), Slice::Copy(std::string(300000, 'z'))});
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "answer");
  EXPECT_EQ(backend_.target, "/x?y=1");
  EXPECT_EQ(backend_.host, server_->address());
  EXPECT_EQ(backend_.body, "one " + std::string(300000, 'z'));
}

TEST_F(HttpClientTest, SendsTheHeadersOfTargetAndRequest) {
  Open();
  const ClientTargetPtr target =
      client_->Prepare("POST", *ParseUrl(Url("/")), {{"X-One", "of target"}, {"X-Two", "two"}});
  const auto sent = [&](ClientHeaders headers) {
    ClientRequest request;
    request.target = target;
    request.headers = std::move(headers);
    std::promise<bool> answered;
    client_->Call(std::move(request),
                  [&](Result<ClientResponse> response) { answered.set_value(bool(response)); });
    EXPECT_TRUE(answered.get_future().get());
    return backend_.headers;
  };
  const std::string host = "Host: " + server_->address() + "\n";
  const std::string length = "Content-Length: 0\n";
  EXPECT_EQ(sent({}), host + "X-One: of target\nX-Two: two\n" + length);
  EXPECT_EQ(sent({{"X-Three", "3"}}), host + "X-One: of target\nX-Two: two\nX-Three: 3\n" + length);
  EXPECT_EQ(sent({{"x-one", "of request"}}), host + "X-Two: two\nx-one: of request\n" + length);
  EXPECT_EQ(sent({{"Host", "h"}}), "X-One: of target\nX-Two: two\nHost: h\n" + length);
}

// The same answer again is not parsed again; another one between must not be taken for it.
TEST_F(HttpClientTest, TellsOneAnswerFromAnother) {
  Open();
  for (int i = 0; i < 3; ++i) {
    for (const auto& [path, status, size] :
         {std::tuple("/", 200, 6U), {"/missing", 404, 6U}, {"/big", 200, 65536U}, {"/", 200, 6U}}) {
      const auto response = Call(Url(path));
      ASSERT_TRUE(response) << response.error().message();
      EXPECT_EQ(response->status, status);
      EXPECT_EQ(response->body.size(), size);
      EXPECT_EQ(response->Find("Content-Type"), "text/plain; charset=utf-8");
    }
  }
}

TEST_F(HttpClientTest, UsesItsConnectionAgain) {
  Open();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Call(Url("/")));
  EXPECT_EQ(backend_.peers.size(), 1U);
}

// Calls /wait this many times at once and answers them when all are there.
void HttpClientTest::CallAtOnce(size_t count) {
  std::vector<std::promise<bool>> answers(count);
  for (auto& answer : answers) {
    ClientRequest request;
    request.target = client_->Prepare("POST", *ParseUrl(Url("/wait")));
    client_->Call(std::move(request), [&answer](Result<ClientResponse> response) {
      answer.set_value(response.has_value());
    });
  }
  backend_.AnswerWaiting(count);
  for (auto& answer : answers) EXPECT_TRUE(answer.get_future().get());
}

TEST_F(HttpClientTest, KeepsAllItsConnectionsForTheNextCalls) {
  Open();
  for (int i = 0; i < 3; ++i) CallAtOnce(8);
  EXPECT_EQ(backend_.peers.size(), 8U);
}

TEST_F(HttpClientTest, ClosesIdleConnectionsBeyondTheLimit) {
  HttpClientConfig config;
  config.max_idle_conns_per_host = 2;
  Open(config);
  for (int i = 0; i < 3; ++i) CallAtOnce(8);
  EXPECT_EQ(backend_.peers.size(), 20U);
}

TEST_F(HttpClientTest, GivesEveryAnswerToItsCaller) {
  Open();
  EXPECT_EQ(Call(Url("/missing"))->status, 404);
  const auto big = Call(Url("/big"));
  EXPECT_EQ(big->body.size(), ClientResponse::kBodyMax);
  EXPECT_TRUE(big->body_cut);
  EXPECT_EQ(Call(Url("/"))->status, 200);
}

// Scenario: the server closes the connection while it is idle.
TEST_F(HttpClientTest, ReplacesAStaleConnection) {
  Open();
  ASSERT_TRUE(Call(Url("/")));
  HttpServerConfig again;
  const std::string address = server_->address();
  server_->Shutdown();
  again.endpoint = address;
  server_ = std::make_unique<HttpServer>(again, backend_, budget_, Logger(), pool_);
  ASSERT_TRUE(server_->Start().ok());
  const auto response = Call("http://" + address + "/");
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_EQ(response->status, 200);
}

TEST_F(HttpClientTest, SaysWhyItCannotConnect) {
  Open();
  const std::string address = server_->address();
  server_->Shutdown();
  EXPECT_EQ(Call("http://" + address + "/").error().message(),
            "dial tcp " + address + ": connect: connection refused");
}

TEST_F(HttpClientTest, GivesUpWhenItsTimeIsOver) {
  HttpClientConfig config;
  config.timeout = std::chrono::milliseconds(100);
  Open(config);
  const auto response = Call(Url("/stall"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(response.error().message(), "context deadline exceeded");
}

// Scenario: the server refuses by the head, and reads no more than a little of the body.
TEST_F(HttpClientTest, TakesAnAnswerThatComesBeforeTheRequestIsWritten) {
  HttpServerConfig config;
  config.max_request_body_size = 1000;
  server_->Shutdown();
  Serve(config);
  Open();
  for (int i = 0; i < 20; ++i) {
    const auto response = Call(Url("/"), {Slice::Copy(std::string(8 << 20, 'x'))});
    ASSERT_TRUE(response) << response.error().message();
    EXPECT_EQ(response->status, 400);
    ASSERT_TRUE(Call(Url("/")));
  }
}

// Scenario: the server answers by the head, stays, and reads no more.
TEST_F(HttpClientTest, DoesNotWaitForAServerThatHasAnswered) {
  namespace asio = boost::asio;
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  asio::ip::tcp::socket peer(context);
  std::thread server([&] {
    acceptor.accept(peer);
    char head[1024];
    peer.read_some(asio::buffer(head));
    asio::write(peer, asio::buffer(std::string("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n")));
  });
  Open();
  const std::string url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  const auto response = Call(url, {Slice::Copy(std::string(32 << 20, 'x'))});
  server.join();
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_EQ(response->status, 413);
}

TEST_F(HttpClientTest, CancelsWhatIsInFlightAtShutdown) {
  Open();
  std::promise<Status> answer;
  ClientRequest request;
  request.target = client_->Prepare("POST", *ParseUrl(Url("/stall")));
  client_->Call(std::move(request), [&](Result<ClientResponse> response) {
    answer.set_value(response ? Status() : response.error());
  });
  client_->Shutdown();
  EXPECT_EQ(answer.get_future().get().code(), StatusCode::kCancelled);
}

TEST_F(HttpClientTest, KeepsToTheLimitOfConnections) {
  HttpClientConfig config;
  config.max_conns_per_host = 1;
  Open(config);
  std::vector<std::promise<bool>> answers(10);
  for (auto& answer : answers) {
    ClientRequest request;
    request.target = client_->Prepare("POST", *ParseUrl(Url("/")));
    client_->Call(std::move(request), [&answer](Result<ClientResponse> response) {
      answer.set_value(response.has_value());
    });
  }
  for (auto& answer : answers) EXPECT_TRUE(answer.get_future().get());
  EXPECT_EQ(backend_.peers.size(), 1U);
}

TEST_F(HttpClientTest, KeepsCookiesWhenAsked) {
  HttpClientConfig config;
  config.cookies.set_enabled(true);
  Open(config);
  ASSERT_TRUE(Call(Url("/cookie")));
  ASSERT_TRUE(Call(Url("/")));
  EXPECT_EQ(backend_.cookie, "a=1");
}

TEST_F(HttpClientTest, AsksAProxyInAbsoluteForm) {
  HttpClientConfig config;
  config.proxy_url = "http://user:pw@" + server_->address();
  Open(config);
  ASSERT_TRUE(Call("http://elsewhere.example:4318/v1/logs"));
  EXPECT_EQ(backend_.target, "http://elsewhere.example:4318/v1/logs");
  EXPECT_EQ(backend_.host, "elsewhere.example:4318");
}

TEST_F(HttpClientTest, RefusesUrlsItCannotCall) {
  Open();
  EXPECT_EQ(Call("localhost:4318/v1/logs").error().message(),
            "unsupported protocol scheme \"localhost\"");
}

TEST_F(HttpClientTest, RefusesABadProxyAtStart) {
  HttpClientConfig config;
  config.proxy_url = "http://[bad";
  HttpClient client(config, Logger(), pool_);
  EXPECT_EQ(client.Start().message(), "parse \"http://[bad\": missing ']' in host");
}

TEST(ProxyRules, FollowTheEnvironment) {
  const auto rules = ProxyRules::Make("", [](const char* name) -> std::string {
    const std::string_view key(name);
    if (key == "HTTP_PROXY") return "proxy:3128";
    if (key == "no_proxy") return "a.example, .b.example,10.0.0.0/8,c.example:99, *.d.example";
    return {};
  });
  ASSERT_TRUE(rules);
  const auto proxied = [&](const char* url) { return rules->For(*ParseUrl(url)) != nullptr; };
  EXPECT_TRUE(proxied("http://other.example/"));
  EXPECT_FALSE(proxied("https://other.example/"));
  EXPECT_FALSE(proxied("http://localhost/"));
  EXPECT_FALSE(proxied("http://127.0.0.1:4318/"));
  EXPECT_FALSE(proxied("http://a.example/"));
  EXPECT_FALSE(proxied("http://x.a.example/"));
  EXPECT_TRUE(proxied("http://b.example/"));
  EXPECT_FALSE(proxied("http://x.b.example/"));
  EXPECT_FALSE(proxied("http://10.1.2.3/"));
  EXPECT_TRUE(proxied("http://11.1.2.3/"));
  EXPECT_FALSE(proxied("http://c.example:99/"));
  EXPECT_TRUE(proxied("http://c.example/"));
  EXPECT_FALSE(proxied("http://x.d.example/"));
}

}  // namespace
}  // namespace weir::net
