// A file system in memory that forgets what a disk may forget: storage/io/file_system.h for tests.
//
//   code ─► SimFs ─► cache (what reads see) ─► pending changes ─ Sync ─► disk (what a crash leaves)
//
// A write is on the disk only after Sync or SyncData of its file; a name, its absence or a rename
// only after Sync of its directory. Crash(seed) gives the disk that a reboot would find: of what
// was pending each change may have happened or not, in any combination (so: reordered), writes in
// pieces of 512 bytes (so: torn). A sync that fails loses what was pending, as Linux does: reads
// still see it, later syncs say OK, and a crash takes it.
//
// Faults are asked for by name: see Faults and Fail. Everything follows from seeds. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/io/file_system.h"

namespace weir::tests {

enum class SimCall : uint8_t {
  kOpen,
  kRead,
  kWrite,
  kSyncFile,
  kAllocate,
  kTruncate,
  kRename,
  kRemove,
  kSyncDirectory
};

class SimFs final : public storage::io::FileSystem {
 public:
  static constexpr uint64_t kSectorSize = 512;

  explicit SimFs(uint64_t seed = 1);
  ~SimFs() override;

  storage::io::IoResult<std::unique_ptr<storage::io::Directory>> OpenDirectory(
      const std::string& path, bool create, unsigned mode) override;

  // Decides the fate of every call: 0, or the errno with which it fails. Called with the name of
  // the file ("" for the directory's own). Null: nothing fails.
  void SetFailures(std::function<int(SimCall, const std::string& name)> failures);
  // Writes take a random part of what is given, and both reads and writes are now and then
  // interrupted (EINTR).
  void SetShortCounts(bool on);
  // Without it a file cannot be opened with kWriteDirect (EINVAL). On at first. Such a file takes
  // whole sectors from whole sectors only; what it writes waits for a sync like everything else.
  void SetDirect(bool on);
  // The disk has room for so many bytes; ENOSPC beyond.
  void SetCapacity(uint64_t bytes);
  uint64_t used_bytes() const;

  // Calls that change something so far (all but kOpen of an existing file and kRead).
  uint64_t changes() const;
  // The power goes when so many changes have been made: that call and all later ones fail with EIO
  // and change nothing.
  void PowerOffAt(uint64_t change);
  bool powered_off() const;

  // The disk after a power cut now. Nothing of this one is used any more.
  std::unique_ptr<SimFs> Crash(uint64_t seed) const;
  // The disk after the process was killed now: all that was written is there, synced or not.
  std::unique_ptr<SimFs> Kill() const;

  // For damage: the cached and stored bytes of a file, by path and name.
  std::vector<std::string> List(const std::string& path) const;
  std::string Contents(const std::string& path, const std::string& name) const;
  void SetContents(const std::string& path, const std::string& name, std::string bytes);

  struct State;

 private:
  explicit SimFs(std::shared_ptr<State> state);
  const std::shared_ptr<State> state_;
};

}  // namespace weir::tests
