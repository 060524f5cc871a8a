#include <memory>

#include "pipeline/registry.h"
#include "processors/probabilistic_sampler/probabilistic_sampler.h"

namespace weir::processors::probabilistic_sampler {
namespace {

Result<std::unique_ptr<pipeline::Processor>> Create(const pipeline::Settings& settings,
                                                    const pipeline::ComponentConfig& config,
                                                    model::Signal signal,
                                                    pipeline::Consumer& next) {
  return std::make_unique<ProbabilisticSampler>(settings, pipeline::ConfigAs<SamplerConfig>(config),
                                                signal, next);
}

pipeline::Stability TracesAndLogs() {
  pipeline::Stability stability;
  stability.by_signal[model::SignalIndex(model::Signal::kTraces)] = "Beta";
  stability.by_signal[model::SignalIndex(model::Signal::kLogs)] = "Alpha";
  return stability;
}

}  // namespace
}  // namespace weir::processors::probabilistic_sampler

void Register_processors_probabilistic_sampler(weir::pipeline::Registry& registry) {
  using namespace weir::processors::probabilistic_sampler;  // NOLINT: the function's name is given
  registry.Add(
      weir::pipeline::ProcessorFactory{{.type = "probabilistic_sampler",
                                        .aliases = {},
                                        .stability = TracesAndLogs(),
                                        .new_config = weir::pipeline::NewConfig<SamplerConfig>},
                                       &Create});
}
