#include "exporters/debug/config.h"
#include "exporters/debug/debug.h"
#include "pipeline/registry.h"

namespace weir::exporters::debug {
namespace {

Result<std::unique_ptr<pipeline::Exporter>> CreateDebug(const pipeline::Settings& settings,
                                                        const pipeline::ComponentConfig& config,
                                                        model::Signal signal) {
  const auto& debug = pipeline::ConfigAs<DebugConfig>(config);
  if (!debug.use_internal_logger) {
    if (Status status = Output::Check(debug.output_paths); !status.ok()) return Fail(status);
  }
  pipeline::ExporterOptions options;
  options.timeout.timeout = config::Duration::zero();
  options.retry.enabled = false;
  options.queue = debug.queue;
  return pipeline::MakeExporter(settings, signal, std::move(options),
                                std::make_unique<DebugSender>(settings, debug));
}

}  // namespace
}  // namespace weir::exporters::debug

void Register_exporters_debug(weir::pipeline::Registry& registry) {
  using weir::exporters::debug::CreateDebug;
  using weir::exporters::debug::DebugConfig;
  registry.Add(
      weir::pipeline::ExporterFactory{{.type = "debug",
                                       .aliases = {},
                                       .stability = weir::pipeline::Stability::All("Alpha"),
                                       .new_config = weir::pipeline::NewConfig<DebugConfig>},
                                      &CreateDebug});
}
