// One append-only log of records in a directory: segments on disk, group commit, several cursors
// (DESIGN §4; the bytes: docs/formats/journal.md).
//
//   Append ─► waiting ─► writer task: one write, one fdatasync for all that wait ─►
//   done(sequence)
//                             │
//   Read(cursor) ◄── segments ┘      Delivered(cursor) ─► cursors file, a little later ─► segments
//                                                         that every cursor has passed are removed
//
// What an answer means. done(sequence): the record is on disk (with Options::sync), comes back in
// order from every Read until that cursor has delivered it, and survives any crash. A failure: the
// record may or may not come back after a crash, before one it never does. A cursor on disk lags
// what was delivered, so after a crash some records are read again; it never leads.
//
// A failed write or sync poisons the segment: it is only read from then on, and what was not
// acknowledged is written to a new one, once; then it is refused. A full disk refuses new records
// (retryable, with a delay) while Read, Delivered and the removal of segments go on. Damaged
// records are skipped and counted.
//
// Threads: every function from any thread. The writer is a task on the executor, one at a time for
// each journal; it blocks on the disk. Append and Delivered never block.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_budget.h"
#include "base/executor.h"
#include "base/log.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/unique_function.h"
#include "storage/io/file_system.h"
#include "storage/journal/catalog.h"

namespace weir::storage::journal {

// A record's number; they grow by one with every append, with gaps after failures.
using Sequence = uint64_t;

struct Options {
  // Of a segment, preallocated. A larger record gets a segment of its own.
  uint64_t segment_size_bytes = 64 << 20;
  // Without it nothing is synced but the cursors: a power cut may take what was acknowledged.
  bool sync = true;
  // Names of the cursors, at least one. A new one begins with the oldest record; a stored one that
  // is not named here is forgotten.
  std::vector<std::string> cursors = {"default"};
  // How long Open waits for another process that has the journal open; zero: without end.
  std::chrono::nanoseconds lock_timeout = std::chrono::seconds(1);
  // Between a delivery and its record in the cursors file.
  std::chrono::nanoseconds cursor_interval = std::chrono::milliseconds(100);
  // Of a file that is given up when the disk is full, so that cursors can be written; zero: none.
  uint64_t ballast_size_bytes = 1 << 20;
  // Of the directory when Open creates it.
  unsigned directory_mode = 0750;
  // Of new segments; random numbers unless a test says otherwise.
  std::function<uint32_t()> next_mark;
};

struct Record {
  Sequence sequence = 0;
  uint8_t type = 0;
  Slice bytes;
};

class Journal {
 public:
  // Largest record.
  static constexpr uint64_t kRecordSizeMax = uint64_t{1} << 30;

  // Opens the journal in `path`, creating the directory. Blocks: reads the index of sealed segments
  // and all of the last one. kDeadlineExceeded when another process holds it; kFailedPrecondition
  // when a newer program wrote it; damage is no failure. `file_system` and `executor` outlive the
  // journal; tasks on the executor may outlive it.
  static Result<std::unique_ptr<Journal>> Open(io::FileSystem& file_system, const std::string& path,
                                               Options options, Executor& executor, Logger logger);
  // Closes.
  ~Journal();

  // Appends a record of `type` (below kOwnTypesFrom), the parts one behind the other; they are kept
  // until `done`. `done` is called on the writer's thread once the record is durable, with its
  // number, or with the reason why it is not: retryable when trying later can help, permanent when
  // the record is too large. Records become durable in the order of the calls.
  void Append(std::vector<Slice> parts, uint8_t type, UniqueFunction<void(Result<Sequence>)> done);

  // Records at or behind `from` that `cursor` has not delivered, in order: as many as fit into
  // `bytes_max` (frames included), at least one if there is one. They are charged to `budget` (may
  // be null). Blocks on the disk. Retryable when the budget or the system refuses; a record that
  // cannot be read is passed by, counted and taken as delivered.
  Result<std::vector<Record>> Read(CursorId cursor, Sequence from, size_t bytes_max,
                                   ByteBudget* budget);
  // Marks a record as delivered; in any order, more than once has no effect.
  void Delivered(CursorId cursor, Sequence sequence);

  // What a cursor has not delivered.
  Tally undelivered(CursorId cursor) const;
  // No record in front of it is undelivered; the next append's number when none is.
  Sequence first_undelivered(CursorId cursor) const;
  // Damaged places found since Open.
  uint64_t damaged_records() const;
  // Appends refused since Open.
  uint64_t refused_records() const;
  const std::string& path() const;

  // Commits what waits, seals, writes the cursors and gives the lock up. Blocks. Later appends are
  // refused, reads find nothing. Again has no effect.
  void Close();

 private:
  struct State;
  explicit Journal(std::shared_ptr<State> state) : state_(std::move(state)) {}
  const std::shared_ptr<State> state_;
};

}  // namespace weir::storage::journal
