#include "net/grpc_server/grpc_server.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/grpc_server/grpc_message.h"
#include "net/listener.h"
#include "net/status_mapping.h"
#include "tests/net_grpc_server/raw_grpc.h"

namespace weir::net {
namespace {

using tests::RawGrpc;
using tests::RawGrpcAnswer;

const std::string kMethod = "/a.b.C/Do";

// Sends the body back; what it saw stays readable.
class Echo final : public GrpcHandler {
 public:
  Status Admit(const GrpcHead& head, std::shared_ptr<void>& attachment) override {
    tests::OrderBySocket();
    const std::lock_guard lock(mutex);
    method = head.method();
    peer = head.peer();
    metadata = head.Metadata();
    has_deadline = head.deadline() != std::chrono::steady_clock::time_point::max();
    attachment = std::make_shared<int>(7);
    if (on_admit) on_admit();
    Status status = refusal;
    tests::OrderBySocket();
    return status;
  }
  void OnRequest(GrpcServerRequest request, GrpcResponder responder) override {
    tests::OrderBySocket();
    const std::lock_guard lock(mutex);
    encoding = request.encoding;
    compressed = std::string(request.compressed.view());
    attached = *std::static_pointer_cast<int>(request.attachment);
    ++requests;
    const Status status = answer;
    tests::OrderBySocket();
    if (drop) return;
    if (hold) return held.push_back(std::move(responder));
    if (!status.ok()) return responder.Fail(status);
    responder.Succeed(request.body);
  }

  std::mutex mutex;
  Status refusal;
  Status answer;
  bool drop = false;
  bool hold = false;
  std::function<void()> on_admit;
  std::vector<GrpcResponder> held;
  std::string method;
  std::string peer;
  std::vector<std::pair<std::string, std::string>> metadata;
  bool has_deadline = false;
  Encoding encoding = Encoding::kNone;
  std::string compressed;
  int attached = 0;
  int requests = 0;
};

class GrpcServerTest : public testing::Test {
 protected:
  void Serve(GrpcServerConfig config = {}) {
    if (config.net_addr.endpoint.empty()) config.net_addr.endpoint = "127.0.0.1:0";
    server_ = std::make_unique<GrpcServer>(config, handler_, budget_, Logger(),
                                           std::make_shared<GrpcPool>(2));
    const Status started = server_->Start();
    ASSERT_TRUE(started.ok()) << started.message();
  }
  RawGrpcAnswer Call(std::string_view body, grpc_compression_algorithm c = GRPC_COMPRESS_NONE) {
    return RawGrpc(server_->address(), c).Call(kMethod, body);
  }
  RawGrpcAnswer CallCompressed(std::string_view body) {
    return RawGrpc(server_->address(), GRPC_COMPRESS_GZIP).CallCompressed(kMethod, body);
  }
  void TearDown() override {
    handler_.held.clear();
    if (server_) server_->Shutdown(std::chrono::seconds(5));
    server_.reset();
    EXPECT_EQ(budget_.used_bytes(), 0U);
  }

