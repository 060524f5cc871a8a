#include "extensions/file_storage/file_storage.h"

#include <sys/stat.h>

#include <utility>

#include "extensions/file_storage/client.h"
#include "extensions/file_storage/client_name.h"
#include "storage/io/io.h"

namespace weir::extensions::file_storage {
namespace {

// So many journals can wait for the disk at the same time.
constexpr int kWriterThreads = 4;

bool IsRegularFile(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

Status FileStorage::Start(pipeline::Host& host) {
  static_cast<void>(host);
  const auto directory = file_system_.OpenDirectory(config_.directory, config_.create_directory,
                                                    config_.directory_mode());
  if (!directory) return storage::io::DiskStatus(directory.error(), "open", config_.directory);
  if (const std::string ignored = config_.IgnoredKeys(); !ignored.empty()) {
    settings_.logger.Debug("Some options have no effect: there is no database to look after.",
                           {{"options", ignored}});
  }
  if (!config_.sync()) {
    settings_.logger.Warn(
        "fsync is off: a power cut may take what was acknowledged. Leave the option out to have "
        "it on.",
        {{"directory", config_.directory}});
  }
  writers_ = std::make_shared<ThreadPool>("weir-storage", kWriterThreads);
  return {};
}

// A file of the same name is the database of another collector, which keeps it.
std::string FileStorage::DirectoryOf(const std::string& client) const {
  std::string path = config_.directory + "/" + client;
  if (!IsRegularFile(path)) return path;
  settings_.logger.Warn(
      "A file stands where the queue's directory should be; it is left alone and what it holds is "
      "not sent.",
      {{"file", path}, {"directory", path + ".journal"}});
  return path + ".journal";
}

Result<std::unique_ptr<pipeline::StorageClient>> FileStorage::Open(pipeline::ComponentKind kind,
                                                                   const pipeline::ComponentId& id,
                                                                   std::string_view name) {
  if (!writers_) return Fail(Status::Permanent("file_storage has not been started"));
  const std::string client = ClientName(kind, id, name);
  storage::journal::Options options;
  options.sync = config_.sync();
  options.lock_timeout = config_.timeout;
  options.directory_mode = config_.directory_mode();
  auto journal =
      storage::journal::Journal::Open(file_system_, DirectoryOf(client), std::move(options),
                                      *writers_, settings_.logger.With({{"client", client}}));
  if (!journal) return Fail(std::move(journal).error());
  const MetricLabels labels{{"extension", settings_.id.ToString()}, {"client", client}};
  return std::make_unique<Client>(std::move(*journal), writers_, settings_.memory,
                                  settings_.metrics, labels);
}

}  // namespace weir::extensions::file_storage
