// Guarantees: the processor does to telemetry what the Collector's does, and refuses configurations
// in its words.
#include <gtest/gtest.h>

#include "tests/support/processor_case.h"

void Register_processors_attributes(weir::pipeline::Registry& registry);

namespace weir::tests {
namespace {

TEST(AttributesProcessor, DoesWhatTheCollectorDoes) {
  ExpectProcessorCases("attributes", &Register_processors_attributes);
}

}  // namespace
}  // namespace weir::tests
