#include <memory>

#include "pipeline/registry.h"
#include "processors/batch/batch.h"
#include "processors/batch/config.h"

namespace weir::processors::batch {
namespace {

Result<std::unique_ptr<pipeline::Processor>> Create(const pipeline::Settings& settings,
                                                    const pipeline::ComponentConfig& config,
                                                    model::Signal signal,
                                                    pipeline::Consumer& next) {
  return std::make_unique<BatchProcessor>(settings, signal, pipeline::ConfigAs<BatchConfig>(config),
                                          next);
}

}  // namespace
}  // namespace weir::processors::batch

void Register_processors_batch(weir::pipeline::Registry& registry);

void Register_processors_batch(weir::pipeline::Registry& registry) {
  using namespace weir::processors::batch;  // NOLINT: the function's name is given
  registry.Add(
      weir::pipeline::ProcessorFactory{{.type = "batch",
                                        .aliases = {},
                                        .stability = weir::pipeline::Stability::All("Beta"),
                                        .new_config = weir::pipeline::NewConfig<BatchConfig>},
                                       &Create});
}
