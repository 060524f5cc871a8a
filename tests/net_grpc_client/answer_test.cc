#include <gtest/gtest.h>

#include <string>

#include "net/grpc_client/grpc_answer.h"

namespace weir::net {
namespace {

std::string Words(grpc::StatusCode code, const std::string& text, CallEnd end = {}) {
  return ToStatus(grpc::Status(code, text), end).message();
}

constexpr auto kUnavailable = grpc::StatusCode::UNAVAILABLE;

TEST(GrpcAnswer, TellsBrokenConnectionsInGoWords) {
  const std::string last = "failed to connect to all addresses; last error: UNKNOWN: ";
  EXPECT_EQ(Words(kUnavailable, last + "ipv6:%5B::1%5D:1: Failed to connect to remote host: No "
                                       "route to host"),
            "connection error: desc = \"transport: Error while dialing: dial tcp [::1]:1: connect: "
            "no route to host\"");
  EXPECT_EQ(Words(kUnavailable, last + "unix:/tmp/x.sock: No such file or directory"),
            "connection error: desc = \"transport: Error while dialing: dial unix /tmp/x.sock: "
            "connect: no such file or directory\"");
  EXPECT_EQ(Words(kUnavailable, last + "ipv4:127.0.0.1:1: Tls handshake failed: SSL_ERROR_SSL: x"),
            "connection error: desc = \"transport: authentication handshake failed: SSL_ERROR_SSL: "
            "x\"");
  EXPECT_EQ(Words(kUnavailable, last + "ipv4:127.0.0.1:1: Trying to connect an http1.x server"),
            "connection error: desc = \"transport: ipv4:127.0.0.1:1: Trying to connect an http1.x "
            "server\"");
  EXPECT_EQ(Words(kUnavailable, "recvmsg:Connection reset by peer"),
            "error reading from server: read: connection reset by peer");
  EXPECT_EQ(Words(kUnavailable, "Socket closed"), "error reading from server: EOF");
  EXPECT_EQ(Words(kUnavailable, "sink says no"), "sink says no");
}

TEST(GrpcAnswer, TellsOwnEndsInGoWords) {
  EXPECT_EQ(
      Words(grpc::StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded", {.deadline_passed = true}),
      "context deadline exceeded");
  EXPECT_EQ(Words(grpc::StatusCode::DEADLINE_EXCEEDED, "the server's own"), "the server's own");
  EXPECT_EQ(Words(grpc::StatusCode::CANCELLED, "CANCELLED", {.shut_down = true}),
            "grpc: the client connection is closing");
}

}  // namespace
}  // namespace weir::net
