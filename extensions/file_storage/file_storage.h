// The extension `file_storage`: durable queues for other components. See README.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/executor.h"
#include "base/log.h"
#include "extensions/file_storage/config.h"
#include "pipeline/component.h"
#include "pipeline/extension.h"
#include "storage/io/file_system.h"

namespace weir::extensions::file_storage {

class FileStorage final : public pipeline::Extension, public pipeline::StorageExtension {
 public:
  FileStorage(const pipeline::Settings& settings, const FileStorageConfig& config,
              storage::io::FileSystem& file_system)
      : settings_(settings), config_(config), file_system_(file_system) {}

  Status Start(pipeline::Host& host) override;
  // Clients may still be open: each keeps what it needs.
  void Shutdown() override { writers_.reset(); }

  Result<std::unique_ptr<pipeline::StorageClient>> Open(pipeline::ComponentKind kind,
                                                        const pipeline::ComponentId& id,
                                                        std::string_view name) override;

 private:
  std::string DirectoryOf(const std::string& client) const;

  const pipeline::Settings settings_;
  const FileStorageConfig& config_;
  storage::io::FileSystem& file_system_;
  // Writers of all clients: they wait for the disk, which the shared threads must not do for long.
  std::shared_ptr<Executor> writers_;
};

}  // namespace weir::extensions::file_storage
