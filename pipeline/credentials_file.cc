#include "pipeline/credentials_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace weir::pipeline {
namespace {

// The errors that matter, in Go's spelling.
std::string ReasonText(int error) {
  switch (error) {
    case ENOENT:
      return "no such file or directory";
    case EACCES:
      return "permission denied";
    case EISDIR:
      return "is a directory";
    default:
      return std::strerror(error);
  }
}

}  // namespace

std::shared_ptr<CredentialsFile> CredentialsFile::Make(std::string path, Executor& executor,
                                                       Logger logger, OnContents on_contents) {
  return std::shared_ptr<CredentialsFile>(
      new CredentialsFile(std::move(path), executor, std::move(logger), std::move(on_contents)));
}

CredentialsFile::CredentialsFile(std::string path, Executor& executor, Logger logger,
                                 OnContents on_contents)
    : path_(std::move(path)),
      executor_(executor),
      logger_(std::move(logger)),
      on_contents_(std::move(on_contents)) {}

Status CredentialsFile::Start() {
  MutexLock lock(mutex_);
  Look(version_);
  WEIR_RETURN_IF_ERROR(Read());
  running_ = true;
  Schedule();
  return {};
}

void CredentialsFile::Stop() {
  MutexLock lock(mutex_);
  if (!std::exchange(running_, false)) return;
  executor_.Cancel(timer_);
}

bool CredentialsFile::Look(Version& version) const {
  struct stat status {};
  if (stat(path_.c_str(), &status) != 0) return false;
  version = {status.st_dev, status.st_ino, status.st_size,
             int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
  return true;
}

Status CredentialsFile::Read() {
  errno = 0;
  std::ifstream file(path_, std::ios::binary);
  std::string contents;
  if (file) contents.assign(std::istreambuf_iterator<char>(file), {});
  if (!file || errno == EISDIR) {
    return Status(StatusCode::kNotFound, "failed to read credentials file \"" + path_ +
                                             "\": open " + path_ + ": " + ReasonText(errno));
  }
  on_contents_(std::move(contents));
  return {};
}

void CredentialsFile::Check() {
  Version version;
  if (!Look(version) || version == version_) return;
  version_ = version;
  if (const Status read = Read(); !read.ok()) {
    logger_.Error("The credentials file has changed and cannot be read; the former ones stay.",
                  {{"error", read}});
  } else {
    logger_.Info("credentials file changed", {{"filename", path_}});
  }
}

void CredentialsFile::Schedule() {
  timer_ = executor_.PostAfter(kInterval, [weak = weak_from_this()] {
    const std::shared_ptr<CredentialsFile> self = weak.lock();
    if (!self) return;
    MutexLock lock(self->mutex_);
    if (!self->running_) return;
    self->Check();
    self->Schedule();
  });
}

}  // namespace weir::pipeline
