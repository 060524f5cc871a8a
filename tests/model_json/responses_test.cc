#include "model/json/responses.h"

#include <gtest/gtest.h>

namespace weir::model::json {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(JsonResponses, SaySuccess) {
  EXPECT_EQ(SuccessResponse(), R"({"partialSuccess":{}})");
  EXPECT_EQ(PartialSuccessResponse(Signal::kTraces, 0, ""), R"({"partialSuccess":{}})");
  EXPECT_EQ(PartialSuccessResponse(Signal::kTraces, 5, "why"),
            R"({"partialSuccess":{"rejectedSpans":"5","errorMessage":"why"}})");
  EXPECT_EQ(PartialSuccessResponse(Signal::kMetrics, 1, ""),
            R"({"partialSuccess":{"rejectedDataPoints":"1"}})");
  EXPECT_EQ(PartialSuccessResponse(Signal::kLogs, 0, "a \"warning\"\n"),
            R"({"partialSuccess":{"errorMessage":"a \"warning\"\n"}})");
}

TEST(JsonResponses, SayFailure) {
  EXPECT_EQ(StatusResponse(StatusCode::kInvalidArgument, "bad \xff byte"),
            "{\"code\":3,\"message\":\"bad \uFFFD byte\"}");
  EXPECT_EQ(StatusResponse(StatusCode::kUnavailable, "later", seconds(1)),
            R"({"code":14,"message":"later","details":[{"@type":)"
            R"("type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1s"}]})");
  EXPECT_EQ(StatusResponse(StatusCode::kUnavailable, "", milliseconds(1500)),
            R"({"code":14,"details":[{"@type":)"
            R"("type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.500s"}]})");
}

TEST(JsonResponses, AreRead) {
  const auto partial = ReadResponse(
      Signal::kLogs, R"({"partialSuccess":{"rejectedLogRecords":"7","errorMessage":"full"}})");
  ASSERT_TRUE(partial);
  EXPECT_EQ(partial->rejected, 7);
  EXPECT_EQ(partial->message, "full");
  EXPECT_EQ(ReadResponse(Signal::kTraces, "{}")->rejected, 0);
  EXPECT_FALSE(ReadResponse(Signal::kTraces, "<html>"));

  const auto status = ReadStatus(R"({"code": 3, "message":"no", "details":[{"@type":"x"}]})");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 3);
  EXPECT_EQ(status->message, "no");
}

}  // namespace
}  // namespace weir::model::json
