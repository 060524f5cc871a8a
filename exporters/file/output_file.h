// One file that records are appended to, and what a rotation makes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"
#include "exporters/file/config.h"

namespace weir::exporters::file {

// A file opened for appending. A record is written with as few system calls as it takes, straight
// to the file: what has been acknowledged is the kernel's. Of a record that does not fit (a full
// disk) no half stays behind. Not thread-safe.
//
// With rotation a record that would pass max_megabytes goes to a new file, and the old one becomes
// `NAME-2006-01-02T15-04-05.000-size.EXT`; a record above the limit has a file of its own.
class OutputFile {
 public:
  enum class Mode : uint8_t { kTruncate, kAppend };

  // `rotation` may be null. `clock` outlives the file.
  OutputFile(std::string path, const RotationConfig* rotation, const Clock& clock);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile() { Close(); }

  // kUnavailable: `open PATH: no such file or directory`.
  Status Open(Mode mode);
  // kUnavailable when the disk did not take the record whole; nothing of it is in the file then.
  Status Write(std::span<const std::string_view> parts);
  void Close();
  const std::string& path() const { return path_; }

 private:
  Status Rotate();
  Status Failure(std::string_view what, int error) const;
  std::string BackupName() const;
  void RemoveOldBackups() const;

  const std::string path_;
  const std::optional<RotationConfig> rotation_;
  const Clock& clock_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
  bool regular_ = true;  // can be cut back
};

}  // namespace weir::exporters::file
