#include "receivers/otlp/grpc_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/config/decode.h"
#include "base/config/yaml.h"
#include "net/compression/compression.h"
#include "net/status_mapping.h"
#include "receivers/otlp/config.h"
#include "receivers/otlp/receiver.h"
#include "tests/net_grpc_server/raw_grpc.h"
#include "tests/receivers_otlp_grpc/golden_grpc.h"
#include "tests/receivers_otlp_grpc/raw_http2.h"
#include "tests/support/captured_log.h"

namespace weir::receivers::otlp {
namespace {

using tests::RawGrpc;
using tests::RawGrpcAnswer;

const std::string kLogs = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
const std::string kTraces = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const std::string kMetrics = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
// One log record: resource_logs { scope_logs { log_records { body { string_value: "hi" } } } }
constexpr std::string_view kOneLog("\x0a\x0a\x12\x08\x12\x06\x2a\x04\x0a\x02hi", 12);
const std::string kSuccess("\x0a\x00", 2);

class KeepingConsumer final : public pipeline::Consumer {
 public:
  void Consume(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override {
    tests::OrderBySocket();
    {
      const std::lock_guard lock(mutex);
      batches.push_back(std::move(batch));
      clients.push_back(context.client);
      transport = context.transport;
      has_deadline = context.deadline != pipeline::Context::kNoDeadline;
    }
    Status status = answer;
    tests::OrderBySocket();
    done(std::move(status));
  }
  Status answer;
  std::mutex mutex;
  std::vector<model::Batch> batches;
  std::vector<std::shared_ptr<const pipeline::ClientInfo>> clients;
  std::string transport;
  bool has_deadline = false;
};

class DoorKeeper final : public pipeline::Extension,
                         public pipeline::ServerAuthenticator,
                         public pipeline::ServerMiddleware {
 public:
  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
  Status Authenticate(const pipeline::Headers& headers, pipeline::ClientInfo& client) override {
    tests::OrderBySocket();
    for (const auto& [name, value] : headers) {
      if (name != "authorization" || value != "secret") continue;
      client.authenticated = true;
      client.auth.emplace_back("username", "me");
      return {};
    }
    Status status = refusal;
    tests::OrderBySocket();
    return status;
  }
  Status Admit() override {
    tests::OrderBySocket();
    Status status = admission;
    tests::OrderBySocket();
    return status;
  }
  Status refusal{StatusCode::kUnauthenticated, "no basic auth provided"};
  Status admission;
};

class Plain final : public pipeline::Extension {
 public:
  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
};

class Host final : public pipeline::Host {
 public:
  pipeline::Component* FindExtension(const pipeline::ComponentId& id) override {
    if (id.type == "door") return &door;
    return id.type == "plain" ? &plain : nullptr;
  }
  void ReportState(const pipeline::Component&, pipeline::ComponentState, const Status&) override {}
  DoorKeeper door;
  Plain plain;
};

class OtlpGrpcServerTest : public testing::Test {
 protected:
  Status Start(net::GrpcServerConfig config, bool metrics = true) {
    config.net_addr.endpoint = "127.0.0.1:0";
    server_ = std::make_unique<OtlpGrpcServer>(
        config, pipeline::ReceiverConsumers{&sink_, metrics ? &sink_ : nullptr, &sink_},
        Settings());
    return server_->Start(host_);
  }
  void Serve(net::GrpcServerConfig config = {}, bool metrics = true) {
    const Status started = Start(std::move(config), metrics);
    ASSERT_TRUE(started.ok()) << started.message();
  }
  pipeline::Settings Settings() {
    return {{"otlp", ""}, Logger(log_), nullptr, executor_, budget_, build_};
  }
  RawGrpcAnswer Call(const std::string& method, std::string_view body,
                     const RawGrpc::Metadata& metadata = {}) {
    return RawGrpc(server_->address()).Call(method, body, metadata);
  }
  void TearDown() override {
    if (server_) server_->Shutdown();
    server_.reset();
    sink_.batches.clear();
    EXPECT_EQ(budget_.used_bytes(), 0U);
  }

