// Guarantees: the books balance, over fan-outs, drops and reloads, and are valid JSON.
#include "pipeline/ledger.h"

#include <gtest/gtest.h>

#include "base/config/yaml.h"
#include "tests/pipeline_graph/fake_components.h"

namespace weir::tests {
namespace {

using model::Signal;
using pipeline::Ledger;

const Ledger::ComponentRow* RowOf(const Ledger::Snapshot& books, const std::string& id) {
  for (const Ledger::ComponentRow& row : books.components) {
    if (row.id == id) return &row;
  }
  return nullptr;
}

TEST(Ledger, BalancesOverFanOutsAndDrops) {
  FakeProgram program;
  auto graph = program.Build(
      "receiver in\nprocessor drop\nprocessor hold\nexporter out/a\nexporter out/b\n"
      "pipeline logs/a in > drop > out/a\npipeline logs/b in > hold > out/a out/b");
  ASSERT_TRUE(graph->Start(program).ok());
  program.Send("in", Signal::kLogs, 10);
  Ledger::Snapshot books = program.ledger.Take();
  EXPECT_EQ(books.total.in_flight, 10u);
  EXPECT_EQ(books.total.received, 0u);
  graph->Shutdown();
  books = program.ledger.Take();
  EXPECT_EQ(books.total.received, 10u);
  EXPECT_EQ(books.total.copied, 20);  // to two pipelines, to two exporters
  EXPECT_EQ(books.total.dropped, 10u);
  EXPECT_EQ(books.total.delivered, 20u);
  EXPECT_EQ(books.total.held, 0);
  EXPECT_EQ(books.total.in_flight, 0u);
  ASSERT_NE(RowOf(books, "drop"), nullptr);
  EXPECT_EQ(RowOf(books, "drop")->dropped.at("unwanted"), 10u);
}

TEST(Ledger, TellsWhatWasGivenBack) {
  FakeProgram program;
  program.answers["out"] = Status::Retryable("later");
  auto graph = program.Build("receiver in\nexporter out\npipeline logs in > > out");
  ASSERT_TRUE(graph->Start(program).ok());
  program.Send("in", Signal::kLogs, 3);
  program.answers["out"] = Status::Permanent("never");
  program.Send("in", Signal::kLogs, 4);
  const Ledger::Snapshot books = program.ledger.Take();
  ASSERT_EQ(books.edges.size(), 2u);
  for (const Ledger::EdgeRow& edge : books.edges) {
    EXPECT_EQ(edge.counts.items, 7u) << edge.component;
    EXPECT_EQ(edge.counts.refused, 3u) << edge.component;
    EXPECT_EQ(edge.counts.rejected, 4u) << edge.component;
    EXPECT_EQ(edge.counts.in_flight, 0u) << edge.component;
  }
  graph->Shutdown();
}

TEST(Ledger, KeepsTheCountsOfWhatIsGone) {
  FakeProgram program;
  {
    auto graph =
        program.Build("receiver in\nprocessor drop\nexporter out\npipeline logs in > drop > out");
    ASSERT_TRUE(graph->Start(program).ok());
    program.Send("in", Signal::kLogs, 3);
    graph->Shutdown();
  }
  const Ledger::TotalRow total = program.ledger.Take().total;
  EXPECT_EQ(total.received, 3u);
  EXPECT_EQ(total.dropped, 3u);
  EXPECT_EQ(total.held, 0);
}

TEST(Ledger, IsJson) {
  FakeProgram program;
  auto graph =
      program.Build("receiver in\nprocessor drop\nexporter out\npipeline logs in > drop > out");
  ASSERT_TRUE(graph->Start(program).ok());
  program.Send("in", Signal::kLogs, 3);
  // JSON is YAML.
  const config::YamlResult parsed = config::ParseYaml(program.ledger.ToJson(), nullptr);
  ASSERT_TRUE(parsed.value) << program.ledger.ToJson();
  EXPECT_EQ(parsed.value->Find("edges")->list().size(), 4u);
  EXPECT_EQ(parsed.value->Find("components")->list().size(), 3u);
  EXPECT_EQ(parsed.value->Find("total")->Find("received")->as_int(), 3);
  graph->Shutdown();
}

}  // namespace
}  // namespace weir::tests
