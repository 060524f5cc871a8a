#include "net/http_memo.h"

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <string>

#include "net/http_head_parser.h"

namespace weir::net {
namespace {

// A block that heads are read into, one after the other, at one place.
class HeadMemoTest : public testing::Test {
 protected:
  std::string_view Place(std::string_view head) {
    block_.replace(0, head.size(), head);
    return std::string_view(block_).substr(0, head.size());
  }
  void Keep(std::string_view text) {
    const std::string_view bytes = Place(text);
    boost::system::error_code error;
    HttpHead head;
    HttpHeadParser parser(head);
    parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    ASSERT_FALSE(error) << error.message();
    memo_.Keep(bytes, head);
  }
  std::optional<uint64_t> Match(std::string_view text) { return memo_.Match(Place(text)); }

  std::string block_ = std::string(4096, '.');
  HttpHeadMemo memo_;
};

std::string HeadOf(std::string_view lines) {
  return "POST /v1/logs HTTP/1.1\r\nHost: t\r\n" + std::string(lines) + "\r\n";
}

TEST_F(HeadMemoTest, KnowsAHeadByAllButItsLength) {
  EXPECT_FALSE(Match(HeadOf("Content-Length: 1\r\n")));
  Keep(HeadOf("Content-Length: 123\r\nX: y\r\n"));
  EXPECT_EQ(Match(HeadOf("Content-Length: 123\r\nX: y\r\n")), 123U);
  EXPECT_EQ(Match(HeadOf("Content-Length: 987\r\nX: y\r\n")), 987U);
  EXPECT_EQ(Match(HeadOf("Content-Length: 000\r\nX: y\r\n")), 0U);
  EXPECT_FALSE(Match(HeadOf("Content-Length: 1234\r\nX: y\r\n")));
  EXPECT_FALSE(Match(HeadOf("Content-Length: 12\r\nX: yz\r\n")));
  EXPECT_FALSE(Match(HeadOf("Content-Length: -12\r\nX: y\r\n")));
  EXPECT_FALSE(Match(HeadOf("Content-Length: 1 2\r\nX: y\r\n")));
}

TEST_F(HeadMemoTest, SeesEveryOtherByte) {
  const std::string head = HeadOf("Content-Length: 5\r\nX: y\r\n");
  Keep(head);
  const size_t digit = head.find('5');
  for (size_t i = 0; i < head.size(); ++i) {
    std::string changed = head;
    changed[i] = changed[i] == '!' ? '?' : '!';
    EXPECT_FALSE(Match(changed)) << i;
    EXPECT_EQ(Match(head), 5U);
    changed[i] = '7';
    EXPECT_EQ(Match(changed).has_value(), i == digit) << i;
  }
}

TEST_F(HeadMemoTest, KnowsAHeadOnlyWhereItStood) {
  const std::string head = HeadOf("Content-Length: 5\r\n");
  Keep(head);
  const std::string elsewhere = head + ".";
  EXPECT_FALSE(memo_.Match(std::string_view(elsewhere).substr(0, head.size())));
}

TEST_F(HeadMemoTest, LeavesWhatOnlyTheParserCanTell) {
  for (const char* lines :
       {"", "Content-Length: 5\r\nContent-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
    Keep(HeadOf("Content-Length: 5\r\n"));
    Keep(HeadOf(lines));
    EXPECT_FALSE(Match(HeadOf(lines))) << lines;
    EXPECT_FALSE(Match(HeadOf("Content-Length: 5\r\n"))) << lines;
  }
  const std::string large = HeadOf("Content-Length: 5\r\nX: " + std::string(3000, 'x') + "\r\n");
  Keep(large);
  EXPECT_FALSE(Match(large));
}

TEST(HttpAnswerMemo, KnowsAnAnswerByAllItsBytes) {
  HttpAnswerMemo memo;
  EXPECT_EQ(memo.Match(""), nullptr);
  EXPECT_EQ(memo.Match("x"), nullptr);
  ClientResponse answer;
  answer.status = 202;
  memo.Keep("HTTP/1.1 202 Accepted\r\n\r\n", answer);
  ASSERT_NE(memo.Match("HTTP/1.1 202 Accepted\r\n\r\n"), nullptr);
  EXPECT_EQ(memo.Match("HTTP/1.1 202 Accepted\r\n\r\n")->status, 202);
  EXPECT_EQ(memo.Match("HTTP/1.1 202 Accepted\r\n\r"), nullptr);
  EXPECT_EQ(memo.Match("HTTP/1.1 203 Accepted\r\n\r\n"), nullptr);
  memo.Keep(std::string(HttpAnswerMemo::kMaxBytes + 1, 'x'), answer);
  EXPECT_EQ(memo.Match(std::string(HttpAnswerMemo::kMaxBytes + 1, 'x')), nullptr);
  EXPECT_EQ(memo.Match(""), nullptr);
}

}  // namespace
}  // namespace weir::net
