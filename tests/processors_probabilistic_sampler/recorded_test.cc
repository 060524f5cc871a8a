// Guarantees: the processor keeps the items that the Collector's keeps, marks them the same, and
// refuses configurations in its words.
#include <gtest/gtest.h>

#include "tests/support/processor_case.h"

void Register_processors_probabilistic_sampler(weir::pipeline::Registry& registry);

namespace weir::tests {
namespace {

TEST(ProbabilisticSampler, DoesWhatTheCollectorDoes) {
  ExpectProcessorCases("probabilistic_sampler", &Register_processors_probabilistic_sampler);
}

}  // namespace
}  // namespace weir::tests
