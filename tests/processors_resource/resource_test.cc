// Guarantees: the processor does to telemetry what the Collector's does, and refuses configurations
// in its words.
#include <gtest/gtest.h>

#include "tests/support/processor_case.h"

void Register_processors_resource(weir::pipeline::Registry& registry);

namespace weir::tests {
namespace {

TEST(ResourceProcessor, DoesWhatTheCollectorDoes) {
  ExpectProcessorCases("resource", &Register_processors_resource);
}

ProcessorCase InsertHost(model::Signal signal, std::string body) {
  ProcessorCase c;
  c.type = "resource";
  c.config = "attributes: [{key: host.name, value: h1, action: insert}]";
  c.input.push_back({.signal = signal, .headers = {}, .body = std::move(body)});
  return c;
}

TEST(ResourceProcessor, GivesAttributesToAnEntryWithoutResource) {
  pipeline::Registry registry;
  Register_processors_resource(registry);
  ProcessorCase c = InsertHost(
      model::Signal::kMetrics,
      R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"asInt":"1"}]}}]}]}]})");
  c.output.push_back(
      {.signal = model::Signal::kMetrics,
       .headers = {},
       .body =
           R"({"resourceMetrics":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"h1"}}]},"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"asInt":"1"}]}}]}]}]})"});
  EXPECT_EQ(RunProcessorCase(c, registry), "");
}

}  // namespace
}  // namespace weir::tests
