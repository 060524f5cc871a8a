#include "extensions/memory_limiter/memory_limiter.h"
#include "pipeline/registry.h"

namespace weir::extensions::memory_limiter {
namespace {

using pipeline::MemoryLimitConfig;

Result<std::unique_ptr<pipeline::Extension>> Create(const pipeline::Settings& settings,
                                                    const pipeline::ComponentConfig& config) {
  return std::make_unique<MemoryLimiter>(
      pipeline::MemoryLimit::Make(pipeline::ConfigAs<MemoryLimitConfig>(config), settings.memory,
                                  settings.executor, settings.logger));
}

}  // namespace
}  // namespace weir::extensions::memory_limiter

void Register_extensions_memory_limiter(weir::pipeline::Registry& registry) {
  using namespace weir::extensions::memory_limiter;  // NOLINT: the function's name is given
  registry.Add(weir::pipeline::ExtensionFactory{
      {.type = "memory_limiter",
       .aliases = {},
       .stability = weir::pipeline::Stability::OfExtension("Beta"),
       .new_config = weir::pipeline::NewConfig<weir::pipeline::MemoryLimitConfig>},
      &Create});
}
