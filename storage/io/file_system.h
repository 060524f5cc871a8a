// The seam between storage and the disk: files, directories and locks as the kernel offers them.
//
// Everything that stores goes through these three interfaces, so that a test can put SimFs
// (tests/support/sim_fs.h) in the kernel's place and drop, tear, reorder and fail what is written.
// They are thin on purpose: one function is one system call, with its short counts and its errno.
// What makes them safe to use (loops, messages) stands in storage/io/io.h.
//
// What is durable: bytes of a file after Sync or SyncData of that file; a file's existence, name or
// absence after Sync of its directory. Nothing else. A failed Sync or SyncData leaves the file's
// unsynced bytes undefined for good: calling it again may answer OK for bytes that are lost, so
// write them to another file instead.
//
// Threads: a Directory may be used from any thread; a File may be read from any thread while one
// thread writes.
#pragma once

#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace weir::storage::io {

// The value, or errno.
template <typename T>
using IoResult = tl::expected<T, int>;

// An open file, closed by its destructor.
class File {
 public:
  virtual ~File() = default;
  // pread: may give fewer bytes than asked; 0 at the end of the file.
  virtual IoResult<size_t> Read(void* to, size_t size, uint64_t offset) = 0;
  // pwritev: may take fewer bytes than given; `count` at most kPartsMax.
  static constexpr int kPartsMax = 1024;
  static constexpr size_t kDirectUnit = 4096;
  // A file opened with kWriteDirect: every address, size and offset is a multiple of kDirectUnit.
  virtual IoResult<size_t> Write(const iovec* parts, int count, uint64_t offset) = 0;
  // fdatasync and fsync. 0 or errno. Not to be called again after a failure.
  virtual int SyncData() = 0;
  virtual int Sync() = 0;
  // fallocate: the file is `size` bytes long, new ones are zero and their room on the disk is ours.
  // Where a file system has no such call the file is only made longer. 0 or errno.
  virtual int Allocate(uint64_t size) = 0;
  // ftruncate. 0 or errno.
  virtual int Truncate(uint64_t size) = 0;
  virtual IoResult<uint64_t> Size() = 0;
};

// Holds a lock file; other processes (and other Locks of this one) wait. Released by its destructor
// and by the end of the process, however it ends.
class Lock {
 public:
  virtual ~Lock() = default;
};

enum class OpenMode : uint8_t {
  kRead,    // an existing file
  kWrite,   // an existing file, for reading and writing
  kCreate,  // a new file, for reading and writing; EEXIST when there is one
  // An existing file, for writing past the page cache (O_DIRECT). EINVAL, here or from the first
  // Write, where the file system cannot. What is written is seen by other open files of it.
  kWriteDirect,
};

// An open directory. Names are plain file names in it.
class Directory {
 public:
  virtual ~Directory() = default;
  virtual IoResult<std::unique_ptr<File>> Open(const std::string& name, OpenMode mode) = 0;
  // Replaces `to` when it exists. 0 or errno, as the two below.
  virtual int Rename(const std::string& from, const std::string& to) = 0;
  virtual int Remove(const std::string& name) = 0;
  virtual int Sync() = 0;
  // Names of the regular files, sorted.
  virtual IoResult<std::vector<std::string>> List() = 0;
  // Takes the lock file `name`, creating it; tries again until `timeout` has passed (zero: without
  // end, negative: once). ETIMEDOUT when another holds it for so long.
  virtual IoResult<std::unique_ptr<Lock>> TakeLock(const std::string& name,
                                                   std::chrono::nanoseconds timeout) = 0;
  // As it was opened, for messages.
  virtual const std::string& path() const = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // Opens a directory; with `create`, makes it and its missing parents with permissions `mode`
  // (durably: each new name is synced in its parent).
  virtual IoResult<std::unique_ptr<Directory>> OpenDirectory(const std::string& path, bool create,
                                                             unsigned mode) = 0;
  // The machine's.
  static FileSystem& Real();
};

}  // namespace weir::storage::io
