#include "tests/support/sim_fs.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <set>
#include <utility>

#include "base/mutex.h"

namespace weir::tests {
namespace {

using storage::io::Directory;
using storage::io::File;
using storage::io::IoResult;
using storage::io::Lock;
using storage::io::OpenMode;

// A change to a file's bytes or length that no sync has made durable.
struct Change {
  bool resize = false;
  uint64_t offset = 0;  // of a write; the new length of a resize
  std::string bytes;
};

void Apply(const Change& change, std::string& bytes) {
  if (change.resize) {
    bytes.resize(change.offset);
    return;
  }
  const uint64_t end = change.offset + change.bytes.size();
  if (bytes.size() < end) bytes.resize(end);
  std::memcpy(bytes.data() + change.offset, change.bytes.data(), change.bytes.size());
}

// Some of the change, in sectors: each is there or not.
void ApplyTorn(const Change& change, std::string& bytes, std::mt19937_64& random) {
  if (change.resize) {
    if (random() % 2 == 0) Apply(change, bytes);
    return;
  }
  for (uint64_t at = 0; at < change.bytes.size();) {
    const uint64_t sector_end =
        ((change.offset + at) / SimFs::kSectorSize + 1) * SimFs::kSectorSize - change.offset;
    const uint64_t end = std::min<uint64_t>(sector_end, change.bytes.size());
    if (random() % 2 == 0) {
      Apply({false, change.offset + at, change.bytes.substr(at, end - at)}, bytes);
    }
    at = end;
  }
}

struct Inode {
  std::string cached;
  std::string stored;
  std::vector<Change> pending;
};
using InodePtr = std::shared_ptr<Inode>;

// A change to a directory's names that no sync has made durable.
struct NameChange {
  std::string erase;  // only if it still names `inode`
  std::string set;
  InodePtr inode;
};

using Names = std::map<std::string, InodePtr>;

void Apply(const NameChange& change, Names& names) {
  if (!change.erase.empty()) {
    const auto found = names.find(change.erase);
    if (found != names.end() && found->second == change.inode) names.erase(found);
  }
  if (!change.set.empty()) names[change.set] = change.inode;
}

struct Folder {
  Names cached;
  Names stored;
  std::vector<NameChange> pending;
};

}  // namespace

struct SimFs::State {
  explicit State(uint64_t seed) : random(seed) {}

  // 0 or the errno with which the call fails; counts it when it changes something.
  int Begin(SimCall call, const std::string& name, bool changes_something) REQUIRES(mutex) {
    if (off) return EIO;
    if (changes_something && ++changes >= power_off_at) {
      off = true;
      return EIO;
    }
    return failures ? failures(call, name) : 0;
  }
  uint64_t Used() const REQUIRES(mutex) {
    uint64_t used = 0;
    for (const auto& [path, folder] : folders) {
      for (const auto& [name, inode] : folder.cached) used += inode->cached.size();
    }
    return used;
  }
  void Change(Folder& folder, NameChange change) REQUIRES(mutex) {
    Apply(change, folder.cached);
    folder.pending.push_back(std::move(change));
  }

  Mutex mutex;
  std::mt19937_64 random GUARDED_BY(mutex);
  std::map<std::string, Folder> folders GUARDED_BY(mutex);
  std::set<std::string> locks GUARDED_BY(mutex);
  std::function<int(SimCall, const std::string&)> failures GUARDED_BY(mutex);
  bool short_counts GUARDED_BY(mutex) = false;
  bool has_direct GUARDED_BY(mutex) = true;
  uint64_t capacity GUARDED_BY(mutex) = ~uint64_t{0};
  uint64_t changes GUARDED_BY(mutex) = 0;
  uint64_t power_off_at GUARDED_BY(mutex) = ~uint64_t{0};
  bool off GUARDED_BY(mutex) = false;
};

namespace {

using StatePtr = std::shared_ptr<SimFs::State>;

class SimFile final : public File {
 public:
  SimFile(StatePtr state, std::string name, InodePtr inode, bool direct)
      : state_(std::move(state)),
        name_(std::move(name)),
        inode_(std::move(inode)),
        unit_(direct ? SimFs::kSectorSize : 1) {}

