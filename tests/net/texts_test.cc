// The small parts: URLs, addresses, listeners, status mapping.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "net/endpoint.h"
#include "net/listener.h"
#include "net/status_mapping.h"
#include "net/url.h"
#include "tests/support/raw_http.h"

namespace weir::net {
namespace {

TEST(Url, ReadsItsParts) {
  const auto url = ParseUrl("HTTPS://u:p%41@[::1]:4318/a%20b?x=1&y=2#z");
  ASSERT_TRUE(url) << url.error().message();
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->userinfo, "u:pA");
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->Authority(), "[::1]:4318");
  EXPECT_EQ(url->Target(), "/a%20b?x=1&y=2");
  EXPECT_EQ(ParseUrl("http://h")->Target(), "/");
  EXPECT_EQ(ParseUrl("http://h")->Authority(), "h:80");
}

TEST(Url, SaysWhatIsWrongAsGo) {
  const auto why = [](const char* text) { return ParseUrl(text).error().message(); };
  EXPECT_EQ(why("http://[bad"), "parse \"http://[bad\": missing ']' in host");
  EXPECT_EQ(why(":invalid"), "parse \":invalid\": missing protocol scheme");
  EXPECT_EQ(why("http://h:y/"), "parse \"http://h:y/\": invalid port \":y\" after host");
  EXPECT_EQ(why("http://h/%zz"), "parse \"http://h/%zz\": invalid URL escape \"%zz\"");
}

TEST(HostPort, SplitsAsGo) {
  EXPECT_EQ(SplitHostPort("[::1]:80")->host, "::1");
  EXPECT_EQ(SplitHostPort(":4317")->port, "4317");
  const auto why = [](const char* text) { return SplitHostPort(text).error().message(); };
  EXPECT_EQ(why("localhost"), "address localhost: missing port in address");
  EXPECT_EQ(why("http://h:1"), "address http://h:1: too many colons in address");
}

TEST(ListenerPool, RefusesAnAddressTwice) {
  ListenerPool pool;
  const auto first = pool.Listen("tcp", "127.0.0.1:0");
  ASSERT_TRUE(first) << first.error().message();
  const auto second = pool.Listen("tcp", first->address());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message(),
            "listen tcp " + first->address() + ": bind: address already in use");
  EXPECT_EQ(pool.Listen("tcp", "localhost:99999").error().message(),
            "listen tcp: address 99999: invalid port");
}

// Scenario: a reload; the new server listens before the old one has gone.
// Guarantees: the socket is handed over once, and stays open all the time.
TEST(ListenerPool, HandsASocketOver) {
  ListenerPool pool;
  std::string address;
  {
    const auto probe = pool.Listen("tcp", "127.0.0.1:0");
    address = probe->address();
  }
  auto old_listener = pool.Listen("tcp", address);
  ASSERT_TRUE(old_listener) << old_listener.error().message();
  const tests::RawHttp waiting(old_listener->port());
  ASSERT_TRUE(waiting.ok());
  {
    const ListenerPool::Handover reload(pool);
    auto new_listener = pool.Listen("tcp", address);
    ASSERT_TRUE(new_listener) << new_listener.error().message();
    EXPECT_FALSE(pool.Listen("tcp", address));
    *old_listener = Listener();
    EXPECT_TRUE(tests::RawHttp(new_listener->port()).ok());
    *old_listener = std::move(*new_listener);
  }
  EXPECT_TRUE(tests::RawHttp(old_listener->port()).ok());
}

TEST(ListenerPool, KeepsAClosedSocketForItsSuccessor) {
  ListenerPool pool;
  std::string address = pool.Listen("tcp", "127.0.0.1:0")->address();
  auto listener = pool.Listen("tcp", address);
  ASSERT_TRUE(listener);
  const uint16_t port = listener->port();
  {
    const ListenerPool::Handover reload(pool);
    *listener = Listener();
    EXPECT_TRUE(tests::RawHttp(port).ok());
  }
  EXPECT_FALSE(tests::RawHttp(port).ok());
}

TEST(StatusMapping, FollowsTheTable) {
  EXPECT_EQ(HttpStatusOf(StatusCode::kUnavailable), 503);
  EXPECT_EQ(HttpStatusOf(StatusCode::kDeadlineExceeded), 503);
  EXPECT_EQ(HttpStatusOf(StatusCode::kResourceExhausted), 429);
  EXPECT_EQ(HttpStatusOf(StatusCode::kUnimplemented), 404);
  EXPECT_EQ(HttpStatusOf(StatusCode::kNotFound), 500);
  EXPECT_EQ(StatusCodeOf(404), StatusCode::kUnimplemented);
  EXPECT_EQ(StatusCodeOf(504), StatusCode::kUnavailable);
  EXPECT_EQ(StatusCodeOf(418), StatusCode::kUnknown);
}

TEST(StatusMapping, WritesAndReadsDelays) {
  const Status status = Status::Retryable("later", std::chrono::milliseconds(700));
  const auto rpc = DecodeRpcStatus(EncodeRpcStatus(status));
  ASSERT_TRUE(rpc);
  EXPECT_EQ(rpc->retry_delay, std::chrono::milliseconds(700));
  const Status back = ToStatus(*rpc, EncodeRpcStatus(status));
  EXPECT_TRUE(back.retryable());
  EXPECT_EQ(back.retry_after(), std::chrono::milliseconds(700));
  EXPECT_EQ(EncodeRpcStatusJson(status),
            R"({"code":14, "message":"later", "details":[{"@type":)"
            R"("type.googleapis.com/google.rpc.RetryInfo", "retryDelay":"0.700s"}]})");
}

TEST(StatusMapping, SurvivesGarbage) {
  EXPECT_FALSE(DecodeRpcStatus("\xff\xff"));
  EXPECT_FALSE(DecodeRpcStatus(R"({"code":3})"));
  EXPECT_TRUE(DecodeRpcStatus(""));
}

TEST(RetryAfter, ReadsSecondsAndDates) {
  const auto now = std::chrono::system_clock::from_time_t(1700000000);
  EXPECT_EQ(ParseRetryAfter("5", now), std::chrono::seconds(5));
  EXPECT_EQ(ParseRetryAfter("Tue, 14 Nov 2023 22:13:25 GMT", now), std::chrono::seconds(5));
  EXPECT_EQ(ParseRetryAfter("Wed, 21 Oct 2015 07:28:00 GMT", now), std::chrono::seconds(0));
  for (const char* text : {"", "soon", "0.5", "-1", " 1 "}) {
    EXPECT_FALSE(ParseRetryAfter(text, now)) << text;
  }
  EXPECT_EQ(FormatRetryAfter(std::chrono::milliseconds(1200)), "2");
}

}  // namespace
}  // namespace weir::net
