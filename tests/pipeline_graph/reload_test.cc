// Guarantees: a reload keeps what did not change, replaces the rest without losing or doubling
// anything, and undoes itself when something new does not start.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "pipeline/graph.h"
#include "tests/pipeline_graph/fake_components.h"

namespace weir::tests {
namespace {

using model::Signal;
using testing::ElementsAre;
using testing::IsEmpty;

class GraphReload : public testing::Test {
 protected:
  void Start(const std::string& text) {
    graph_ = program_.Build(text);
    ASSERT_NE(graph_, nullptr);
    ASSERT_TRUE(graph_->Start(program_).ok());
    program_.events.Take();
  }
  Status Reload(const std::string& text) {
    auto next = program_.Build(text, graph_.get());
    if (next == nullptr) return Status(StatusCode::kInvalidArgument, program_.errors.front());
    WEIR_RETURN_IF_ERROR(next->TakeOver(*graph_, program_));
    next->Retire(*graph_);
    graph_ = std::move(next);
    return {};
  }
  void TearDown() override {
    if (graph_) graph_->Shutdown();
  }

  FakeProgram program_;
  std::unique_ptr<pipeline::Graph> graph_;
};

TEST_F(GraphReload, OfTheSameTouchesNothing) {
  const std::string text =
      "receiver in\nprocessor hold\nexporter out\nconnector count\n"
      "pipeline logs in > hold > out count\npipeline metrics count > > out";
  Start(text);
  const auto answer = program_.Send("in", Signal::kLogs, 2);
  ASSERT_TRUE(Reload(text).ok());
  EXPECT_THAT(program_.events.Take(), IsEmpty());
  EXPECT_FALSE(answer->given);  // still held
}

TEST_F(GraphReload, ReplacesAnExporterBehindAReceiverThatStays) {
  Start("receiver in\nexporter out old\npipeline logs in > > out");
  ASSERT_TRUE(Reload("receiver in\nexporter out new\npipeline logs in > > out").ok());
  EXPECT_THAT(program_.events.Take(), ElementsAre("start out logs", "stop out logs"));
  EXPECT_TRUE(program_.Send("in", Signal::kLogs)->status.ok());
}

TEST_F(GraphReload, KeepsAnExporterBehindANewReceiver) {
  Start("receiver in/a\nexporter out\npipeline logs in/a > > out");
  ASSERT_TRUE(Reload("receiver in/b\nexporter out\npipeline logs in/b > > out").ok());
  EXPECT_THAT(program_.events.Take(), ElementsAre("start in/b", "stop in/a"));
  program_.Send("in/b", Signal::kLogs, 4);
  EXPECT_EQ(program_.delivered["out"], 4u);
}

TEST_F(GraphReload, ReplacesAReceiverWhoseSignalsChange) {
  Start("receiver in\nexporter out\npipeline logs in > > out");
  ASSERT_TRUE(Reload("receiver in\nexporter out\npipeline logs in > > out\n"
                     "pipeline traces in > > out")
                  .ok());
  EXPECT_THAT(program_.events.Take(), ElementsAre("start out traces", "start in", "stop in"));
}

TEST_F(GraphReload, DrainsAProcessorThatGoes) {
  Start("receiver in\nprocessor hold\nexporter out\npipeline logs in > hold > out");
  const auto answer = program_.Send("in", Signal::kLogs, 2);
  ASSERT_TRUE(Reload("receiver in\nexporter out\npipeline logs in > > out").ok());
  EXPECT_THAT(program_.events.Take(), ElementsAre("stop hold"));
  EXPECT_TRUE(answer->given && answer->status.ok());
  EXPECT_EQ(program_.delivered["out"], 2u);
}

TEST_F(GraphReload, PutsAProcessorIntoARunningPipeline) {
  Start("receiver in\nprocessor pass\nexporter out\npipeline logs in > pass > out");
  ASSERT_TRUE(Reload("receiver in\nprocessor pass\nprocessor edit\nexporter out\n"
                     "pipeline logs in > pass edit > out")
                  .ok());
  program_.Send("in", Signal::kLogs, 2);
  EXPECT_EQ(program_.delivered["out"], 4u);
}

TEST_F(GraphReload, ReplacesWhatAskedForAnExtensionThatIsNotKept) {
  program_.asks_extension = {"out"};
  const std::string text = "receiver in\nexporter out\npipeline logs in > > out";
  Start(text);
  ASSERT_TRUE(Reload(text).ok());
  EXPECT_THAT(program_.events.Take(), ElementsAre("start out logs", "stop out logs"));
}

TEST_F(GraphReload, RollsBackWhenAReceiverDoesNotStart) {
  Start("receiver in\nprocessor pass\nexporter out\npipeline logs in > pass > out");
  program_.fails_to_start = {"in/new"};
  EXPECT_EQ(Reload("receiver in\nreceiver in/new\nprocessor edit\nexporter out\n"
                   "pipeline logs in in/new > edit > out")
                .message(),
            "failed to start \"in/new\" receiver: listen tcp: no");
  EXPECT_THAT(program_.events.Take(), ElementsAre("start edit", "start in/new", "stop edit"));
  program_.Send("in", Signal::kLogs, 2);
  EXPECT_EQ(program_.delivered["out"], 2u);  // not edited
}

TEST_F(GraphReload, RollsBackWhenAComponentCannotBeCreated) {
  Start("receiver in\nexporter out\npipeline logs in > > out");
  program_.fails_to_create = {"pass"};
  EXPECT_FALSE(
      Reload("receiver in\nprocessor pass\nexporter out\npipeline logs in > pass > out").ok());
  EXPECT_THAT(program_.events.Take(), IsEmpty());
  program_.Send("in", Signal::kLogs, 2);
  EXPECT_EQ(program_.delivered["out"], 2u);
}

TEST_F(GraphReload, StopsWhatOwnsAStorageBeforeItsSuccessorStarts) {
  program_.uses_storage = {"out"};
  Start("receiver in\nexporter out a\npipeline logs in > > out");
  ASSERT_TRUE(Reload("receiver in\nexporter out b\npipeline logs in > > out").ok());
  EXPECT_THAT(program_.events.Take(), ElementsAre("stop out logs", "start out logs"));
  EXPECT_TRUE(program_.Send("in", Signal::kLogs)->status.ok());
}

TEST_F(GraphReload, StartsWhatMadeRoomAgainWhenItRollsBack) {
  program_.uses_storage = {"out"};
  Start("receiver in\nexporter out a\npipeline logs in > > out");
  program_.fails_to_start = {"in/new"};
  EXPECT_FALSE(
      Reload("receiver in\nreceiver in/new\nexporter out b\npipeline logs in in/new > > out").ok());
  EXPECT_THAT(program_.events.Take(), ElementsAre("stop out logs", "start out logs", "start in/new",
                                                  "stop out logs", "start out logs"));
  program_.Send("in", Signal::kLogs, 3);
  EXPECT_EQ(program_.delivered["out"], 3u);
}

TEST_F(GraphReload, WaitsForNobodysAnswer) {
  // Scenario: a kept processor holds a batch that came over the old way.
  Start(
      "receiver in\nprocessor pass\nprocessor hold\nexporter out\nconnector join\n"
      "pipeline logs/a in > pass > join\npipeline logs/b join > hold > out");
  const auto answer = program_.Send("in", Signal::kLogs, 2);
  ASSERT_TRUE(Reload("receiver in\nprocessor edit\nprocessor hold\nexporter out\nconnector join\n"
                     "pipeline logs/a in > edit > join\npipeline logs/b join > hold > out")
                  .ok());
  EXPECT_FALSE(answer->given);
  EXPECT_THAT(program_.events.Take(), ElementsAre("start edit", "stop pass"));
  graph_->Shutdown();
  EXPECT_TRUE(answer->given);
  graph_->DropAnswered();
}

// What every sender was told adds up with what exporters got, whatever is replaced meanwhile.
TEST_F(GraphReload, ConservesItemsUnderConcurrentReloads) {
  const std::string texts[] = {
      "receiver in\nprocessor pass\nexporter out a\npipeline logs in > pass > out",
      "receiver in\nprocessor pass\nprocessor drop\nexporter out b\nexporter out/2\n"
      "pipeline logs in > pass > out\npipeline logs/2 in > drop > out/2",
      "receiver in\nprocessor pass x\nexporter out b\nconnector join\n"
      "pipeline logs in > pass > join\npipeline logs/2 join > > out",
  };
  Start(texts[0]);
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> accepted = 0, refused = 0;
  std::vector<std::thread> senders;
  senders.reserve(2);
  for (int i = 0; i < 2; ++i) {
    senders.emplace_back([&] {
      while (!stop) {
        const auto answer = program_.Send("in", Signal::kLogs, 3);
        ASSERT_TRUE(answer->given);
        (answer->status.ok() ? accepted : refused) += 3;
      }
    });
  }
  for (int round = 0; round < 60; ++round) ASSERT_TRUE(Reload(texts[round % 3]).ok());
  while (accepted == 0) std::this_thread::yield();
  stop = true;
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(refused, 0u);
  EXPECT_EQ(program_.delivered["out"], accepted);
  graph_->Shutdown();
  graph_->DropAnswered();
  const pipeline::Ledger::TotalRow total = program_.ledger.Take().total;
  EXPECT_EQ(total.received, accepted);
  EXPECT_EQ(total.delivered, program_.delivered["out"] + program_.delivered["out/2"]);
  EXPECT_EQ(static_cast<uint64_t>(total.copied) + total.received, total.delivered + total.dropped);
  EXPECT_EQ(total.held, 0);
  EXPECT_EQ(total.in_flight, 0u);
}

}  // namespace
}  // namespace weir::tests
