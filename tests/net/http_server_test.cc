#include "net/http_server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "base/byte_budget.h"
#include "net/listener.h"
#include "tests/support/raw_http.h"

namespace weir::net {
namespace {

using tests::PostRequest;
using tests::RawHttp;

// Answers with what it got, unless a test gives it something else to do.
class EchoHandler : public HttpHandler {
 public:
  std::function<void(HttpRequest, HttpResponder)> serve = [](HttpRequest request,
                                                             HttpResponder responder) {
    HttpResponse response;
    response.body = request.body;
    responder.Respond(std::move(response));
  };
  std::optional<HttpResponse> refusal;

  std::optional<HttpResponse> Route(const HttpHead&) override { return refusal; }
  void OnRequest(HttpRequest request, HttpResponder responder) override {
    serve(std::move(request), std::move(responder));
  }
};

class HttpServerTest : public testing::Test {
 protected:
  void Serve(HttpServerConfig config = {}) {
    config.endpoint = "127.0.0.1:0";
    server_ = std::make_unique<HttpServer>(std::move(config), handler_, budget_, Logger(), pool_);
    const Status started = server_->Start();
    ASSERT_TRUE(started.ok()) << started.message();
  }
  void TearDown() override {
    if (server_) server_->Shutdown(std::chrono::seconds(2));
    server_.reset();
  }
  std::unique_ptr<RawHttp> Connect() { return std::make_unique<RawHttp>(server_->port()); }

  ByteBudget budget_{64 << 20};
  EchoHandler handler_;
  std::shared_ptr<IoPool> pool_ = std::make_shared<IoPool>(2);
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersSeveralRequestsOnOneConnection) {
  Serve();
  auto client = Connect();
  for (const size_t size : {0u, 1u, 5000u, 1u << 20}) {
    const std::string body(size, 'x');
    ASSERT_TRUE(client->Send(PostRequest("/", "", body)));
    const auto response = client->Receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, body);
  }
}

// The same head again is not parsed again; another one between must not be taken for it.
TEST_F(HttpServerTest, TellsOneHeadFromAnother) {
  Serve();
  handler_.serve = [](HttpRequest request, HttpResponder responder) {
    std::string text(request.head->target);
    for (const auto& [name, value] : request.head->headers) {
      text += "\n" + std::string(name) + "=" + std::string(value);
    }
    responder.Respond(HttpResponse::Text(200, text + "\n" + std::string(request.body.view())));
  };
  auto client = Connect();
  const auto ask = [&](std::string_view start, std::string_view lines, std::string_view body) {
    EXPECT_TRUE(client->Send(std::string(start) + "\r\nHost: t\r\n" + std::string(lines) + "\r\n" +
                             std::string(body)));
    const auto response = client->Receive();
    return response ? response->body : "no answer";
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ask("POST /a HTTP/1.1", "Content-Length: 2\r\n", "ab"),
              "/a\nHost=t\nContent-Length=2\nab");
    EXPECT_EQ(ask("POST /a HTTP/1.1", "Content-Length: 3\r\n", "abc"),
              "/a\nHost=t\nContent-Length=3\nabc");
    EXPECT_EQ(ask("POST /a HTTP/1.1", "Transfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\n\r\n"),
              "/a\nHost=t\nTransfer-Encoding=chunked\nx");
    EXPECT_EQ(ask("POST /a HTTP/1.1", "Content-Length: 0\r\n", ""),
              "/a\nHost=t\nContent-Length=0\n");
    EXPECT_EQ(ask("POST /b HTTP/1.1", "Content-Length: 2\r\n", "ab"),
              "/b\nHost=t\nContent-Length=2\nab");
    EXPECT_EQ(ask("GET /a HTTP/1.1", "", ""), "/a\nHost=t\n");
  }
  EXPECT_EQ(ask("POST /a HTTP/1.1", "Content-Length: 2\r\nConnection: close\r\n", "ab"),
            "/a\nHost=t\nContent-Length=2\nConnection=close\nab");
}

TEST_F(HttpServerTest, ServesPipelinedRequestsInOrder) {
  Serve();
  auto client = Connect();
  ASSERT_TRUE(client->Send(PostRequest("/", "", "one") + PostRequest("/", "", "two") +
                           PostRequest("/", "", "three")));
  for (const char* body : {"one", "two", "three"}) {
    const auto response = client->Receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, body);
  }
}

TEST_F(HttpServerTest, ReadsChunkedBodiesAndWhatFollowsThem) {
  Serve();
  auto client = Connect();
  ASSERT_TRUE(
      client->Send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n" +
                   PostRequest("/", "", "next")));
  EXPECT_EQ(client->Receive()->body, "hello world");
  EXPECT_EQ(client->Receive()->body, "next");
}

