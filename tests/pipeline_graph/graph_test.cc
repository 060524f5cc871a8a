// Guarantees: the order of starting and stopping, all or nothing, and that every branch gets its
// own data and the sender one answer.
#include "pipeline/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pipeline_graph/fake_components.h"

namespace weir::tests {
namespace {

using model::Signal;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kTwoPipelines[] =
    "receiver in/a\nreceiver in/b\nprocessor pass/1\nprocessor pass/2\nexporter out/a\n"
    "exporter out/b\nconnector join\n"
    "pipeline traces/first in/a in/b > pass/1 pass/2 > out/a join\n"
    "pipeline traces/second join > pass/1 > out/b";

TEST(Graph, StartsExportersFirstAndStopsReceiversFirst) {
  FakeProgram program;
  auto graph = program.Build(kTwoPipelines);
  ASSERT_NE(graph, nullptr);
  EXPECT_THAT(program.events.Take(), IsEmpty());
  ASSERT_TRUE(graph->Start(program).ok());
  EXPECT_THAT(program.events.Take(),
              ElementsAre("start out/a traces", "start out/b traces", "start pass/1", "start join",
                          "start pass/2", "start pass/1", "start in/a", "start in/b"));
  graph->Shutdown();
  const std::vector<std::string> stopped = {"stop in/a",         "stop in/b",        "stop pass/1",
                                            "stop pass/2",       "stop join",        "stop pass/1",
                                            "stop out/a traces", "stop out/b traces"};
  EXPECT_EQ(program.events.Take(), stopped);
  graph->Shutdown();
  EXPECT_THAT(program.events.Take(), IsEmpty());
}

TEST(Graph, AFailureOfTheLastReceiverLeavesNothingOpen) {
  FakeProgram program;
  program.fails_to_start = {"in/b"};
  auto graph = program.Build(kTwoPipelines);
  const Status status = graph->Start(program);
  EXPECT_EQ(status.message(), "failed to start \"in/b\" receiver: listen tcp: no");
  EXPECT_THAT(program.events.Take(),
              ElementsAre("start out/a traces", "start out/b traces", "start pass/1", "start join",
                          "start pass/2", "start pass/1", "start in/a", "start in/b", "stop in/a",
                          "stop pass/1", "stop pass/2", "stop join", "stop pass/1",
                          "stop out/a traces", "stop out/b traces"));
  EXPECT_EQ(program.log->Count("Failed to start component"), 1u);
  graph->Shutdown();
  EXPECT_THAT(program.events.Take(), IsEmpty());
}

TEST(Graph, AnExporterThatDoesNotStartIsNamed) {
  FakeProgram program;
  program.fails_to_start = {"out"};
  auto graph = program.Build("receiver in\nexporter out\npipeline logs in > > out");
  EXPECT_EQ(graph->Start(program).message(), "failed to start \"out\" exporter: no");
  EXPECT_THAT(program.events.Take(), ElementsAre("start out logs"));
}

TEST(Graph, CarriesABatchThroughProcessorsAndConnectors) {
  FakeProgram program;
  auto graph = program.Build(kTwoPipelines);
  ASSERT_TRUE(graph->Start(program).ok());
  const auto answer = program.Send("in/a", Signal::kTraces, 7);
  EXPECT_TRUE(answer->given && answer->status.ok());
  EXPECT_EQ(program.delivered, (std::map<std::string, size_t>{{"out/a", 7}, {"out/b", 7}}));
  graph->Shutdown();
}

TEST(Graph, AnEditInOnePipelineIsNotSeenInAnother) {
  FakeProgram program;
  auto graph = program.Build(
      "receiver in\nprocessor edit\nexporter out/edited\nexporter out/plain\n"
      "pipeline logs/a in > edit > out/edited\npipeline logs/b in > > out/plain");
  ASSERT_TRUE(graph->Start(program).ok());
  program.Send("in", Signal::kLogs, 3);
  EXPECT_EQ(program.delivered,
            (std::map<std::string, size_t>{{"out/edited", 6}, {"out/plain", 3}}));
  graph->Shutdown();
}

TEST(Graph, ARefusedReservationReachesNoBranch) {
  FakeProgram program;
  program.answers["out/full"] = Status::Retryable("sending queue is full");
  auto graph = program.Build(
      "receiver in\nprocessor pass\nexporter out/full\nexporter out/free\n"
      "pipeline logs/a in > pass > out/full\npipeline logs/b in > > out/free");
  ASSERT_TRUE(graph->Start(program).ok());
  const auto answer = program.Send("in", Signal::kLogs, 3);
  ASSERT_TRUE(answer->given);
  EXPECT_EQ(answer->status.message(), "sending queue is full");
  EXPECT_THAT(program.delivered, IsEmpty());
  graph->Shutdown();
}

TEST(Graph, AnswersWithTheWorstOfItsBranches) {
  FakeProgram program;
  program.answers["out/bad"] = Status::Permanent("no such table");
  auto graph = program.Build(
      "receiver in\nexporter out/bad\nexporter out/good\npipeline logs in > > out/bad out/good");
  ASSERT_TRUE(graph->Start(program).ok());
  const auto answer = program.Send("in", Signal::kLogs, 3);
  EXPECT_TRUE(answer->status.permanent());
  EXPECT_EQ(program.delivered["out/good"], 3u);
  graph->Shutdown();
}

TEST(Graph, ShutdownDrainsWhatAProcessorHolds) {
  FakeProgram program;
  auto graph =
      program.Build("receiver in\nprocessor hold\nexporter out\npipeline logs in > hold > out");
  ASSERT_TRUE(graph->Start(program).ok());
  const auto answer = program.Send("in", Signal::kLogs, 5);
  EXPECT_FALSE(answer->given);
  graph->Shutdown();
  EXPECT_TRUE(answer->given && answer->status.ok());
  EXPECT_EQ(program.delivered["out"], 5u);
}

TEST(Graph, CountsItemsAroundProcessors) {
  FakeProgram program;
  auto graph = program.Build(
      "receiver in\nprocessor edit\nprocessor drop\nexporter out\n"
      "pipeline logs in > edit drop > out");
  ASSERT_TRUE(graph->Start(program).ok());
  program.Send("in", Signal::kLogs, 5);
  const auto items = [&](const std::string& direction, const std::string& processor) {
    return program.metrics.Sum("otelcol_processor_" + direction + "_items",
                               {{"processor", processor}, {"otel_signal", "logs"}});
  };
  EXPECT_EQ(items("incoming", "edit"), 5);
  EXPECT_EQ(items("outgoing", "edit"), 10);
  EXPECT_EQ(items("incoming", "drop"), 10);
  EXPECT_EQ(items("outgoing", "drop"), 0);
  graph->Shutdown();
}

TEST(Graph, ShowsComponentsAndTheirStates) {
  FakeProgram program;
  auto graph = program.Build(
      "receiver in\nexporter out\npipeline logs in > > out\npipeline traces in > > out");
  const auto states = [&] {
    std::vector<std::string> all;
    for (const pipeline::ComponentInfo& info : graph->Components())
      all.push_back(info.id.ToString() + " " + info.signal + " " +
                    std::string(pipeline::StateName(info.state)));
    std::sort(all.begin(), all.end());
    return all;
  };
  EXPECT_THAT(states(), ElementsAre("in logs StatusNone", "in traces StatusNone",
                                    "out logs StatusNone", "out traces StatusNone"));
  ASSERT_TRUE(graph->Start(program).ok());
  EXPECT_THAT(states(), ElementsAre("in logs StatusOK", "in traces StatusOK", "out logs StatusOK",
                                    "out traces StatusOK"));
  graph->Shutdown();
  EXPECT_THAT(states(), ElementsAre("in logs StatusStopped", "in traces StatusStopped",
                                    "out logs StatusStopped", "out traces StatusStopped"));
}

}  // namespace
}  // namespace weir::tests
