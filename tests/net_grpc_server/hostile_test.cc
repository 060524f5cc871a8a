// Clients that mean harm, down to single HTTP/2 frames.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "net/grpc_server/grpc_server.h"
#include "tests/net_grpc_server/raw_grpc.h"

namespace weir::net {
namespace {

constexpr uint8_t kData = 0;
constexpr uint8_t kHeaders = 1;
constexpr uint8_t kReset = 3;
constexpr uint8_t kSettings = 4;
constexpr uint8_t kPing = 6;
constexpr uint8_t kGoAway = 7;
constexpr uint8_t kWindowUpdate = 8;
constexpr uint8_t kAck = 1;
constexpr uint8_t kEndHeaders = 4;

std::string Number(uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string Frame(uint8_t type, uint8_t flags, uint32_t stream, std::string_view payload) {
  return Number(payload.size(), 3) + Number(type, 1) + Number(flags, 1) + Number(stream, 4) +
         std::string(payload);
}

std::string Field(std::string_view name, std::string_view value) {
  std::string text("\0", 1);  // a literal that nobody indexes
  text += static_cast<char>(name.size());
  text += name;
  text += static_cast<char>(value.size());
  return text + std::string(value);
}

std::string CallHeaders(uint32_t stream) {
  return Frame(kHeaders, kEndHeaders, stream,
               Field(":method", "POST") + Field(":scheme", "http") + Field(":path", "/a.b.C/Do") +
                   Field(":authority", "x") + Field("content-type", "application/grpc") +
                   Field("te", "trailers"));
}

// A connection that keeps account of what it may send.
class Attacker {
 public:
  explicit Attacker(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettings, 0, 0, ""));
  }
  ~Attacker() { close(fd_); }
  Attacker(const Attacker&) = delete;
  Attacker& operator=(const Attacker&) = delete;

  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // Sends data on `stream` as the windows allow, until `bytes_max`, or the stream is ended, or the
  // server gives no more room for three seconds. How much it was.
  size_t Flood(uint32_t stream, size_t bytes_max) {
    const std::string block(16384, 'x');
    size_t sent = 0;
    while (sent < bytes_max && !over_) {
      const int64_t room = std::min(connection_window_, initial_window_ + extra_[stream]);
      if (room < static_cast<int64_t>(block.size())) {
        if (!Read(3000)) break;
        continue;
      }
      if (!Send(Frame(kData, 0, stream, block))) break;
      sent += block.size();
      connection_window_ -= static_cast<int64_t>(block.size());
      extra_[stream] -= static_cast<int64_t>(block.size());
      while (Read(0)) {
      }
    }
    return sent;
  }
  bool over() const { return over_; }

 private:
  // One frame; false when none came in time or the connection has gone.
  bool Read(int timeout_ms) {
    pollfd ready{fd_, POLLIN, 0};
    if (over_ || poll(&ready, 1, timeout_ms) != 1) return false;
    std::string head(9, '\0');
    if (!ReceiveAll(head)) return false;
    std::string payload(Parse(head, 0, 3), '\0');
    if (!ReceiveAll(payload)) return false;
    OnFrame(static_cast<uint8_t>(head[3]), static_cast<uint8_t>(head[4]),
            static_cast<uint32_t>(Parse(head, 5, 4)), payload);
    return true;
  }
  bool ReceiveAll(std::string& into) {
    if (into.empty()) return true;
    const ssize_t got = recv(fd_, into.data(), into.size(), MSG_WAITALL);
    over_ = over_ || got != static_cast<ssize_t>(into.size());
    return !over_;
  }
  static uint64_t Parse(std::string_view text, size_t offset, size_t bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i) {
      value = value << 8 | static_cast<uint8_t>(text[offset + i]);
    }
    return value;
  }
  void OnFrame(uint8_t type, uint8_t flags, uint32_t stream, const std::string& payload) {
    if (type == kWindowUpdate) {
      const auto more = static_cast<int64_t>(Parse(payload, 0, 4));
      (stream == 0 ? connection_window_ : extra_[stream]) += more;
    } else if (type == kSettings && (flags & kAck) == 0) {
      for (size_t i = 0; i + 6 <= payload.size(); i += 6) {
        if (Parse(payload, i, 2) == 4)
          initial_window_ = static_cast<int64_t>(Parse(payload, i + 2, 4));
      }
      Send(Frame(kSettings, kAck, 0, ""));
    } else if (type == kPing && (flags & kAck) == 0) {
      Send(Frame(kPing, kAck, 0, payload));
    } else if (type == kReset || type == kGoAway || (type == kHeaders && stream != 0)) {
      over_ = true;
    }
  }

  const int fd_;
  bool over_ = false;
  int64_t connection_window_ = 65535;
  int64_t initial_window_ = 65535;
  std::map<uint32_t, int64_t> extra_;  // of streams, beyond the initial window
};

class Echo final : public GrpcHandler {
 public:
  Status Admit(const GrpcHead&, std::shared_ptr<void>&) override { return {}; }
  void OnRequest(GrpcServerRequest request, GrpcResponder responder) override {
    responder.Succeed(request.body);
  }
};

class HostileClientTest : public testing::Test {
 protected:
  void SetUp() override {
    GrpcServerConfig config;
    config.net_addr.endpoint = "127.0.0.1:0";
    config.max_recv_msg_size_mib = 1;
    server_ = std::make_unique<GrpcServer>(config, handler_, budget_, Logger(),
                                           std::make_shared<GrpcPool>(1));
    ASSERT_TRUE(server_->Start().ok());
  }
  void TearDown() override {
    // Others are still served.
    EXPECT_EQ(tests::RawGrpc(server_->address()).Call("/a.b.C/Do", "abc").body, "abc");
    server_->Shutdown(std::chrono::milliseconds(100));
    EXPECT_EQ(budget_.used_bytes(), 0U);
  }

  ByteBudget budget_{64 << 20};
  Echo handler_;
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(HostileClientTest, DeclaringGigabytesBuysABoundedBuffer) {
  Attacker attacker(server_->port());
  ASSERT_TRUE(
      attacker.Send(CallHeaders(1) + Frame(kData, 0, 1, std::string("\0\xff\xff\xff\xff", 5))));
  EXPECT_LT(attacker.Flood(1, size_t{512} << 20), size_t{256} << 20);
}

TEST_F(HostileClientTest, AHalfMessageHoldsOneReservation) {
  Attacker attacker(server_->port());
  ASSERT_TRUE(
      attacker.Send(CallHeaders(1) + Frame(kData, 0, 1, std::string("\0\0\0\xff\xff", 5) + "abc")));
  EXPECT_EQ(tests::RawGrpc(server_->address()).Call("/a.b.C/Do", "abc").body, "abc");
  // That of the other call goes when its answer is out; the half one may come after both.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (budget_.used_bytes() != size_t{256} * 1024 &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(budget_.used_bytes(), size_t{256} * 1024);
}

TEST_F(HostileClientTest, RapidResetsLeaveNothingBehind) {
  Attacker attacker(server_->port());
  for (uint32_t stream = 1; stream < 20000; stream += 2) {
    if (!attacker.Send(CallHeaders(stream) + Frame(kReset, 0, stream, Number(8, 4)))) break;
  }
}

}  // namespace
}  // namespace weir::net
