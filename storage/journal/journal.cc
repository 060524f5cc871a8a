#include "storage/journal/journal.h"

#include <cerrno>
#include <random>
#include <utility>

#include "base/check.h"
#include "storage/io/crc32c.h"
#include "storage/io/io.h"
#include "storage/journal/state.h"

namespace weir::storage::journal {
namespace {

Status Closed() { return Status::Retryable("the journal is closed"); }

Status CannotLock(int error, const std::string& path) {
  if (error != ETIMEDOUT) return io::DiskStatus(error, "lock", path);
  return Status(StatusCode::kDeadlineExceeded,
                "timeout: another process has " + path +
                    " open; stop it, or give this one a directory of its own");
}

}  // namespace

Journal::State::State(Options o, Executor& e, Logger l, std::unique_ptr<io::Directory> d,
                      std::unique_ptr<io::Lock> k, Recovered recovered)
    : options(std::move(o)),
      executor(e),
      logger(std::move(l)),
      directory(std::move(d)),
      damaged(recovered.damaged_frames),
      appender(*directory, options.segment_size_bytes, options.sync),
      next_number(recovered.next_number),
      lock(std::move(k)),
      catalog(options.cursors, recovered.cursors),
      next_sequence(recovered.next_sequence) {
  for (Segment& segment : recovered.segments) {
    const bool seal = !segment.sealed && segment.sealable && segment.held.records > 0;
    if (seal) to_seal.push_back(segment.id.number);
    if (catalog.NeedsIndex(segment)) {
      const auto file = directory->Open(segment.name, io::OpenMode::kRead);
      if (file) segment = ReadIndex(**file, segment);
      // Nothing of it can be read now; the file stays for another start.
      if (!file) continue;
    }
    catalog.Add(std::move(segment));
  }
}

void Journal::State::Append(std::vector<Slice> parts, uint8_t type, Done done) {
  Input input;
  input.type = type;
  for (const Slice& part : parts) input.length += part.size();
  if (input.length > kRecordSizeMax) {
    done(Fail(Status(StatusCode::kInvalidArgument,
                     "a record of " + std::to_string(input.length) + " bytes is larger than " +
                         std::to_string(kRecordSizeMax) + ", the most that is stored")));
    return;
  }
  // Here, not in the writer: the caller has just had the bytes in its cache.
  for (const Slice& part : parts) input.payload_crc = io::Crc32c(part.view(), input.payload_crc);
  input.parts = std::move(parts);
  Done refused;
  {
    MutexLock hold(mutex);
    if (closed) {
      refused = std::move(done);
    } else {
      waiting.push_back(std::move(input));
      waiting_dones.push_back(std::move(done));
    }
  }
  if (refused) {
    refused(Fail(Closed()));
    return;
  }
  Kick();
}

void Journal::State::Kick() {
  {
    MutexLock hold(mutex);
    if (closed || writer_posted || writer_runs) return;
    writer_posted = true;
  }
  executor.Post([self = shared_from_this()] { self->RunWriter(); });
}

void Journal::State::Delivered(CursorId cursor, Sequence sequence) {
  CHECK(cursor < options.cursors.size()) << cursor;
  bool load = false;
  {
    MutexLock hold(mutex);
    if (closed) return;
    uint64_t number = 0;
    const auto delivery = catalog.Deliver(cursor, sequence, &number);
    if (delivery == Catalog::Delivery::kNone) return;
    load = delivery == Catalog::Delivery::kNeedsIndex;
    if (load) deferred.emplace_back(cursor, sequence);
  }
  if (load) Kick();
  ScheduleFlush(options.cursor_interval);
}

void Journal::State::ScheduleFlush(std::chrono::nanoseconds delay) {
  {
    MutexLock hold(mutex);
    if (closed || flush_scheduled) return;
    flush_scheduled = true;
  }
  executor.PostAfter(delay, [self = shared_from_this()] {
    {
      MutexLock hold(self->mutex);
      self->flush_scheduled = false;
      self->flush_due = true;
    }
    self->Kick();
  });
}

void Journal::State::Close() {
  {
    MutexLock hold(mutex);
    if (closed) return;
    closed = true;
    while (writer_runs) idle.Wait(mutex);
    writer_runs = true;
  }
  WriteWaiting();
  SealActive();
  FlushCursors();
  if (ballast) static_cast<void>(directory->Remove("ballast"));
  MutexLock hold(mutex);
  lock.reset();
  writer_runs = false;
}

Result<std::unique_ptr<Journal>> Journal::Open(io::FileSystem& file_system, const std::string& path,
                                               Options options, Executor& executor, Logger logger) {
  CHECK(!options.cursors.empty());
  auto directory = file_system.OpenDirectory(path, true, options.directory_mode);
  if (!directory) return Fail(io::DiskStatus(directory.error(), "open", path));
  auto lock = (*directory)->TakeLock("lock", options.lock_timeout);
  if (!lock) return Fail(CannotLock(lock.error(), path));
  Result<Recovered> recovered = Recover(**directory, logger);
  if (!recovered) return Fail(std::move(recovered).error());
  if (!options.next_mark) {
    options.next_mark = [random = std::make_shared<std::random_device>()] { return (*random)(); };
  }
  auto state =
      std::make_shared<State>(std::move(options), executor, std::move(logger),
                              std::move(*directory), std::move(*lock), std::move(*recovered));
  state->MakeBallast();
  // Seals what an earlier process left open, behind the caller's back.
  if (!state->to_seal.empty()) state->Kick();
  return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

Journal::~Journal() { Close(); }

void Journal::Append(std::vector<Slice> parts, uint8_t type,
                     UniqueFunction<void(Result<Sequence>)> done) {
  CHECK(type < kOwnTypesFrom) << int{type};
  state_->Append(std::move(parts), type, std::move(done));
}

Result<std::vector<Record>> Journal::Read(CursorId cursor, Sequence from, size_t bytes_max,
                                          ByteBudget* budget) {
  return state_->Read(cursor, from, bytes_max, budget);
}

void Journal::Delivered(CursorId cursor, Sequence sequence) { state_->Delivered(cursor, sequence); }

Tally Journal::undelivered(CursorId cursor) const {
  MutexLock hold(state_->mutex);
  return state_->catalog.undelivered(cursor);
}

Sequence Journal::first_undelivered(CursorId cursor) const {
  MutexLock hold(state_->mutex);
  return state_->catalog.FirstUndelivered(cursor, state_->next_sequence);
}

uint64_t Journal::damaged_records() const { return state_->damaged.load(); }
uint64_t Journal::refused_records() const { return state_->refused.load(); }
const std::string& Journal::path() const { return state_->directory->path(); }

void Journal::Close() { state_->Close(); }

}  // namespace weir::storage::journal
