#include <map>
#include <memory>
#include <utility>

#include "base/mutex.h"
#include "pipeline/memory_limit.h"
#include "pipeline/registry.h"
#include "processors/memory_limiter/memory_limiter.h"

namespace weir::processors::memory_limiter {
namespace {

using pipeline::MemoryLimit;
using pipeline::MemoryLimitConfig;

// The limits in use, one for each configuration: all pipelines of an id share it.
class Limits {
 public:
  std::shared_ptr<MemoryLimit> Of(const pipeline::Settings& settings,
                                  const MemoryLimitConfig& config) {
    MutexLock lock(mutex_);
    for (auto it = limits_.begin(); it != limits_.end();) {
      it = it->second.expired() ? limits_.erase(it) : std::next(it);
    }
    std::weak_ptr<MemoryLimit>& known = limits_[&config];
    std::shared_ptr<MemoryLimit> limit = known.lock();
    if (!limit) {
      limit = MemoryLimit::Make(config, settings.memory, settings.executor, settings.logger);
      known = limit;
    }
    return limit;
  }

 private:
  Mutex mutex_;
  // A configuration outlives its processors, so its address names it while they live.
  std::map<const MemoryLimitConfig*, std::weak_ptr<MemoryLimit>> limits_ GUARDED_BY(mutex_);
};

}  // namespace
}  // namespace weir::processors::memory_limiter

void Register_processors_memory_limiter(weir::pipeline::Registry& registry) {
  using namespace weir::processors::memory_limiter;  // NOLINT: the function's name is given
  using namespace weir::pipeline;                    // NOLINT
  const auto limits = std::make_shared<Limits>();
  registry.Add(ProcessorFactory{
      {.type = "memory_limiter",
       .aliases = {},
       .stability = Stability::All("Beta"),
       .new_config = NewConfig<MemoryLimitConfig>},
      [limits](const Settings& settings, const ComponentConfig& config, weir::model::Signal signal,
               Consumer& next) -> weir::Result<std::unique_ptr<Processor>> {
        return std::make_unique<MemoryLimiter>(
            settings, limits->Of(settings, ConfigAs<MemoryLimitConfig>(config)), signal, next);
      }});
}