  IoResult<size_t> Read(void* to, size_t size, uint64_t offset) override {
    MutexLock lock(state_->mutex);
    if (const int error = state_->Begin(SimCall::kRead, name_, false); error != 0) {
      return tl::unexpected(error);
    }
    if (Interrupted()) return tl::unexpected(EINTR);
    const std::string& bytes = inode_->cached;
    if (offset >= bytes.size()) return 0;
    size = Short(std::min<size_t>(size, bytes.size() - offset));
    std::memcpy(to, bytes.data() + offset, size);
    return size;
  }

  IoResult<size_t> Write(const iovec* parts, int count, uint64_t offset) override {
    MutexLock lock(state_->mutex);
    if (const int error = state_->Begin(SimCall::kWrite, name_, true); error != 0) {
      return tl::unexpected(error);
    }
    if (Interrupted()) return tl::unexpected(EINTR);
    Change change;
    change.offset = offset;
    if (offset % unit_ != 0) return tl::unexpected(EINVAL);
    for (int i = 0; i < count; ++i) {
      const auto address = reinterpret_cast<uintptr_t>(parts[i].iov_base);
      if (address % unit_ != 0 || parts[i].iov_len % unit_ != 0) return tl::unexpected(EINVAL);
      change.bytes.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
    }
    change.bytes.resize(Short(change.bytes.size()));
    const uint64_t room = Room(offset) / unit_ * unit_;
    if (room == 0) return tl::unexpected(ENOSPC);
    change.bytes.resize(std::min<uint64_t>(change.bytes.size(), room));
    const size_t written = change.bytes.size();
    Add(std::move(change));
    return written;
  }

  int SyncData() override { return Sync(); }
  int Sync() override {
    MutexLock lock(state_->mutex);
    const int error = state_->Begin(SimCall::kSyncFile, name_, true);
    // A dead machine's pending changes are Crash's to judge.
    if (state_->off) return error;
    for (const Change& change : inode_->pending) {
      if (error == 0) {
        Apply(change, inode_->stored);
      } else {
        ApplyTorn(change, inode_->stored, state_->random);
      }
    }
    inode_->pending.clear();
    return error;
  }

  int Allocate(uint64_t size) override { return Resize(SimCall::kAllocate, size, false); }
  int Truncate(uint64_t size) override { return Resize(SimCall::kTruncate, size, true); }
  IoResult<uint64_t> Size() override {
    MutexLock lock(state_->mutex);
    return inode_->cached.size();
  }

 private:
  bool Interrupted() REQUIRES(state_->mutex) {
    return state_->short_counts && state_->random() % 8 == 0;
  }
  size_t Short(size_t size) REQUIRES(state_->mutex) {
    if (!state_->short_counts || size < 2 * unit_) return size;
    return (1 + state_->random() % (size / unit_)) * unit_;
  }
  // Bytes that can be written from `offset` on: those that are there, and what the disk has left.
  uint64_t Room(uint64_t offset) REQUIRES(state_->mutex) {
    const uint64_t own = inode_->cached.size();
    const uint64_t used = state_->Used();
    const uint64_t left = state_->capacity > used ? state_->capacity - used : 0;
    return own + std::min(left, ~uint64_t{0} - own) - std::min(offset, own);
  }
  int Resize(SimCall call, uint64_t size, bool may_shrink) {
    MutexLock lock(state_->mutex);
    if (const int error = state_->Begin(call, name_, true); error != 0) return error;
    const uint64_t own = inode_->cached.size();
    if (size > own && state_->Used() + (size - own) > state_->capacity) return ENOSPC;
    if (size > own || may_shrink) Add({true, size, {}});
    return 0;
  }
  void Add(Change change) REQUIRES(state_->mutex) {
    Apply(change, inode_->cached);
    inode_->pending.push_back(std::move(change));
  }

