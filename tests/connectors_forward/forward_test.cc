#include "connectors/forward/forward.h"

#include <gtest/gtest.h>

#include <optional>

#include "pipeline/registry.h"
#include "tests/support/manual_executor.h"

void Register_connectors_forward(weir::pipeline::Registry& registry);

namespace weir::connectors::forward {
namespace {

using model::Signal;

// Answers with what it was told to and remembers what it got.
class Target final : public pipeline::Consumer {
 public:
  void Consume(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override {
    got = std::move(batch);
    transport = context.transport;
    done(answer);
  }
  Status Reserve(const pipeline::BatchSize& size, pipeline::Reservations&) override {
    reserved = size.items;
    return answer;
  }
  Status answer;
  std::optional<model::Batch> got;
  std::string_view transport;
  size_t reserved = 0;
};

TEST(ForwardConnector, PassesBatchContextAndAnswer) {
  Target target;
  ForwardConnector connector(target);
  model::Batch batch(Signal::kLogs, model::Run(Slice::Copy(std::string_view("\x0a\x00", 2)), 0));
  pipeline::Context context;
  context.transport = "grpc";
  target.answer = Status::Retryable("later", std::chrono::seconds(2));
  Status answer;
  connector.Consume(batch, context, [&](Status status) { answer = std::move(status); });
  ASSERT_TRUE(target.got);
  EXPECT_EQ(target.got->Flatten().data(), batch.Flatten().data());
  EXPECT_EQ(target.transport, "grpc");
  EXPECT_EQ(answer.message(), "later");
  EXPECT_EQ(answer.retry_after(), std::chrono::seconds(2));
}

TEST(ForwardConnector, AsksForRoomBehindIt) {
  Target target;
  ForwardConnector connector(target);
  pipeline::Reservations reservations;
  EXPECT_TRUE(connector.Reserve({.items = 7, .bytes = 70}, reservations).ok());
  EXPECT_EQ(target.reserved, 7u);
  target.answer = Status::Retryable("full");
  EXPECT_FALSE(connector.Reserve({.items = 7, .bytes = 70}, reservations).ok());
}

TEST(ForwardConnector, JoinsEqualSignalsOnly) {
  pipeline::Registry registry;
  Register_connectors_forward(registry);
  const auto* factory = registry.FindConnector("forward");
  ASSERT_NE(factory, nullptr);
  for (const Signal from : model::kSignals) {
    for (const Signal to : model::kSignals) EXPECT_EQ(factory->supports(from, to), from == to);
  }
}

}  // namespace
}  // namespace weir::connectors::forward
