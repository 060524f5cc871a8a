#include <map>
#include <memory>

#include "base/mutex.h"
#include "exporters/file/config.h"
#include "exporters/file/file.h"
#include "pipeline/registry.h"

namespace weir::exporters::file {
namespace {

// Finds the target that the other signals of the same component use.
class Targets {
 public:
  std::shared_ptr<FileTarget> Of(const FileConfig& config, const Clock& clock) {
    MutexLock lock(mutex_);
    std::erase_if(targets_, [](const auto& entry) { return entry.second.expired(); });
    std::weak_ptr<FileTarget>& known = targets_[&config];
    std::shared_ptr<FileTarget> target = known.lock();
    if (!target) known = target = std::make_shared<FileTarget>(config, clock);
    return target;
  }

 private:
  Mutex mutex_;
  std::map<const FileConfig*, std::weak_ptr<FileTarget>> targets_ GUARDED_BY(mutex_);
};

}  // namespace
}  // namespace weir::exporters::file

void Register_exporters_file(weir::pipeline::Registry& registry) {
  using namespace weir;                   // NOLINT: the function's name is given
  using namespace weir::exporters::file;  // NOLINT
  const auto create = [targets = std::make_shared<Targets>()](
                          const pipeline::Settings& settings,
                          const pipeline::ComponentConfig& config,
                          model::Signal signal) -> Result<std::unique_ptr<pipeline::Exporter>> {
    const auto& file = pipeline::ConfigAs<FileConfig>(config);
    pipeline::ExporterOptions options;
    options.timeout.timeout = config::Duration::zero();
    options.retry.enabled = false;
    auto target = targets->Of(file, settings.executor.clock());
    return pipeline::MakeExporter(
        settings, signal, std::move(options),
        std::make_unique<FileSender>(settings, signal, std::move(target), file.group_by));
  };
  registry.Add(pipeline::ExporterFactory{{.type = "file",
                                          .aliases = {},
                                          .stability = pipeline::Stability::All("Alpha"),
                                          .new_config = pipeline::NewConfig<FileConfig>},
                                         create});
}