  const StatePtr state_;
  const std::string name_;
  const InodePtr inode_;
  const uint64_t unit_;  // of writes
};

class SimLock final : public Lock {
 public:
  SimLock(StatePtr state, std::string path) : state_(std::move(state)), path_(std::move(path)) {}
  ~SimLock() override {
    MutexLock lock(state_->mutex);
    state_->locks.erase(path_);
  }

 private:
  const StatePtr state_;
  const std::string path_;
};

class SimDirectory final : public Directory {
 public:
  SimDirectory(StatePtr state, std::string path)
      : state_(std::move(state)), path_(std::move(path)) {}

  IoResult<std::unique_ptr<File>> Open(const std::string& name, OpenMode mode) override {
    MutexLock lock(state_->mutex);
    const bool create = mode == OpenMode::kCreate;
    if (const int error = state_->Begin(SimCall::kOpen, name, create); error != 0) {
      return tl::unexpected(error);
    }
    const auto found = folder().cached.find(name);
    const bool exists = found != folder().cached.end();
    if (create && exists) return tl::unexpected(EEXIST);
    if (!create && !exists) return tl::unexpected(ENOENT);
    const bool direct = mode == OpenMode::kWriteDirect;
    if (direct && !state_->has_direct) return tl::unexpected(EINVAL);
    InodePtr inode = exists ? found->second : std::make_shared<Inode>();
    if (create) state_->Change(folder(), {"", name, inode});
    return std::make_unique<SimFile>(state_, name, std::move(inode), direct);
  }
  int Rename(const std::string& from, const std::string& to) override {
    return ChangeName(SimCall::kRename, from, to);
  }
  int Remove(const std::string& name) override { return ChangeName(SimCall::kRemove, name, ""); }
  int Sync() override {
    MutexLock lock(state_->mutex);
    if (const int error = state_->Begin(SimCall::kSyncDirectory, "", true); error != 0) {
      return error;
    }
    for (const NameChange& change : folder().pending) Apply(change, folder().stored);
    folder().pending.clear();
    return 0;
  }
  IoResult<std::vector<std::string>> List() override {
    MutexLock lock(state_->mutex);
    std::vector<std::string> names;
    for (const auto& [name, inode] : folder().cached) names.push_back(name);
    return names;
  }
  IoResult<std::unique_ptr<Lock>> TakeLock(const std::string& name,
                                           std::chrono::nanoseconds) override {
    MutexLock lock(state_->mutex);
    const std::string path = path_ + "/" + name;
    if (!state_->locks.insert(path).second) return tl::unexpected(ETIMEDOUT);
    return std::make_unique<SimLock>(state_, path);
  }
  const std::string& path() const override { return path_; }

 private:
  Folder& folder() REQUIRES(state_->mutex) { return state_->folders[path_]; }
  int ChangeName(SimCall call, const std::string& from, const std::string& to) {
    MutexLock lock(state_->mutex);
    if (const int error = state_->Begin(call, from, true); error != 0) return error;
    const auto found = folder().cached.find(from);
    if (found == folder().cached.end()) return ENOENT;
    state_->Change(folder(), {from, to, found->second});
    return 0;
  }

