// The inside of a journal, shared by its handle and its tasks on the executor. Two halves: the
// catalog and what waits (under the mutex, any thread), and the writer (one task at a time).
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "storage/journal/appender.h"
#include "storage/journal/catalog.h"
#include "storage/journal/journal.h"
#include "storage/journal/recovery.h"

namespace weir::storage::journal {

struct Journal::State : std::enable_shared_from_this<Journal::State> {
  using Done = UniqueFunction<void(Result<Sequence>)>;

  State(Options o, Executor& e, Logger l, std::unique_ptr<io::Directory> d,
        std::unique_ptr<io::Lock> k, Recovered recovered);

  // Any thread.
  void Append(std::vector<Slice> parts, uint8_t type, Done done);
  Result<std::vector<Record>> Read(CursorId cursor, Sequence from, size_t bytes_max,
                                   ByteBudget* budget);
  void Delivered(CursorId cursor, Sequence sequence);
  void Close();
  // Runs the writer on the executor unless it runs or is about to.
  void Kick();

  // Reading (read.cc).
  Status Bring(const ReadPlan& plan);
  void ForgetMissing(const ReadPlan& plan);
  Status ReadPlaces(CursorId cursor, const ReadPlan& plan, ByteBudget* budget,
                    std::vector<Record>& records);
  Result<MutableBuffer> ReadRun(const ReadPlan& plan, size_t begin, size_t end, ByteBudget* budget);
  void SkipDamaged(CursorId cursor, const ReadPlan& plan, const Place& place);

  // The writer (writer.cc): only by whoever set writer_runs.
  void RunWriter();
  void WriteWaiting();
  void Commit(std::vector<Input> inputs, std::vector<Done> dones);
  Status WriteSome(const std::vector<Input>& inputs, size_t begin, std::vector<Place>* places);
  Status EnsureRoom(uint64_t length);
  Status CreateSegment(uint64_t length);
  void SealActive();
  void SealRecovered();
  void ResolveDeliveries();
  void FlushCursors();
  int WriteCursors(const Cursors& cursors);
  void RemoveSegments(const std::vector<FreeSegment>& segments);
  void MakeBallast();

  // Constant after construction.
  const Options options;
  Executor& executor;
  const Logger logger;
  const std::unique_ptr<io::Directory> directory;

  std::atomic<uint64_t> damaged{0};
  std::atomic<uint64_t> refused{0};

  // The writer's.
  Appender appender;
  uint64_t next_number;
  std::vector<uint64_t> to_seal;                   // recovered segments without a seal
  std::optional<Clock::Steady> no_attempt_before;  // of creating a segment on a full disk
  Status full;                                     // why
  bool ballast = false;
  bool cursors_failed = false;  // the last time; said once

  mutable Mutex mutex;
  CondVar idle;  // writer_runs became false
  std::unique_ptr<io::Lock> lock GUARDED_BY(mutex);
  Catalog catalog GUARDED_BY(mutex);
  Sequence next_sequence GUARDED_BY(mutex);
  std::vector<Input> waiting GUARDED_BY(mutex);
  std::vector<Done> waiting_dones GUARDED_BY(mutex);
  // Deliveries whose segment's index must be loaded first.
  std::vector<std::pair<CursorId, Sequence>> deferred GUARDED_BY(mutex);
  bool closed GUARDED_BY(mutex) = false;
  bool writer_posted GUARDED_BY(mutex) = false;
  bool writer_runs GUARDED_BY(mutex) = false;
  bool flush_scheduled GUARDED_BY(mutex) = false;
  bool flush_due GUARDED_BY(mutex) = false;

  void ScheduleFlush(std::chrono::nanoseconds delay);
};

}  // namespace weir::storage::journal
