#include "base/status.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Status, DerivesRetryabilityFromTheCode) {
  EXPECT_TRUE(Status(StatusCode::kUnavailable, "down").retryable());
  EXPECT_TRUE(Status(StatusCode::kInvalidArgument, "bad").permanent());
  EXPECT_TRUE(Status(StatusCode::kResourceExhausted, "full").permanent());
  EXPECT_TRUE(Status(StatusCode::kResourceExhausted, "full")
                  .WithRetryAfter(std::chrono::seconds(1))
                  .retryable());
}

TEST(Status, WorstPrefersPermanentAndJoinsMessages) {
  const Status worst =
      Status::Worst(Status::Retryable("a", std::chrono::seconds(3)), Status::Permanent("b"));
  EXPECT_TRUE(worst.permanent());
  EXPECT_EQ(worst.message(), "a; b");
  EXPECT_TRUE(Status::Worst(Status(), Status()).ok());
  EXPECT_EQ(Status::Worst(Status(), Status::Permanent("b")).message(), "b");
}

TEST(Status, WorstFramesWhatARemoteSaidUnlessItIsWrapped) {
  const Status full = Status(StatusCode::kInvalidArgument, "bad table")
                          .WithWireStatus(
                              "\x08\x03\x12\x09"
                              "bad table")
                          .WithPrefix("Permanent error: rpc error: code = InvalidArgument desc = ");
  const Status down = Status(StatusCode::kUnavailable, "down")
                          .WithWireStatus(
                              "\x08\x0e\x12\x04"
                              "down");
  EXPECT_EQ(Status::Worst(full, down).message(),
            "Permanent error: rpc error: code = InvalidArgument desc = bad table; "
            "rpc error: code = Unavailable desc = down");
  EXPECT_EQ(Status::Worst(Status::Worst(down, down), Status::Retryable("ours")).message(),
            "rpc error: code = Unavailable desc = down; "
            "rpc error: code = Unavailable desc = down; ours");
}

TEST(Status, PrintsAsGrpcDoes) {
  EXPECT_EQ(Status(StatusCode::kUnavailable, "down").ToString(),
            "rpc error: code = Unavailable desc = down");
}

}  // namespace
}  // namespace weir