TEST_F(HttpServerTest, ReadsChunkedBodiesByteByByte) {
  Serve();
  auto client = Connect();
  const std::string request =
      "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;extension=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n";
  for (const char c : request) ASSERT_TRUE(client->Send({&c, 1}));
  const auto response = client->Receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "abcde");
}

TEST_F(HttpServerTest, RefusesAbusedChunks) {
  Serve();
  for (const char* body :
       {"zz\r\nabc\r\n", "-1\r\n", "ffffffffffffffffff\r\n", "3\r\nabcd\r\n0\r\n\r\n"}) {
    auto client = Connect();
    ASSERT_TRUE(client->Send(
        std::string("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n") + body));
    const auto response = client->Receive();
    ASSERT_TRUE(response) << body;
    EXPECT_EQ(response->status, 400) << body;
    EXPECT_EQ(response->Header("Connection"), "close");
  }
}

TEST_F(HttpServerTest, RefusesWhatIsNoRequest) {
  Serve();
  for (const char* request :
       {"garbage\r\n\r\n", "GET / HTTP/9.9\r\nHost: t\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: t\r\nContent-Length: abc\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: t\r\nA: b\r\n folded\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
    auto client = Connect();
    ASSERT_TRUE(client->Send(request));
    const auto response = client->Receive();
    ASSERT_TRUE(response) << request;
    EXPECT_EQ(response->status, 400) << request;
  }
}

TEST_F(HttpServerTest, RefusesHeadsAboveOneMebibyte) {
  Serve();
  auto client = Connect();
  std::string head = "GET / HTTP/1.1\r\nHost: t\r\n";
  while (head.size() < (1 << 20) + 4096) head += "X-Header: " + std::string(4000, 'a') + "\r\n";
  client->Send(head + "\r\n");
  const auto response = client->Receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 431);
}

TEST_F(HttpServerTest, TakesThousandsOfHeaders) {
  Serve();
  auto client = Connect();
  std::string lines;
  for (int i = 0; i < 5000; ++i) lines += "X-" + std::to_string(i) + ": value\r\n";
  ASSERT_TRUE(client->Send(PostRequest("/", lines, "body")));
  EXPECT_EQ(client->Receive()->body, "body");
}

TEST_F(HttpServerTest, RefusesBodiesAboveTheLimit) {
  HttpServerConfig config;
  config.max_request_body_size = 100;
  Serve(std::move(config));
  auto client = Connect();
  ASSERT_TRUE(client->Send(PostRequest("/", "", std::string(100, 'x'))));
  EXPECT_EQ(client->Receive()->status, 200);
  ASSERT_TRUE(client->Send(PostRequest("/", "", std::string(101, 'x'))));
  const auto refused = client->Receive();
  EXPECT_EQ(refused->status, 400);
  EXPECT_EQ(refused->body, "http: request body too large");
  // A short refused body is read away, and the connection goes on.
  ASSERT_TRUE(client->Send(PostRequest("/", "", "x")));
  EXPECT_EQ(client->Receive()->status, 200);
}

TEST_F(HttpServerTest, RefusesHugeContentLengthWithoutReadingIt) {
  Serve();
  auto client = Connect();
  ASSERT_TRUE(
      client->Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 18446744073709551615\r\n\r\n"));
  const auto refused = client->Receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 400);
  EXPECT_EQ(budget_.peak_bytes(), 0U);
}

TEST_F(HttpServerTest, RefusesChunkedBodiesAboveTheLimit) {
  HttpServerConfig config;
  config.max_request_body_size = 1000;
  Serve(std::move(config));
  auto client = Connect();
  ASSERT_TRUE(client->Send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"));
  for (int i = 0; i < 11; ++i) client->Send("64\r\n" + std::string(100, 'x') + "\r\n");
  const auto refused = client->Receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 400);
}

// Guarantees: what the budget cannot hold is not read, and the client learns when to come again.
TEST_F(HttpServerTest, RefusesWithDelayWhenTheBudgetIsSpent) {
  Serve();
  const Charge all = budget_.TryReserve(budget_.limit_bytes() - 1000);
  auto client = Connect();
  ASSERT_TRUE(client->Send(PostRequest("/", "", std::string(2000, 'x'))));
  const auto refused = client->Receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->Header("Retry-After"), "1");
  ASSERT_TRUE(client->Send(PostRequest("/", "", std::string(500, 'x'))));
  EXPECT_EQ(client->Receive()->status, 200);
}

TEST_F(HttpServerTest, GivesBackTheMemoryOfABody) {
  Serve();
  {
    auto client = Connect();
    ASSERT_TRUE(client->Send(PostRequest("/", "", std::string(100000, 'x'))));
    EXPECT_EQ(client->Receive()->status, 200);
    EXPECT_GE(budget_.peak_bytes(), 100000U);
  }
  server_->Shutdown();
  EXPECT_EQ(budget_.used_bytes(), 0U);
}