  const StatePtr state_;
  const std::string path_;
};

InodePtr Rebooted(const std::string& bytes) {
  auto inode = std::make_shared<Inode>();
  inode->cached = bytes;
  inode->stored = bytes;
  return inode;
}

}  // namespace

SimFs::SimFs(uint64_t seed) : state_(std::make_shared<State>(seed)) {}
SimFs::SimFs(std::shared_ptr<State> state) : state_(std::move(state)) {}
SimFs::~SimFs() = default;

IoResult<std::unique_ptr<Directory>> SimFs::OpenDirectory(const std::string& path, bool create,
                                                          unsigned) {
  MutexLock lock(state_->mutex);
  if (!create && state_->folders.count(path) == 0) return tl::unexpected(ENOENT);
  state_->folders[path];
  return std::make_unique<SimDirectory>(state_, path);
}

void SimFs::SetFailures(std::function<int(SimCall, const std::string&)> failures) {
  MutexLock lock(state_->mutex);
  state_->failures = std::move(failures);
}
void SimFs::SetShortCounts(bool on) {
  MutexLock lock(state_->mutex);
  state_->short_counts = on;
}
void SimFs::SetDirect(bool on) {
  MutexLock lock(state_->mutex);
  state_->has_direct = on;
}
void SimFs::SetCapacity(uint64_t bytes) {
  MutexLock lock(state_->mutex);
  state_->capacity = bytes;
}
uint64_t SimFs::used_bytes() const {
  MutexLock lock(state_->mutex);
  return state_->Used();
}
uint64_t SimFs::changes() const {
  MutexLock lock(state_->mutex);
  return state_->changes;
}
void SimFs::PowerOffAt(uint64_t change) {
  MutexLock lock(state_->mutex);
  state_->power_off_at = change;
}
bool SimFs::powered_off() const {
  MutexLock lock(state_->mutex);
  return state_->off;
}

std::unique_ptr<SimFs> SimFs::Crash(uint64_t seed) const {
  std::mt19937_64 random(seed);
  auto after = std::make_shared<State>(random());
  MutexLock lock(state_->mutex);
  MutexLock other(after->mutex);
  // Some crashes lose all that was pending, some nothing, the rest a part.
  const uint64_t fate = random() % 4;
  for (const auto& [path, folder] : state_->folders) {
    Names names = folder.stored;
    for (const NameChange& change : folder.pending) {
      if (fate == 0 || (fate > 1 && random() % 2 == 0)) continue;
      Apply(change, names);
    }
    for (const auto& [name, inode] : names) {
      std::string bytes = inode->stored;
      for (const Change& change : inode->pending) {
        if (fate == 0) break;
        if (fate == 1) Apply(change, bytes);
        if (fate > 1) ApplyTorn(change, bytes, random);
      }
      after->folders[path].cached[name] = Rebooted(bytes);
    }
    after->folders[path].stored = after->folders[path].cached;
  }
  return std::unique_ptr<SimFs>(new SimFs(std::move(after)));
}

std::unique_ptr<SimFs> SimFs::Kill() const {
  auto after = std::make_shared<State>(1);
  MutexLock lock(state_->mutex);
  MutexLock other(after->mutex);
  // Pending changes stay pending: a power cut may follow.
  std::map<InodePtr, InodePtr> copies;
  const auto copy = [&](const InodePtr& inode) {
    InodePtr& twin = copies[inode];
    if (!twin) twin = std::make_shared<Inode>(*inode);
    return twin;
  };
  for (const auto& [path, folder] : state_->folders) {
    Folder& twin = after->folders[path];
    for (const auto& [name, inode] : folder.cached) twin.cached[name] = copy(inode);
    for (const auto& [name, inode] : folder.stored) twin.stored[name] = copy(inode);
    for (const NameChange& change : folder.pending) {
      twin.pending.push_back({change.erase, change.set, copy(change.inode)});
    }
  }
  return std::unique_ptr<SimFs>(new SimFs(std::move(after)));
}

std::vector<std::string> SimFs::List(const std::string& path) const {
  MutexLock lock(state_->mutex);
  std::vector<std::string> names;
  for (const auto& [name, inode] : state_->folders[path].cached) names.push_back(name);
  return names;
}

std::string SimFs::Contents(const std::string& path, const std::string& name) const {
  MutexLock lock(state_->mutex);
  const auto found = state_->folders[path].cached.find(name);
  return found == state_->folders[path].cached.end() ? "" : found->second->cached;
}

void SimFs::SetContents(const std::string& path, const std::string& name, std::string bytes) {
  MutexLock lock(state_->mutex);
  Folder& folder = state_->folders[path];
  folder.cached[name] = Rebooted(bytes);
  folder.stored[name] = folder.cached[name];
}

}  // namespace weir::tests