  ByteBudget budget_{64 << 20};
  ThreadPool executor_{"test", 1};
  pipeline::BuildInfo build_;
  std::shared_ptr<tests::CapturedLog> log_ = std::make_shared<tests::CapturedLog>();
  Host host_;
  KeepingConsumer sink_;
  std::unique_ptr<OtlpGrpcServer> server_;
};

TEST_F(OtlpGrpcServerTest, TakesMessagesUnchanged) {
  Serve();
  const RawGrpcAnswer answer = Call(kLogs, kOneLog);
  EXPECT_EQ(answer.code, 0) << answer.message;
  EXPECT_EQ(answer.body, kSuccess);
  ASSERT_EQ(sink_.batches.size(), 1U);
  EXPECT_EQ(sink_.batches[0].Flatten().view(), kOneLog);
  EXPECT_EQ(sink_.batches[0].signal(), model::Signal::kLogs);
  EXPECT_TRUE(sink_.clients[0]->address.starts_with("127.0.0.1:"));
  EXPECT_TRUE(sink_.clients[0]->metadata.empty());
  EXPECT_EQ(sink_.transport, "grpc");
  EXPECT_TRUE(sink_.has_deadline);
  EXPECT_EQ(log_->Count("Starting GRPC server"), 1U);
}

TEST_F(OtlpGrpcServerTest, EmptyRequestsTouchNoPipeline) {
  Serve();
  for (const std::string& method : {kLogs, kTraces, kMetrics}) {
    EXPECT_EQ(Call(method, "").body, kSuccess);
    EXPECT_EQ(Call(method, std::string_view("\x0a\x00", 2)).body, kSuccess);
  }
  EXPECT_TRUE(sink_.batches.empty());
}

TEST_F(OtlpGrpcServerTest, KeepsTheGzippedForm) {
  Serve();
  const Slice plain = Slice::Copy(kOneLog);
  const Slice packed =
      *net::Compress(net::Encoding::kGzip, net::kDefaultLevel, {&plain, 1}, nullptr);
  RawGrpc client(server_->address(), GRPC_COMPRESS_GZIP);
  EXPECT_EQ(client.CallCompressed(kLogs, packed.view()).code, 0);
  ASSERT_EQ(sink_.batches.size(), 1U);
  EXPECT_EQ(sink_.batches[0].Flatten().view(), kOneLog);
  EXPECT_EQ(sink_.batches[0].compressed_codec(), model::Codec::kGzip);
  EXPECT_EQ(sink_.batches[0].compressed().view(), packed.view());
}

TEST_F(OtlpGrpcServerTest, DropsTheGzippedFormOfARequestWithMoreInIt) {
  Serve();
  // An unknown field of the request, which is no part of the batch.
  const Slice plain = Slice::Copy(std::string(kOneLog) + "\x78\x01");
  const Slice packed =
      *net::Compress(net::Encoding::kGzip, net::kDefaultLevel, {&plain, 1}, nullptr);
  RawGrpc client(server_->address(), GRPC_COMPRESS_GZIP);
  EXPECT_EQ(client.CallCompressed(kLogs, packed.view()).code, 0);
  ASSERT_EQ(sink_.batches.size(), 1U);
  EXPECT_EQ(sink_.batches[0].compressed_codec(), model::Codec::kNone);
}

TEST_F(OtlpGrpcServerTest, KnowsTheServicesThatPipelinesTake) {
  Serve({}, false);
  RawGrpcAnswer answer = Call(kMetrics, kOneLog);
  EXPECT_EQ(answer.code, 12);
  EXPECT_EQ(answer.message,
            "unknown service opentelemetry.proto.collector.metrics.v1.MetricsService");
  answer = Call("/opentelemetry.proto.collector.logs.v1.LogsService/Import", "");
  EXPECT_EQ(answer.code, 12);
  EXPECT_EQ(answer.message,
            "unknown method Import for service opentelemetry.proto.collector.logs.v1.LogsService");
}

TEST_F(OtlpGrpcServerTest, PassesOnWhatThePipelineSays) {
  Serve();
  sink_.answer = Status::Retryable("sending queue is full", std::chrono::milliseconds(1500));
  RawGrpcAnswer answer = Call(kLogs, kOneLog);
  EXPECT_EQ(answer.code, 14);
  EXPECT_EQ(net::DecodeRpcStatus(answer.details)->retry_delay, std::chrono::milliseconds(1500));
  sink_.answer = Status::Permanent("no");
  EXPECT_EQ(Call(kLogs, kOneLog).code, 13);
  sink_.answer = Status(StatusCode::kUnknown, "who knows").WithPermanent(false);
  EXPECT_EQ(Call(kLogs, kOneLog).code, 14);
}

TEST_F(OtlpGrpcServerTest, AsksWhoItIs) {
  net::GrpcServerConfig config;
  config.auth = config::Optional<net::AuthConfig>::On({.authenticator = "door"});
  config.include_metadata = true;
  Serve(config);
  const RawGrpcAnswer answer = Call(kLogs, kOneLog);
  EXPECT_EQ(answer.code, 16);
  EXPECT_EQ(answer.message, "no basic auth provided");
  EXPECT_EQ(Call(kLogs, kOneLog, {{"authorization", "secret"}}).code, 0);
  ASSERT_EQ(sink_.clients.size(), 1U);
  EXPECT_EQ(*sink_.clients[0]->FindAuth("username"), "me");
  EXPECT_EQ(*sink_.clients[0]->FindMetadata("host"), std::vector<std::string>{server_->address()});
}

TEST_F(OtlpGrpcServerTest, AsksItsMiddlewares) {
  net::GrpcServerConfig config;
  config.middlewares = {{"door"}};
  Serve(config);
  EXPECT_EQ(Call(kLogs, kOneLog).code, 0);
  host_.door.admission = Status(StatusCode::kResourceExhausted, "RESOURCE_EXHAUSTED");
  EXPECT_EQ(Call(kLogs, kOneLog).code, 8);
  EXPECT_EQ(sink_.batches.size(), 1U);
}

TEST_F(OtlpGrpcServerTest, StartsOnlyWithTheExtensionsItNames) {
  net::GrpcServerConfig config;
  config.auth = config::Optional<net::AuthConfig>::On({.authenticator = "absent"});
  EXPECT_EQ(Start(config).message(),
            "failed to resolve authenticator \"absent\": authenticator not found");
  config.auth = config::Optional<net::AuthConfig>::On({.authenticator = "plain"});
  EXPECT_EQ(Start(config).message(), "requested authenticator is not a server authenticator");
  config = {};
  config.middlewares = {{"absent"}};
  EXPECT_EQ(Start(config).message(),
            "failed to get gRPC server options from middleware: failed to resolve middleware "
            "\"absent\": middleware not found");
}

// Scenario: every call that was recorded against the Collector.
// Guarantees: the same code, message and reply; a malformed message is INVALID_ARGUMENT, with more
// said about where.
class GoldenTest : public OtlpGrpcServerTest {
 protected:
  void ServeAsRecorded() {
    net::GrpcServerConfig config;
    config.max_recv_msg_size_mib = 1;
    Serve(config);
  }
};

constexpr std::string_view kMalformed = "grpc: error unmarshalling request: ";

TEST_F(GoldenTest, AnswersAsTheCollector) {
  const auto cases = tests::ReadGoldenGrpc();
  if (cases.empty()) GTEST_SKIP() << "the recorded answers are not here (WEIR_DATA)";
  ServeAsRecorded();
  for (const tests::GoldenGrpcCall& golden : cases) {
    SCOPED_TRACE(golden.name);
    const auto compression = golden.compression == "Gzip"      ? GRPC_COMPRESS_GZIP
                             : golden.compression == "Deflate" ? GRPC_COMPRESS_DEFLATE
                                                               : GRPC_COMPRESS_NONE;
    RawGrpc client(server_->address(), compression);
    const RawGrpcAnswer answer = client.Call(golden.path, golden.body, golden.metadata);
    EXPECT_EQ(answer.body, golden.reply);
    if (golden.message.starts_with(kMalformed)) {
      EXPECT_EQ(answer.code, 3);
      EXPECT_TRUE(answer.message.starts_with(golden.message)) << answer.message;
    } else {
      EXPECT_EQ(answer.code, golden.code);
      EXPECT_EQ(answer.message, golden.message);
    }
  }
}

// What differs on purpose, or because gRPC C++ decides it before us: the grpc-status we give, or
// "" for none.
struct Difference {
  std::string_view status;
  std::string_view reason;
};
const std::map<std::string_view, Difference> kRawDifferences = {
    {"unknown-encoding", {"12", "upstream resets the stream before the client has the answer"}},
    {"unknown-encoding-not-compressed", {"0", "the name is hidden, and nothing is compressed"}},
    {"compressed-flag-without-encoding", {"12", "the encoding's name is hidden: any or none"}},
    {"snappy-raw", {"12", "only framed snappy can be told by its first bytes"}},
    {"content-type-json", {"3", "gRPC C++ does not look at the content type"}},
    {"http1-path", {"2 or reset", "likewise, and it insists on `te: trailers`"}},
    {"no-te", {"2 or reset", "gRPC C++ insists on `te: trailers`; its reset may be first"}},
    {"truncated-frame", {"2", "gRPC C++ does not tell a cut message from none: `EOF`"}},
    {"bad-flag", {"0 or 2", "gRPC C++ hands an unknown flag on as an empty message, or as none"}},
    {"bad-timeout", {"0", "gRPC C++ takes no notice of a deadline it cannot read"}},
};

TEST_F(GoldenTest, AnswersHandMadeRequestsAsTheCollector) {
  const auto cases = tests::ReadGoldenGrpcRaw();
  if (cases.empty()) GTEST_SKIP() << "the recorded answers are not here (WEIR_DATA)";
  ServeAsRecorded();
  for (const tests::GoldenGrpcRaw& golden : cases) {
    SCOPED_TRACE(golden.name);
    const auto answer = tests::PostHttp2(server_->port(), golden.path, golden.headers, golden.body);
    const tests::RawHttp2Answer expected{CURLE_OK, golden.lines, {}};
    const std::string message = answer.Value("grpc-message");
    if (const auto found = kRawDifferences.find(golden.name); found != kRawDifferences.end()) {
      const std::string status = answer.Value("grpc-status");
      const bool may_be_reset = found->second.status.ends_with("reset");
      EXPECT_TRUE(may_be_reset || !status.empty());
      EXPECT_THAT(std::string(found->second.status), testing::HasSubstr(status)) << message;
    } else if (expected.Value("grpc-message").starts_with(kMalformed)) {
      EXPECT_EQ(answer.Value("grpc-status"), "3");
      EXPECT_TRUE(message.starts_with(kMalformed)) << message;
    } else {
      EXPECT_EQ(answer.Value("grpc-status"), expected.Value("grpc-status"))
          << testing::PrintToString(answer.lines);
      EXPECT_EQ(message, expected.Value("grpc-message")) << testing::PrintToString(answer.body);
    }
  }
}

// Scenario: what backends, queues and authenticators said in the recorded cases, said here by a
// consumer and an authenticator.
// Guarantees: clients see the recorded code, message and delay.
TEST_F(GoldenTest, PassesOnRecordedFailures) {
  const auto limits = tests::ReadGoldenGrpcAnswers("limits.yaml");
  if (limits.empty()) GTEST_SKIP() << "the recorded answers are not here (WEIR_DATA)";
  ServeAsRecorded();
  auto cases = tests::ReadGoldenGrpcAnswers("downstream-grpc.yaml");
  cases.insert(cases.end(), limits.begin(), limits.end());
  for (const tests::GoldenGrpcAnswer& golden : cases) {
    SCOPED_TRACE(golden.name);
    sink_.answer = {};
    if (golden.code != 0) {
      Status status(static_cast<StatusCode>(golden.code), golden.message);
      if (golden.retry_info) status = status.WithRetryAfter(std::chrono::milliseconds(700));
      sink_.answer = status.WithWireStatus(net::EncodeRpcStatus(status));
    }
    const RawGrpcAnswer answer = Call(kLogs, kOneLog);
    EXPECT_EQ(answer.code, golden.code);
    EXPECT_EQ(answer.message, golden.message);
    EXPECT_EQ(!answer.details.empty(), golden.retry_info);
  }
}

TEST_F(GoldenTest, PassesOnRecordedRefusalsOfAuthenticators) {
  const auto cases = tests::ReadGoldenGrpcAnswers("auth.yaml");
  if (cases.empty()) GTEST_SKIP() << "the recorded answers are not here (WEIR_DATA)";
  net::GrpcServerConfig config;
  config.auth = config::Optional<net::AuthConfig>::On({.authenticator = "door"});
  Serve(config);
  for (const tests::GoldenGrpcAnswer& golden : cases) {
    SCOPED_TRACE(golden.name);
    host_.door.refusal = Status(StatusCode::kUnauthenticated, golden.message);
    const RawGrpc::Metadata credentials = {{"authorization", "secret"}};
    const RawGrpcAnswer answer =
        Call(kLogs, kOneLog, golden.code == 0 ? credentials : RawGrpc::Metadata{});
    EXPECT_EQ(answer.code, golden.code);
    EXPECT_EQ(answer.message, golden.message);
  }
}

class OtlpReceiverTest : public OtlpGrpcServerTest {
 protected:
  static OtlpConfig Read(std::string_view yaml) {
    OtlpConfig config;
    config::Problems problems;
    const config::YamlResult parsed = config::ParseYaml(yaml, nullptr);
    config::Decode(*parsed.value, "receivers::otlp", config, problems);
    EXPECT_TRUE(problems.ok());
    return config;
  }
};

TEST_F(OtlpReceiverTest, ServesBothProtocols) {
  OtlpReceiver receiver(
      Read("protocols: {grpc: {endpoint: '127.0.0.1:0'}, http: {endpoint: '127.0.0.1:0'}}"),
      {&sink_, &sink_, &sink_}, Settings());
  const Status started = receiver.Start(host_);
  ASSERT_TRUE(started.ok()) << started.message();
  EXPECT_EQ(RawGrpc(receiver.grpc()->address()).Call(kLogs, kOneLog).code, 0);
  EXPECT_NE(receiver.http()->port(), 0);
  receiver.Shutdown();
  receiver.Shutdown();
}

TEST_F(OtlpReceiverTest, OneThatFailsClosesBoth) {
  Serve();
  OtlpReceiver receiver(Read("protocols: {grpc: {endpoint: '127.0.0.1:0'}, http: {endpoint: '" +
                             server_->address() + "'}}"),
                        {&sink_, &sink_, &sink_}, Settings());
  EXPECT_EQ(receiver.Start(host_).message(),
            "listen tcp " + server_->address() + ": bind: address already in use");
  EXPECT_NE(RawGrpc(receiver.grpc()->address()).Call(kLogs, kOneLog).code, 0);
}

TEST_F(OtlpReceiverTest, ServesOnlyWhatIsConfigured) {
  OtlpReceiver receiver(Read("protocols: {grpc: {enabled: false}, http: }"), {}, Settings());
  EXPECT_EQ(receiver.grpc(), nullptr);
  EXPECT_NE(receiver.http(), nullptr);
}

}  // namespace
}  // namespace weir::receivers::otlp
