#include <memory>

#include "extensions/file_storage/config.h"
#include "extensions/file_storage/file_storage.h"
#include "pipeline/registry.h"

namespace weir::extensions::file_storage {
namespace {

Result<std::unique_ptr<pipeline::Extension>> Create(const pipeline::Settings& settings,
                                                    const pipeline::ComponentConfig& config) {
  return std::make_unique<FileStorage>(settings, pipeline::ConfigAs<FileStorageConfig>(config),
                                       storage::io::FileSystem::Real());
}

}  // namespace
}  // namespace weir::extensions::file_storage

void Register_extensions_file_storage(weir::pipeline::Registry& registry);

void Register_extensions_file_storage(weir::pipeline::Registry& registry) {
  using weir::extensions::file_storage::Create;
  using weir::extensions::file_storage::FileStorageConfig;
  weir::pipeline::ExtensionFactory factory;
  factory.type = "file_storage";
  factory.stability = weir::pipeline::Stability::OfExtension("Beta");
  factory.new_config = weir::pipeline::NewConfig<FileStorageConfig>;
  factory.create = &Create;
  registry.Add(std::move(factory));
}