TEST_F(HttpServerTest, ContinuesWhenExpected) {
  Serve();
  auto client = Connect();
  ASSERT_TRUE(client->Send(
      "POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
  const auto interim = client->Receive();
  ASSERT_TRUE(interim);
  EXPECT_EQ(interim->status, 100);
  ASSERT_TRUE(client->Send("hello"));
  const auto response = client->Receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "hello");
}

TEST_F(HttpServerTest, AnswersFromAnotherThread) {
  std::thread worker;
  handler_.serve = [&worker](HttpRequest request, HttpResponder responder) {
    worker = std::thread([body = request.body, responder = std::move(responder)]() mutable {
      HttpResponse response;
      response.body = body;
      responder.Respond(std::move(response));
    });
  };
  Serve();
  auto client = Connect();
  ASSERT_TRUE(client->Send(PostRequest("/", "", "later")));
  EXPECT_EQ(client->Receive()->body, "later");
  worker.join();
}

TEST_F(HttpServerTest, ClosesWhenNobodyAnswers) {
  handler_.serve = [](HttpRequest, HttpResponder) {};
  Serve();
  auto client = Connect();
  ASSERT_TRUE(client->Send(PostRequest("/", "", "x")));
  EXPECT_TRUE(client->ClosedByServer());
}

TEST_F(HttpServerTest, RefusesAtTheHeadAndGoesOn) {
  handler_.refusal = HttpResponse::Text(404, "404 page not found\n");
  Serve();
  auto client = Connect();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client->Send(PostRequest("/nope", "", std::string(50000, 'x'))));
    const auto response = client->Receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 404);
  }
}

TEST_F(HttpServerTest, ClosesConnectionsThatDripTheirHead) {
  HttpServerConfig config;
  config.read_header_timeout = std::chrono::milliseconds(200);
  Serve(std::move(config));
  auto client = Connect();
  ASSERT_TRUE(client->Send("POST / HTTP/1.1\r\nHo"));
  EXPECT_TRUE(client->ClosedByServer());
}

TEST_F(HttpServerTest, ClosesConnectionsThatHoldBackTheirBody) {
  HttpServerConfig config;
  config.read_timeout = std::chrono::milliseconds(200);
  Serve(std::move(config));
  auto client = Connect();
  ASSERT_TRUE(client->Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nabc"));
  EXPECT_TRUE(client->ClosedByServer());
}

TEST_F(HttpServerTest, ClosesIdleConnections) {
  HttpServerConfig config;
  config.idle_timeout = std::chrono::milliseconds(200);
  Serve(std::move(config));
  auto client = Connect();
  ASSERT_TRUE(client->Send(PostRequest("/", "", "x")));
  ASSERT_TRUE(client->Receive());
  EXPECT_TRUE(client->ClosedByServer());
}

TEST_F(HttpServerTest, HonoursConnectionClose) {
  Serve();
  auto client = Connect();
  ASSERT_TRUE(client->Send(PostRequest("/", "Connection: close\r\n", "x")));
  EXPECT_EQ(client->Receive()->Header("Connection"), "close");
  EXPECT_TRUE(client->ClosedByServer());
}

TEST_F(HttpServerTest, FinishesRequestsInFlightWhenStopped) {
  std::promise<HttpResponder> waiting;
  handler_.serve = [&](HttpRequest, HttpResponder responder) {
    waiting.set_value(std::move(responder));
  };
  Serve();
  auto client = Connect();
  ASSERT_TRUE(client->Send(PostRequest("/", "", "x")));
  HttpResponder responder = waiting.get_future().get();
  std::thread stop([&] { server_->Shutdown(std::chrono::seconds(5)); });
  responder.Respond(HttpResponse::Text(200, "done"));
  const auto response = client->Receive();
  stop.join();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "done");
}

TEST_F(HttpServerTest, GivesUpOnAnswersThatNeverCome) {
  std::promise<HttpResponder> waiting;
  handler_.serve = [&](HttpRequest, HttpResponder responder) {
    waiting.set_value(std::move(responder));
  };
  Serve();
  auto client = Connect();
  ASSERT_TRUE(client->Send(PostRequest("/", "", "x")));
  HttpResponder responder = waiting.get_future().get();
  server_->Shutdown(std::chrono::milliseconds(50));
  EXPECT_EQ(server_->connection_count(), 0U);
  responder.Respond(HttpResponse::Text(200, "too late"));
}

TEST_F(HttpServerTest, SaysWhenTheAddressIsTaken) {
  Serve();
  HttpServerConfig config;
  config.endpoint = server_->address();
  HttpServer second(config, handler_, budget_, Logger(), pool_);
  EXPECT_EQ(second.Start().message(),
            "listen tcp " + server_->address() + ": bind: address already in use");
}

}  // namespace
}  // namespace weir::net