  ByteBudget budget_{64 << 20};
  Echo handler_;
  std::unique_ptr<GrpcServer> server_;
};

std::string Compressed(Encoding encoding, const std::string& text) {
  const Slice plain = Slice::Copy(text);
  return std::string((*Compress(encoding, kDefaultLevel, {&plain, 1}, nullptr)).view());
}

TEST_F(GrpcServerTest, CarriesBytesBothWays) {
  Serve();
  std::string body(300'000, 'x');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7 + 1);
  const RawGrpcAnswer answer = Call(body);
  EXPECT_EQ(answer.code, 0) << answer.message;
  EXPECT_TRUE(answer.body == body);
  EXPECT_EQ(handler_.method, kMethod);
  EXPECT_EQ(handler_.attached, 7);
  EXPECT_TRUE(handler_.has_deadline);
  EXPECT_TRUE(handler_.peer.starts_with("127.0.0.1:")) << handler_.peer;
  EXPECT_EQ(Call("").code, 0);
}

TEST_F(GrpcServerTest, ShowsMetadataWithTheHost) {
  Serve();
  RawGrpc(server_->address()).Call(kMethod, "x", {{"x-tenant", "a"}});
  using Pair = std::pair<std::string, std::string>;
  const auto& metadata = handler_.metadata;
  EXPECT_NE(std::find(metadata.begin(), metadata.end(), Pair("x-tenant", "a")), metadata.end());
  EXPECT_NE(std::find(metadata.begin(), metadata.end(), Pair("host", server_->address())),
            metadata.end());
}

TEST_F(GrpcServerTest, InflatesAndKeepsTheCompressedForm) {
  Serve();
  const std::string text(50'000, 'y');
  RawGrpcAnswer answer = Call(text, GRPC_COMPRESS_GZIP);
  EXPECT_EQ(answer.code, 0) << answer.message;
  EXPECT_EQ(answer.body, text);
  EXPECT_EQ(handler_.encoding, Encoding::kGzip);
  EXPECT_TRUE(handler_.compressed.starts_with("\x1f\x8b"));
  for (const Encoding encoding : {Encoding::kZstd, Encoding::kSnappyFramed}) {
    answer = CallCompressed(Compressed(encoding, text));
    EXPECT_EQ(answer.code, 0) << answer.message;
    EXPECT_EQ(answer.body, text);
    EXPECT_EQ(handler_.encoding, encoding);
  }
}

TEST_F(GrpcServerTest, RefusesWhatItCannotInflate) {
  Serve();
  RawGrpcAnswer answer = Call(std::string(5000, 'z'), GRPC_COMPRESS_DEFLATE);
  EXPECT_EQ(answer.code, 12);
  EXPECT_EQ(answer.message, "grpc: Decompressor is not installed for grpc-encoding \"deflate\"");
  answer = CallCompressed("notgzip");
  EXPECT_EQ(answer.code, 13);
  EXPECT_TRUE(answer.message.starts_with("grpc: failed to decompress the message: "));
  EXPECT_EQ(handler_.requests, 0);
}

TEST_F(GrpcServerTest, KeepsToTheMessageLimit) {
  GrpcServerConfig config;
  config.max_recv_msg_size_mib = 1;
  Serve(config);
  EXPECT_EQ(Call(std::string(1 << 20, 'a')).code, 0);
  RawGrpcAnswer answer = Call(std::string((1 << 20) + 1, 'a'));
  EXPECT_EQ(answer.code, 8);
  EXPECT_EQ(answer.message, "grpc: received message larger than max (1048577 vs. 1048576)");
  EXPECT_EQ(answer.details, "");
  answer = Call(std::string((1 << 20) + 1, 'a'), GRPC_COMPRESS_GZIP);
  EXPECT_EQ(answer.code, 8);
  EXPECT_EQ(answer.message, "grpc: received message after decompression larger than max 1048576");
}

TEST_F(GrpcServerTest, ABombCostsNoMoreThanTheLimit) {
  GrpcServerConfig config;
  config.max_recv_msg_size_mib = 1;
  Serve(config);
  for (const Encoding encoding : {Encoding::kGzip, Encoding::kZstd, Encoding::kSnappyFramed}) {
    const std::string bomb = Compressed(encoding, std::string(16 << 20, '\0'));
    EXPECT_EQ(CallCompressed(bomb).code, 8);
  }
  EXPECT_LE(budget_.peak_bytes(), size_t{4} << 20);
}

TEST_F(GrpcServerTest, RefusesBeforeTheMessageIsRead) {
  Serve();
  handler_.refusal = Status(StatusCode::kUnauthenticated, "no basic auth provided");
  const RawGrpcAnswer answer = Call("x");
  EXPECT_EQ(answer.code, 16);
  EXPECT_EQ(answer.message, "no basic auth provided");
  EXPECT_EQ(answer.details, "");
  EXPECT_EQ(handler_.requests, 0);
}

TEST_F(GrpcServerTest, SaysWhenToComeBack) {
  Serve();
  handler_.answer = Status::Retryable("sending queue is full", std::chrono::milliseconds(1500));
  const RawGrpcAnswer answer = Call("x");
  EXPECT_EQ(answer.code, 14);
  const auto rpc = DecodeRpcStatus(answer.details);
  ASSERT_TRUE(rpc);
  EXPECT_EQ(rpc->code, 14);
  EXPECT_EQ(rpc->message, "sending queue is full");
  EXPECT_EQ(rpc->retry_delay, std::chrono::milliseconds(1500));
}

TEST_F(GrpcServerTest, PassesOnTheDetailsOfARemote) {
  Serve();
  const std::string wire =
      EncodeRpcStatus(Status::Retryable("busy", std::chrono::milliseconds(700)));
  handler_.answer = ToStatus(*DecodeRpcStatus(wire), wire).WithPrefix("Throttle: ");
  RawGrpcAnswer answer = Call("x");
  EXPECT_EQ(answer.message, "Throttle: busy");
  EXPECT_EQ(DecodeRpcStatus(answer.details)->retry_delay, std::chrono::milliseconds(700));
  const std::string bare = EncodeRpcStatus(Status(StatusCode::kCancelled, "no"));
  handler_.answer = ToStatus(*DecodeRpcStatus(bare), bare);
  answer = Call("x");
  EXPECT_EQ(answer.code, 1);
  EXPECT_EQ(answer.details, "");
}

TEST_F(GrpcServerTest, RefusesWithADelayWhenThereIsNoMemory) {
  Serve();
  Charge all = budget_.TryReserve(budget_.limit_bytes() - 1000);
  RawGrpcAnswer answer = Call("x");
  EXPECT_EQ(answer.code, 14);
  EXPECT_EQ(answer.message, "data refused due to high memory usage");
  EXPECT_TRUE(DecodeRpcStatus(answer.details)->retry_delay);
  EXPECT_EQ(handler_.requests, 0);
  EXPECT_EQ(budget_.refusals(), 1U);
  all.Release();
  EXPECT_EQ(Call("x").code, 0);
}

TEST_F(GrpcServerTest, WaitsALittleForMemory) {
  Serve();
  Charge all = budget_.TryReserve(budget_.limit_bytes() - 1000);
  std::thread release;
  // The call is on its way to memory that is taken; it goes soon after.
  handler_.on_admit = [&] {
    release = std::thread([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      all.Release();
    });
  };
  EXPECT_EQ(Call("x").code, 0);
  release.join();
}

TEST_F(GrpcServerTest, ADroppedRequestIsAnsweredAllTheSame) {
  Serve();
  handler_.drop = true;
  EXPECT_EQ(Call("x").code, 13);
}

TEST_F(GrpcServerTest, ShutdownFinishesCallsInFlight) {
  Serve();
  handler_.hold = true;
  std::promise<void> handled;
  auto call = std::async(std::launch::async, [&] { return Call("abc"); });
  for (bool waiting = true; waiting;) {
    const std::lock_guard lock(handler_.mutex);
    waiting = handler_.held.empty();
  }
  auto shutdown =
      std::async(std::launch::async, [&] { server_->Shutdown(std::chrono::seconds(20)); });
  handler_.held[0].Succeed(Slice::Copy("done"));
  EXPECT_EQ(call.get().body, "done");
  shutdown.get();
  server_->Shutdown();
  handler_.held.clear();
}

TEST_F(GrpcServerTest, ShutdownDropsWhatIsNeverAnswered) {
  Serve();
  handler_.hold = true;
  auto call = std::async(std::launch::async, [&] { return Call("abc"); });
  for (bool waiting = true; waiting;) {
    const std::lock_guard lock(handler_.mutex);
    waiting = handler_.held.empty();
  }
  server_->Shutdown(std::chrono::milliseconds(1));
  EXPECT_NE(call.get().code, 0);
  server_.reset();
  handler_.held[0].Succeed(Slice::Copy("too late"));
  handler_.held.clear();
}

TEST_F(GrpcServerTest, SaysWhoHasTheAddress) {
  Serve();
  GrpcServerConfig config;
  config.net_addr.endpoint = server_->address();
  GrpcServer second(config, handler_, budget_, Logger());
  EXPECT_EQ(second.Start().message(),
            "listen tcp " + server_->address() + ": bind: address already in use");
  second.Shutdown();
}

TEST_F(GrpcServerTest, ServesUnixSockets) {
  GrpcServerConfig config;
  config.net_addr.transport.name = "unix";
  config.net_addr.endpoint = testing::TempDir() + "weir_grpc_test.sock";
  Serve(config);
  const RawGrpcAnswer answer = RawGrpc("unix:" + config.net_addr.endpoint).Call(kMethod, "abc");
  EXPECT_EQ(answer.body, "abc") << answer.message;
  EXPECT_EQ(handler_.peer, "");
}

// Scenario: the program reloads; the new server starts before the old one has gone.
// Guarantees: the address always answers, and the new server has it afterwards.
TEST_F(GrpcServerTest, HandsItsSocketOver) {
  const std::string address = [] {
    return ListenerPool::OfProcess().Listen("tcp", "127.0.0.1:0")->address();
  }();
  GrpcServerConfig config;
  config.net_addr.endpoint = address;
  Serve(config);
  EXPECT_EQ(Call("1").body, "1");
  Echo second_handler;
  GrpcServer second(config, second_handler, budget_, Logger(), std::make_shared<GrpcPool>(1));
  {
    ListenerPool::Handover handover(ListenerPool::OfProcess());
    const Status started = second.Start();
    ASSERT_TRUE(started.ok()) << started.message();
    EXPECT_EQ(Call("2").body, "2");
    server_->Shutdown();
    EXPECT_EQ(Call("3").body, "3");
  }
  EXPECT_EQ(Call("4").body, "4");
  EXPECT_GE(second_handler.requests, 2);
  second.Shutdown();
}

TEST_F(GrpcServerTest, NeverStartedNeedsNoShutdown) {
  GrpcServer idle({}, handler_, budget_, Logger());
  idle.Shutdown();
}

TEST(GrpcPeer, ReadsAsAnAddress) {
  EXPECT_EQ(PeerAddress("ipv4:127.0.0.1:51234"), "127.0.0.1:51234");
  EXPECT_EQ(PeerAddress("ipv6:%5B::1%5D:51234"), "[::1]:51234");
  EXPECT_EQ(PeerAddress("unix:/x"), "");
}

TEST(GrpcMethod, IsRefusedInTheCollectorsWords) {
  EXPECT_EQ(UnknownMethod("/a.b.C/D", false).message(), "unknown service a.b.C");
  EXPECT_EQ(UnknownMethod("/a.b.C/D", true).message(), "unknown method D for service a.b.C");
  EXPECT_EQ(UnknownMethod("D", false).message(), "malformed method name: \"D\"");
}

}  // namespace
}  // namespace weir::net
