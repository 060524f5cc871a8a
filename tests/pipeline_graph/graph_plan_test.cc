// Guarantees: what cannot be a graph is told in the Collector's words, everything at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pipeline_graph/fake_components.h"

namespace weir::tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> ErrorsOf(const std::string& text) {
  FakeProgram program;
  program.Build(text);
  return program.errors;
}

TEST(GraphPlan, RefusesSignalsThatAComponentDoesNotTake) {
  EXPECT_THAT(ErrorsOf("receiver traces\nexporter metrics\n"
                       "pipeline logs traces > > metrics"),
              ElementsAre("failed to build pipelines: failed to create \"metrics\" exporter for "
                          "data type \"logs\": telemetry type is not supported",
                          "failed to build pipelines: failed to create \"traces\" receiver for "
                          "data type \"logs\": telemetry type is not supported"));
}

TEST(GraphPlan, TellsEveryComponentThatCannotBeCreated) {
  FakeProgram program;
  program.fails_to_create = {"in", "pass/2", "out"};
  program.Build(
      "receiver in\nprocessor pass\nprocessor pass/2\nexporter out\n"
      "pipeline traces/a in > pass pass/2 > out");
  EXPECT_THAT(
      program.errors,
      ElementsAre("failed to build pipelines: failed to create \"out\" exporter for data type "
                  "\"traces\": bad idea",
                  "failed to build pipelines: failed to create \"pass/2\" processor, in pipeline "
                  "\"traces/a\": bad idea",
                  "failed to build pipelines: failed to create \"in\" receiver for data type "
                  "\"traces\": bad idea"));
}

TEST(GraphPlan, RefusesAConnectorUsedOnOneSide) {
  EXPECT_THAT(ErrorsOf("receiver in\nexporter out\nconnector join\n"
                       "pipeline traces in > > out join\npipeline traces/b in > > join"),
              ElementsAre("failed to build pipelines: connector \"join\" used as exporter in "
                          "[traces traces/b] pipeline but not used in any supported receiver "
                          "pipeline"));
  EXPECT_THAT(ErrorsOf("receiver in\nexporter out\nconnector join\n"
                       "pipeline logs in join > > out"),
              ElementsAre("failed to build pipelines: connector \"join\" used as receiver in "
                          "[logs] pipeline but not used in any supported exporter pipeline"));
}

TEST(GraphPlan, RefusesAConnectorAcrossSignalsItDoesNotSupport) {
  EXPECT_THAT(ErrorsOf("receiver in\nexporter out\nconnector join\n"
                       "pipeline traces in > > join\npipeline logs join > > out"),
              ElementsAre("failed to build pipelines: connector \"join\" used as exporter in "
                          "[traces] pipeline but not used in any supported receiver pipeline",
                          "failed to build pipelines: connector \"join\" used as receiver in "
                          "[logs] pipeline but not used in any supported exporter pipeline"));
}

TEST(GraphPlan, TellsACycleFromItsConnectorOn) {
  EXPECT_THAT(ErrorsOf("receiver in\nprocessor pass\nconnector join\n"
                       "pipeline traces in join > pass > join"),
              ElementsAre("failed to build pipelines: cycle detected: connector \"join\" (traces "
                          "to traces) -> processor \"pass\" in pipeline \"traces\" -> connector "
                          "\"join\" (traces to traces)"));
  EXPECT_THAT(
      ErrorsOf("receiver in\nexporter out\nconnector join/a\nconnector join/b\n"
               "pipeline traces/1 in join/b > > join/a\npipeline traces/2 join/a > > join/b out"),
      ElementsAre("failed to build pipelines: cycle detected: connector \"join/b\" (traces to "
                  "traces) -> connector \"join/a\" (traces to traces) -> connector \"join/b\" "
                  "(traces to traces)"));
}

TEST(GraphPlan, AConnectorThatMakesMetricsOfEverythingIsNoCycle) {
  EXPECT_THAT(ErrorsOf("receiver in\nexporter out\nconnector count\n"
                       "pipeline traces in > > count\npipeline logs in > > count\n"
                       "pipeline metrics count > > out"),
              IsEmpty());
}

TEST(GraphPlan, CreatesOnlyWhatPipelinesUse) {
  FakeProgram program;
  program.fails_to_create = {"out/unused"};
  ASSERT_NE(program.Build("receiver in\nexporter out\nexporter out/unused\nprocessor pass\n"
                          "pipeline traces in > > out out"),
            nullptr);
  EXPECT_EQ(program.created, 2u);
}

TEST(GraphPlan, OneReceiverOneProcessorAPipelineOneExporterASignal) {
  FakeProgram program;
  ASSERT_NE(program.Build("receiver in\nprocessor pass\nexporter out\n"
                          "pipeline traces in > pass > out\npipeline traces/2 in > pass > out\n"
                          "pipeline logs in > pass > out"),
            nullptr);
  EXPECT_EQ(program.created, 1u + 3u + 2u);
}

}  // namespace
}  // namespace weir::tests
