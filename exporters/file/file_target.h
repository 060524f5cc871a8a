// The file or files that one `file` exporter writes to.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "exporters/file/config.h"
#include "exporters/file/output_file.h"
#include "model/batch.h"

namespace weir::exporters::file {

// The file or files of one component. Shared by its signals, which write into the same file; open
// from the first Start to the last Stop. Thread-safe.
class FileTarget {
 public:
  // `config` outlives the target.
  FileTarget(const FileConfig& config, const Clock& clock);

  // `unknown encoding "x"` (no extension of Weir's is one), or why the file cannot be opened.
  Status Start();
  void Stop();

  // Writes `batch` as one record, or with group_by as one for each file. Items whose resource does
  // not name a file are dropped and counted in `*dropped_items`. A failure of some files of several
  // is permanent, because a retry would write the others twice.
  Status Write(const model::Batch& batch, size_t* dropped_items);

  // Where a value of group_by's attribute leads: always below the part of the path in front of
  // `*`. Public for its test.
  static std::string GroupPath(std::string_view path_with_star, std::string_view segment);

 private:
  struct OpenFile {
    std::unique_ptr<OutputFile> file;
    std::list<std::string>::iterator used;  // its place in recently_used_
  };

  Status WriteRecord(OutputFile& file, const model::Batch& batch);
  Status WriteGroup(const std::string& segment, const model::Batch& batch);
  Result<OutputFile*> FindFile(const std::string& path) REQUIRES(mutex_);
  Status MakeDirectory(const std::string& file_path) const;
  const RotationConfig* rotation() const { return config_.rotation ? &*config_.rotation : nullptr; }

  const FileConfig& config_;
  const Clock& clock_;
  Mutex mutex_;
  int users_ GUARDED_BY(mutex_) = 0;
  Clock::Wall started_ GUARDED_BY(mutex_);
  std::unique_ptr<OutputFile> file_ GUARDED_BY(mutex_);  // without group_by
  std::unordered_map<std::string, OpenFile> groups_ GUARDED_BY(mutex_);
  std::list<std::string> recently_used_ GUARDED_BY(mutex_);  // paths in groups_, latest first
};

}  // namespace weir::exporters::file
