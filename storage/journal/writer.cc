// The writer of a journal: group commit, segments, cursors.
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "storage/io/io.h"
#include "storage/journal/state.h"

namespace weir::storage::journal {
namespace {

// What one fdatasync is asked to write; beyond it the first callers would wait for the last.
constexpr uint64_t kCommitSizeMax = 8 << 20;
// Between attempts to create a segment on a full disk.
constexpr std::chrono::milliseconds kFullDiskPause{250};
// Between attempts to write cursors that could not be written.
constexpr std::chrono::seconds kCursorRetry{1};

}  // namespace

void Journal::State::RunWriter() {
  {
    MutexLock hold(mutex);
    writer_posted = false;
    if (closed || writer_runs) return;
    writer_runs = true;
  }
  SealRecovered();
  while (true) {
    WriteWaiting();
    ResolveDeliveries();
    bool flush = false;
    {
      MutexLock hold(mutex);
      flush = std::exchange(flush_due, false);
      if (!flush && (closed || (waiting.empty() && deferred.empty()))) {
        writer_runs = false;
        idle.NotifyAll();
        return;
      }
    }
    if (flush) FlushCursors();
  }
}

void Journal::State::WriteWaiting() {
  std::vector<Input> inputs;
  std::vector<Done> dones;
  {
    MutexLock hold(mutex);
    inputs.swap(waiting);
    dones.swap(waiting_dones);
  }
  if (!inputs.empty()) Commit(std::move(inputs), std::move(dones));
}

void Journal::State::Commit(std::vector<Input> inputs, std::vector<Done> dones) {
  std::vector<Place> places;
  for (size_t begin = 0; begin < inputs.size(); begin += places.size()) {
    const Status status = WriteSome(inputs, begin, &places);
    if (!status.ok()) {
      refused.fetch_add(inputs.size() - begin);
      for (; begin < dones.size(); ++begin) dones[begin](Fail(status));
      return;
    }
    {
      MutexLock hold(mutex);
      catalog.AddRecords(appender.number(), places, appender.end_offset());
      next_sequence += places.size();
    }
    for (size_t i = 0; i < places.size(); ++i) {
      inputs[begin + i].parts.clear();
      dones[begin + i](places[i].sequence);
    }
  }
}

Status Journal::State::WriteSome(const std::vector<Input>& inputs, size_t begin,
                                 std::vector<Place>* places) {
  const Input* const first = inputs.data() + begin;
  const Input* const last = inputs.data() + inputs.size();
  Sequence sequence = 0;
  {
    MutexLock hold(mutex);
    sequence = next_sequence;
  }
  int error = 0;
  // The second time into a new segment: the failed one is poisoned, but its bytes are still here.
  for (int attempt = 0; attempt < 2; ++attempt) {
    WEIR_RETURN_IF_ERROR(EnsureRoom(first->length));
    const std::string name = appender.segment().name;
    error = appender.Write(first, appender.FitEnd(first, last, kCommitSizeMax), sequence, places);
    if (error == 0) return {};
    logger.Error("Writing failed; the file is only read from now on.",
                 {{"file", directory->path() + "/" + name},
                  {"error", std::generic_category().message(error)}});
  }
  return io::DiskStatus(error, "write to", directory->path());
}

Status Journal::State::EnsureRoom(uint64_t length) {
  if (appender.number() != 0 && appender.Fits(length)) return {};
  SealActive();
  const auto now = executor.clock().Now();
  if (no_attempt_before && now < *no_attempt_before) return full;
  Status status = CreateSegment(length);
  if (!status.ok()) {
    if (full.ok()) {
      logger.Warn("No file can be created; new records are refused until that is possible.",
                  {{"error", status}});
    }
    full = status;
    no_attempt_before = now + kFullDiskPause;
  } else {
    if (!full.ok())
      logger.Info("New records are stored again.", {{"directory", directory->path()}});
    full = {};
    no_attempt_before.reset();
  }
  return status;
}

Status Journal::State::CreateSegment(uint64_t length) {
  Sequence first = 0;
  {
    MutexLock hold(mutex);
    first = next_sequence;
  }
  const auto now = executor.clock().WallNow().time_since_epoch();
  const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  const SegmentId id{next_number++, options.next_mark()};
  const int error = appender.Create(id, first, length, static_cast<uint64_t>(nanos));
  if (error != 0) return io::DiskStatus(error, "create a file in", directory->path());
  Segment segment = appender.segment();
  segment.file = appender.file();
  MutexLock hold(mutex);
  catalog.Add(std::move(segment));
  return {};
}

void Journal::State::SealActive() {
  const uint64_t number = appender.number();
  if (number == 0) return;
  Segment indexed;
  {
    MutexLock hold(mutex);
    indexed = *catalog.Find(number);
  }
  const int error = appender.Seal(indexed);
  if (error != 0) {
    logger.Warn("A full file could not be ended; the next start reads all of it.",
                {{"file", directory->path() + "/" + indexed.name},
                 {"error", std::generic_category().message(error)}});
    return;
  }
  MutexLock hold(mutex);
  catalog.SetSealed(number);
}

// A file that an earlier process was writing. What it did not sync is synced here, before a cursor
// can be written that passed it.
void Journal::State::SealRecovered() {
  for (const uint64_t number : std::exchange(to_seal, {})) {
    Segment indexed;
    {
      MutexLock hold(mutex);
      const Segment* found = catalog.Find(number);
      if (found == nullptr) continue;
      indexed = *found;
    }
    const auto file = directory->Open(indexed.name, io::OpenMode::kWrite);
    const int error = file ? SealFile(**file, indexed, options.sync) : file.error();
    if (error != 0) {
      logger.Warn("A file could not be ended; the next start reads all of it again.",
                  {{"file", directory->path() + "/" + indexed.name},
                   {"error", std::generic_category().message(error)}});
      continue;
    }
    MutexLock hold(mutex);
    catalog.SetSealed(number);
  }
}

void Journal::State::ResolveDeliveries() {
  std::vector<std::pair<CursorId, Sequence>> unresolved;
  {
    MutexLock hold(mutex);
    unresolved.swap(deferred);
  }
  for (const auto& [cursor, sequence] : unresolved) {
    ReadPlan plan;
    {
      MutexLock hold(mutex);
      uint64_t number = 0;
      if (catalog.Deliver(cursor, sequence, &number) != Catalog::Delivery::kNeedsIndex) continue;
      const Segment* segment = catalog.Find(number);
      plan = {number, segment->name, segment->id.mark, segment->file, true, {}};
    }
    // When it cannot be read now, the record is read and delivered once more.
    if (!Bring(plan).ok()) continue;
    MutexLock hold(mutex);
    uint64_t number = 0;
    static_cast<void>(catalog.Deliver(cursor, sequence, &number));
  }
}

void Journal::State::FlushCursors() {
  Cursors cursors;
  std::vector<FreeSegment> free;
  {
    MutexLock hold(mutex);
    cursors = catalog.Delivered(next_sequence);
    free = catalog.TakeFree(appender.number());
  }
  int error = WriteCursors(cursors);
  if (io::IsDiskFull(error) && std::exchange(ballast, false)) {
    static_cast<void>(directory->Remove("ballast"));
    error = WriteCursors(cursors);
  }
  // Also when the cursors could not be written: on a full disk only this makes room.
  RemoveSegments(free);
  if (io::IsDiskFull(error) && !free.empty()) error = WriteCursors(cursors);
  if (error == 0) {
    cursors_failed = false;
    MakeBallast();
    return;
  }
  if (!std::exchange(cursors_failed, true)) {
    logger.Warn("What was delivered cannot be written down; after a crash it is sent again.",
                {{"error", io::DiskStatus(error, "write", directory->path() + "/cursors")}});
  }
  ScheduleFlush(kCursorRetry);
}

int Journal::State::WriteCursors(const Cursors& cursors) {
  const int error = io::ReplaceFile(*directory, "cursors", EncodeCursors(cursors));
  return error == 0 ? directory->Sync() : error;
}

void Journal::State::RemoveSegments(const std::vector<FreeSegment>& segments) {
  for (const FreeSegment& segment : segments) {
    const int error = directory->Remove(segment.name);
    if (error != 0) {
      logger.Warn("A file that is no longer needed cannot be removed.",
                  {{"file", directory->path() + "/" + segment.name},
                   {"error", std::generic_category().message(error)}});
    }
    if (segment.in_order) static_cast<void>(directory->Sync());
  }
}

void Journal::State::MakeBallast() {
  if (ballast || options.ballast_size_bytes == 0) return;
  auto file = directory->Open("ballast", io::OpenMode::kCreate);
  if (!file && file.error() == EEXIST) file = directory->Open("ballast", io::OpenMode::kWrite);
  ballast = file && (*file)->Allocate(options.ballast_size_bytes) == 0;
  if (!ballast) static_cast<void>(directory->Remove("ballast"));
}

}  // namespace weir::storage::journal
