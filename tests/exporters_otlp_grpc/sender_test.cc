#include "exporters/otlp_grpc/sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "net/compression/compression.h"
#include "tests/exporters_otlp_grpc/support.h"

namespace weir::exporters::otlp_grpc {
namespace {

using model::Signal;
using testing::StartsWith;
using tests::GrpcBackend;

TEST_F(SenderTest, CallsTheServiceOfEachSignal) {
  for (const Signal signal : model::kSignals) {
    EXPECT_TRUE(StartAndSend(Plain(), One(signal)).ok());
  }
  const auto got = backend_.requests();
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got[0].method, "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
  EXPECT_EQ(got[0].body, kOneSpan);
  EXPECT_EQ(got[1].method, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export");
  EXPECT_EQ(got[1].body, kOnePoint);
  EXPECT_EQ(got[2].method, "/opentelemetry.proto.collector.logs.v1.LogsService/Export");
  EXPECT_EQ(got[2].body, kOneLog);
  EXPECT_THAT(got[2].Find("user-agent"), StartsWith("Weir/1.2.3 (linux/"));
}

TEST_F(SenderTest, SendsMergedBatchesAsOneMessage) {
  model::Batch batch = OneLog();
  batch.Append(OneLog());
  EXPECT_TRUE(StartAndSend(Plain(), std::move(batch)).ok());
  EXPECT_EQ(backend_.requests().at(0).body, std::string(kOneLog) + std::string(kOneLog));
}

TEST_F(SenderTest, SendsTheCompressedFormAsItCame) {
  GrpcBackend raw({.inflates = false});
  OtlpGrpcConfig config = Plain();
  config.client.endpoint = raw.address();
  config.client.compression.name = "gzip";
  const Slice plain = Slice::Copy(kOneLog);
  const Slice packed = *net::Compress(net::Encoding::kGzip, 9, {&plain, 1}, nullptr);
  model::Batch batch = OneLog();
  batch.SetCompressed(model::Codec::kGzip, packed);
  EXPECT_TRUE(StartAndSend(config, batch).ok());
  EXPECT_EQ(raw.requests().at(0).body, packed.view());
  // Another codec's form is of no use.
  batch.SetCompressed(model::Codec::kZstd, Slice::Copy("zstd"));
  EXPECT_TRUE(Send(batch).ok());
  EXPECT_THAT(raw.requests().at(1).body, StartsWith("\x1f\x8b"));
}

TEST_F(SenderTest, SendsPlainWhatCameCompressed) {
  const Slice plain = Slice::Copy(kOneLog);
  model::Batch batch = OneLog();
  batch.SetCompressed(model::Codec::kGzip,
                      *net::Compress(net::Encoding::kGzip, 1, {&plain, 1}, nullptr));
  EXPECT_TRUE(StartAndSend(Plain(), std::move(batch)).ok());
  EXPECT_EQ(backend_.requests().at(0).body, kOneLog);
}

TEST_F(SenderTest, WarnsOfAPartialSuccess) {
  backend_.AnswerWith({{.body = std::string("\x0a\x0f\x08\x01\x12\x0bone was bad", 17)}});
  EXPECT_TRUE(StartAndSend(Plain(), One(Signal::kMetrics)).ok());
  ASSERT_EQ(log_->Count("Partial success response"), 1U);
  const LogFields fields = log_->lines().at(0).fields;
  EXPECT_EQ(std::get<std::string>(fields.at(0).value), "one was bad");
  EXPECT_EQ(fields.at(1).key, "dropped_data_points");
  EXPECT_EQ(std::get<int64_t>(fields.at(1).value), 1);
}

TEST_F(SenderTest, TakesAnEmptyPartialSuccessForSuccess) {
  backend_.AnswerWith({{.body = std::string("\x0a\x00", 2)}});
  EXPECT_TRUE(StartAndSend(Plain(), OneLog()).ok());
  EXPECT_TRUE(log_->lines().empty());
}

TEST_F(SenderTest, RefusesAnAnswerThatIsNone) {
  backend_.AnswerWith({{.body = "\xff\xff"}});
  const Status status = StartAndSend(Plain(), OneLog());
  EXPECT_TRUE(status.permanent());
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_THAT(status.message(), StartsWith("grpc: failed to unmarshal the received message"));
}

TEST_F(SenderTest, KeepsTheDeadlineOfAnAttempt) {
  backend_.AnswerWith({{.held = true}});
  ASSERT_TRUE(Start(Plain()).ok());
  pipeline::Context context;
  context.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  const Status status = Send(OneLog(), context);
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(status.retryable());
}

// An extension that gives credentials, or none of that kind.
class Token final : public pipeline::Extension, public pipeline::ClientAuthenticator {
 public:
  explicit Token(bool needs_tls) : needs_tls_(needs_tls) {}
  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
  Result<pipeline::Headers> Credentials() override {
    if (broken) return Fail(Status(StatusCode::kUnauthenticated, "no token"));
    return pipeline::Headers{{"authorization", "Bearer x"}};
  }
  bool requires_transport_security() const override { return needs_tls_; }
  bool broken = false;

 private:
  const bool needs_tls_;
};
class Other final : public pipeline::Extension {
 public:
  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
};

OtlpGrpcConfig With(OtlpGrpcConfig config, std::string authenticator) {
  config.client.auth =
      config::Optional<net::AuthConfig>::On(net::AuthConfig{std::move(authenticator)});
  return config;
}

TEST_F(SenderTest, AddsCredentials) {
  Token token(false);
  host_.extensions["token"] = &token;
  EXPECT_TRUE(StartAndSend(With(Plain(), "token"), OneLog()).ok());
  EXPECT_EQ(backend_.requests().at(0).Find("authorization"), "Bearer x");
  token.broken = true;
  EXPECT_EQ(Send(OneLog()).message(), "no token");
}

TEST_F(SenderTest, SaysWhatIsWrongWithAnAuthenticator) {
  Token token(true);
  Other other;
  host_.extensions["token"] = &token;
  host_.extensions["other"] = &other;
  EXPECT_EQ(Start(With(Plain(), "nope")).message(),
            "failed to resolve authenticator \"nope\": authenticator not found");
  EXPECT_EQ(Start(With(Plain(), "other")).message(),
            "requested authenticator is not a gRPC client authenticator");
  EXPECT_EQ(Start(With(Plain(), "token")).message(),
            "grpc: the credentials require transport level security (use "
            "grpc.WithTransportCredentials() to set)");
}

}  // namespace
}  // namespace weir::exporters::otlp_grpc
