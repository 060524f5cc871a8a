// The machine's file system: FileSystem::Real().
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "storage/io/file_system.h"

namespace weir::storage::io {
namespace {

// Between two attempts at a lock that another process holds.
constexpr std::chrono::milliseconds kLockRetry{10};
constexpr unsigned kFileMode = 0600;

int ErrnoUnless(bool ok) { return ok ? 0 : errno; }

int FlagsOf(OpenMode mode) {
  switch (mode) {
    case OpenMode::kRead:
      return O_RDONLY;
    case OpenMode::kWrite:
      return O_RDWR;
    case OpenMode::kCreate:
      return O_RDWR | O_CREAT | O_EXCL;
    case OpenMode::kWriteDirect:
      return O_WRONLY | O_DIRECT;
  }
  return O_RDONLY;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(fd_); }
  int fd() const { return fd_; }

 private:
  const int fd_;
};

class PosixFile final : public File {
 public:
  explicit PosixFile(int fd) : file_(fd) {}

  IoResult<size_t> Read(void* to, size_t size, uint64_t offset) override {
    return Count(pread(file_.fd(), to, size, static_cast<off_t>(offset)));
  }
  IoResult<size_t> Write(const iovec* parts, int count, uint64_t offset) override {
    return Count(pwritev(file_.fd(), parts, count, static_cast<off_t>(offset)));
  }
  int SyncData() override { return ErrnoUnless(fdatasync(file_.fd()) == 0); }
  int Sync() override { return ErrnoUnless(fsync(file_.fd()) == 0); }
  int Allocate(uint64_t size) override {
    int error = EINTR;
    while (error == EINTR) {
      error = ErrnoUnless(fallocate(file_.fd(), 0, 0, static_cast<off_t>(size)) == 0);
    }
    return error == EOPNOTSUPP || error == ENOSYS ? Truncate(size) : error;
  }
  int Truncate(uint64_t size) override {
    return ErrnoUnless(ftruncate(file_.fd(), static_cast<off_t>(size)) == 0);
  }
  IoResult<uint64_t> Size() override {
    struct stat info {};
    if (fstat(file_.fd(), &info) != 0) return tl::unexpected(errno);
    return static_cast<uint64_t>(info.st_size);
  }

 private:
  static IoResult<size_t> Count(ssize_t count) {
    if (count < 0) return tl::unexpected(errno);
    return static_cast<size_t>(count);
  }
  Descriptor file_;
};

class PosixLock final : public Lock {
 public:
  explicit PosixLock(int fd) : file_(fd) {}  // closing gives the lock up

 private:
  Descriptor file_;
};

class PosixDirectory final : public Directory {
 public:
  PosixDirectory(int fd, std::string path) : directory_(fd), path_(std::move(path)) {}

  IoResult<std::unique_ptr<File>> Open(const std::string& name, OpenMode mode) override {
    const int fd = openat(directory_.fd(), name.c_str(), FlagsOf(mode) | O_CLOEXEC, kFileMode);
    if (fd < 0) return tl::unexpected(errno);
    return std::make_unique<PosixFile>(fd);
  }
  int Rename(const std::string& from, const std::string& to) override {
    return ErrnoUnless(renameat(directory_.fd(), from.c_str(), directory_.fd(), to.c_str()) == 0);
  }
  int Remove(const std::string& name) override {
    return ErrnoUnless(unlinkat(directory_.fd(), name.c_str(), 0) == 0);
  }
  int Sync() override { return ErrnoUnless(fsync(directory_.fd()) == 0); }
  IoResult<std::vector<std::string>> List() override;
  IoResult<std::unique_ptr<Lock>> TakeLock(const std::string& name,
                                           std::chrono::nanoseconds timeout) override;
  const std::string& path() const override { return path_; }

 private:
  Descriptor directory_;
  const std::string path_;
};

IoResult<std::vector<std::string>> PosixDirectory::List() {
  const int fd = openat(directory_.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return tl::unexpected(errno);
  DIR* stream = fdopendir(fd);
  if (stream == nullptr) {
    const int error = errno;
    close(fd);
    return tl::unexpected(error);
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(stream)) {
    struct stat info {};
    if (fstatat(directory_.fd(), entry->d_name, &info, 0) == 0 && S_ISREG(info.st_mode)) {
      names.emplace_back(entry->d_name);
    }
    errno = 0;
  }
  const int error = errno;
  closedir(stream);
  if (error != 0) return tl::unexpected(error);
  std::sort(names.begin(), names.end());
  return names;
}

IoResult<std::unique_ptr<Lock>> PosixDirectory::TakeLock(const std::string& name,
                                                         std::chrono::nanoseconds timeout) {
  const int fd = openat(directory_.fd(), name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (fd < 0) return tl::unexpected(errno);
  auto lock = std::make_unique<PosixLock>(fd);
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return tl::unexpected(errno);
    if (timeout.count() != 0 && std::chrono::steady_clock::now() >= deadline) {
      return tl::unexpected(ETIMEDOUT);
    }
    std::this_thread::sleep_for(kLockRetry);
  }
  return lock;
}

class PosixFileSystem final : public FileSystem {
 public:
  IoResult<std::unique_ptr<Directory>> OpenDirectory(const std::string& path, bool create,
                                                     unsigned mode) override {
    if (create) {
      if (const int error = CreateWithParents(path, mode); error != 0) {
        return tl::unexpected(error);
      }
    }
    const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return tl::unexpected(errno);
    return std::make_unique<PosixDirectory>(fd, path);
  }

 private:
  static std::string ParentOf(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    const size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
  }
  // As deep as the path is long in slashes.
  static int CreateWithParents(const std::string& path, unsigned mode) {
    if (mkdir(path.c_str(), mode) == 0) return SyncOf(ParentOf(path));
    if (errno == EEXIST) return 0;
    if (errno != ENOENT || path.empty()) return errno;
    if (const int error = CreateWithParents(ParentOf(path), mode); error != 0) return error;
    if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return errno;
    return SyncOf(ParentOf(path));
  }
  static int SyncOf(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno;
    const Descriptor directory(fd);
    return ErrnoUnless(fsync(fd) == 0);
  }
};

}  // namespace

FileSystem& FileSystem::Real() {
  static PosixFileSystem file_system;
  return file_system;
}

}  // namespace weir::storage::io
