// A small file with credentials that may change while the program runs: a password, tokens.
//
// Read at Start, then looked at once a second and read again when it changed (another inode, size
// or time: Kubernetes swaps symbolic links). A file that cannot be read any more leaves the last
// contents in force; the log says so.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/executor.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status.h"
#include "base/unique_function.h"

namespace weir::pipeline {

// Thread-safe.
class CredentialsFile : public std::enable_shared_from_this<CredentialsFile> {
 public:
  // Called with the contents, at Start and after each change; one call at a time.
  using OnContents = UniqueFunction<void(std::string contents)>;

  // `executor` outlives it.
  static std::shared_ptr<CredentialsFile> Make(std::string path, Executor& executor, Logger logger,
                                               OnContents on_contents);

  // Failure: `failed to read credentials file "x": open x: no such file or directory`.
  Status Start() EXCLUDES(mutex_);
  // No call of OnContents begins afterwards. May be called twice.
  void Stop() EXCLUDES(mutex_);

  static constexpr std::chrono::seconds kInterval{1};

 private:
  // What tells one version of the file from the next.
  struct Version {
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t size = 0;
    int64_t modified_ns = 0;
    bool operator==(const Version&) const = default;
  };
  CredentialsFile(std::string path, Executor& executor, Logger logger, OnContents on_contents);
  bool Look(Version& version) const;
  Status Read() REQUIRES(mutex_);
  void Check() REQUIRES(mutex_);
  void Schedule() REQUIRES(mutex_);

  const std::string path_;
  Executor& executor_;
  const Logger logger_;

  Mutex mutex_;
  OnContents on_contents_ GUARDED_BY(mutex_);
  bool running_ GUARDED_BY(mutex_) = false;
  Executor::TimerId timer_ GUARDED_BY(mutex_) = 0;
  Version version_ GUARDED_BY(mutex_);
};

}  // namespace weir::pipeline
