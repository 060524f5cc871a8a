#include "pipeline/persistent_queue.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace weir::pipeline {
namespace {

constexpr std::chrono::nanoseconds kReadAgainAfter = std::chrono::seconds(1);

// The room of `part` out of `whole` records that together take `load`, rounded down.
QueueLoad ShareOf(QueueLoad load, uint64_t whole) {
  return {load.items / whole, load.bytes / whole};
}

void Add(QueueLoad& to, QueueLoad load) {
  to.items += load.items;
  to.bytes += load.bytes;
}

}  // namespace

Result<std::unique_ptr<StorageClient>> OpenQueueStorage(Host& host, const ExtensionRef& ref,
                                                        const ComponentId& id,
                                                        model::Signal signal) {
  Component* extension = host.FindExtension(ref.id);
  if (extension == nullptr) {
    return Fail(Status(StatusCode::kInvalidArgument, "no storage client extension found"));
  }
  auto* storage = dynamic_cast<StorageExtension*>(extension);
  if (storage == nullptr) {
    return Fail(
        Status(StatusCode::kInvalidArgument, "requested extension is not a storage extension"));
  }
  return storage->Open(ComponentKind::kExporter, id, model::SignalName(signal));
}

PersistentQueue::PersistentQueue(const QueueConfig& config, model::Signal signal, QueueRoom& room,
                                 ExportStage& next, Executor& executor, ExporterReport& report,
                                 std::shared_ptr<InFlight> in_flight,
                                 std::function<bool()> interrupted, LoadLimits limits)
    : SendingQueue(config, room, executor, report, std::move(in_flight)),
      signal_(signal),
      limits_(limits),
      next_(next),
      interrupted_(std::move(interrupted)) {}

void PersistentQueue::Open(std::unique_ptr<StorageClient> storage) {
  storage_ = std::move(storage);
  const uint64_t records = storage_->record_count();
  const uint64_t bytes = storage_->size_bytes();
  if (records == 0) return;
  report_.logger().Info("Fetching items left for dispatch by consumers",
                        {{"numberOfItems", uint64_t{records}}});
  Result<std::vector<StorageClient::Record>> read = storage_->Read(0, limits_.read_bytes);
  uint64_t read_records = 0, read_bytes = 0;
  std::vector<Loaded> loaded;
  if (read) {
    read_records = read->size();
    for (const StorageClient::Record& one : *read) read_bytes += one.bytes.size();
    loaded = Accept(*std::move(read));
  } else {
    report_.logger().Warn("The sending queue's storage cannot be read yet",
                          {{"error", read.error()}});
  }
  EstimateUnread(records - std::min(records, read_records), bytes - std::min(bytes, read_bytes),
                 loaded);
  {
    MutexLock lock(mutex_);
    first_ = std::move(loaded);
    behind_ = true;
    reading_ = true;
  }
  PostRead(std::chrono::nanoseconds::zero());
}

void PersistentQueue::EstimateUnread(uint64_t records, uint64_t bytes,
                                     const std::vector<Loaded>& read) {
  uint64_t items = 0;
  for (const Loaded& one : read) items += one.record.batch.items();
  const uint64_t mean = read.empty() ? 1 : (items + read.size() / 2) / read.size();
  MutexLock lock(mutex_);
  unread_records_ = records;
  unread_ = {admission_.sizer() == Sizer::kRequests ? records : records * mean, bytes};
  admission_.ForceEnter(unread_);
}

void PersistentQueue::Admit(model::Batch batch, const Context& context, Done done) {
  const BatchSize size{batch.items(), batch.size_bytes()};
  report_.metrics().Enqueued(size.items, size.bytes);
  std::vector<Slice> parts = EncodeQueueRecord(batch, context.client.get());
  storage_->Append(std::move(parts),
                   [this, size, record = QueueRecord{std::move(batch), context.client},
                    done = std::move(done)](Result<Sequence> sequence) mutable {
                     if (!sequence) {
                       return NotDurable(size, std::move(sequence).error(), std::move(done));
                     }
                     done(Status());
                     Durable(*sequence, std::move(record));
                     in_flight_->Leave();
                   });
}

void PersistentQueue::NotDurable(const BatchSize& size, Status why, Done done) {
  admission_.Leave(size);
  if (why.retryable() && !why.retry_after()) why = why.WithRetryAfter(kQueueRetryDelay);
  report_.Refused(size.items, why);
  done(std::move(why));
  in_flight_->Leave();
}

void PersistentQueue::Durable(Sequence sequence, QueueRecord record) {
  const BatchSize size{record.batch.items(), record.batch.size_bytes()};
  bool keep = false;
  {
    MutexLock lock(mutex_);
    keep = sequence >= covered_ && !behind_ && HasRoomToLoad();
    if (keep) {
      NoteLoaded(sequence, size.bytes);
    } else {
      Add(unread_, admission_.LoadOfOne(size));
      ++unread_records_;
      behind_ = true;
    }
  }
  if (!keep) return MaybeRead();
  // The storage's thread has other appends to make durable.
  in_flight_->Enter();
  executor_.Post(
      [this, loaded = Loaded{sequence, std::move(record)}]() mutable { Send(std::move(loaded)); });
}

void PersistentQueue::Send(Loaded loaded) {
  const BatchSize size{loaded.record.batch.items(), loaded.record.batch.size_bytes()};
  Context context;
  context.client = std::move(loaded.record.client);
  next_.Take({std::move(loaded.record.batch), context,
              [this, sequence = loaded.sequence, size](const Status& answer) {
                Ended(sequence, size, answer);
              },
              false});
}

void PersistentQueue::Ended(Sequence sequence, const BatchSize& size, const Status& answer) {
  const bool stays = answer.retryable() && interrupted_();
  // Before it stops being known as loaded, or a Read could return it once more.
  if (!stays) storage_->Delivered(sequence);
  {
    MutexLock lock(mutex_);
    Forget(sequence);
  }
  admission_.Leave(size);
  MaybeRead();
  in_flight_->Leave();
}

bool PersistentQueue::HasRoomToLoad() const {
  return loaded_.empty() || (loaded_bytes_ < limits_.bytes && loaded_.size() < limits_.requests);
}

size_t PersistentQueue::ReadSize() const {
  const size_t room = limits_.bytes > loaded_bytes_ ? limits_.bytes - loaded_bytes_ : 1;
  return std::min(limits_.read_bytes, room);
}

void PersistentQueue::NoteLoaded(Sequence sequence, size_t bytes) {
  CHECK(loaded_.emplace(sequence, bytes).second) << "record " << sequence << " loaded twice";
  loaded_bytes_ += bytes;
}

void PersistentQueue::Forget(Sequence sequence) {
  const auto found = loaded_.find(sequence);
  CHECK(found != loaded_.end()) << "record " << sequence << " ended without being loaded";
  loaded_bytes_ -= found->second;
  loaded_.erase(found);
  if (reading_) ended_during_read_.insert(sequence);
}

void PersistentQueue::MaybeRead() {
  {
    MutexLock lock(mutex_);
    if (!behind_ || reading_ || !HasRoomToLoad()) return;
    reading_ = true;
  }
  PostRead(std::chrono::nanoseconds::zero());
}

void PersistentQueue::PostRead(std::chrono::nanoseconds delay) {
  auto read = [this, gate = gate_] {
    {
      MutexLock lock(gate->mutex);
      if (gate->stopped) return;
      gate->running = true;
    }
    Read();
    MutexLock lock(gate->mutex);
    gate->running = false;
    gate->idle.NotifyAll();
  };
  if (delay == std::chrono::nanoseconds::zero()) {
    executor_.Post(std::move(read));
  } else {
    executor_.PostAfter(delay, std::move(read));
  }
}

void PersistentQueue::Read() {
  std::vector<Loaded> loaded;
  Sequence from = 0;
  size_t bytes_max = 0;
  {
    MutexLock lock(mutex_);
    loaded.swap(first_);
    if (!loaded.empty()) reading_ = false;
    behind_ = !loaded.empty();
    from = covered_;
    bytes_max = ReadSize();
  }
  if (loaded.empty()) {
    Result<std::vector<StorageClient::Record>> read = storage_->Read(from, bytes_max);
    if (!read) return ReadFailed(read.error());
    loaded = Accept(*std::move(read));
  }
  for (Loaded& one : loaded) {
    in_flight_->Enter();
    Send(std::move(one));
  }
  // The estimate of what is on disk may have shrunk.
  admission_.Leave(QueueLoad{});
  MaybeRead();
}

void PersistentQueue::ReadFailed(const Status& why) {
  report_.logger().Warn("The sending queue's storage cannot be read, will try again",
                        {{"error", why}});
  {
    MutexLock lock(mutex_);
    behind_ = true;
  }
  PostRead(kReadAgainAfter);
}

std::vector<PersistentQueue::Loaded> PersistentQueue::Accept(
    std::vector<StorageClient::Record> records) {
  std::vector<StorageClient::Record> fresh;
  {
    MutexLock lock(mutex_);
    for (StorageClient::Record& one : records) {
      covered_ = std::max(covered_, one.sequence + 1);
      if (loaded_.contains(one.sequence) || ended_during_read_.contains(one.sequence)) continue;
      NoteLoaded(one.sequence, one.bytes.size());
      TakeFromUnread();
      fresh.push_back(std::move(one));
    }
    // What was appended during the Read is behind it.
    if (!records.empty()) behind_ = true;
    if (!behind_) ForgetUnread();
    reading_ = false;
    ended_during_read_.clear();
  }
  std::vector<Loaded> loaded;
  for (StorageClient::Record& one : fresh) {
    Result<QueueRecord> record = DecodeQueueRecord(signal_, one.bytes);
    if (!record) {
      GiveUp(one.sequence, one.bytes.size(), record.error());
      continue;
    }
    admission_.ForceEnter(
        admission_.LoadOfOne({record->batch.items(), record->batch.size_bytes()}));
    loaded.push_back({one.sequence, *std::move(record)});
  }
  return loaded;
}

void PersistentQueue::GiveUp(Sequence sequence, size_t bytes, const Status& why) {
  report_.Unreadable(bytes, why);
  storage_->Delivered(sequence);
  MutexLock lock(mutex_);
  Forget(sequence);
}

void PersistentQueue::TakeFromUnread() {
  if (unread_records_ == 0) return;
  // The last one takes what the rounding left.
  const QueueLoad share = ShareOf(unread_, unread_records_);
  --unread_records_;
  unread_ = {unread_.items - share.items, unread_.bytes - share.bytes};
  admission_.LeaveQuietly(share);
  if (unread_records_ == 0) ForgetUnread();
}

void PersistentQueue::ForgetUnread() {
  admission_.LeaveQuietly(unread_);
  unread_ = {};
  unread_records_ = 0;
}

void PersistentQueue::Stop() {
  SendingQueue::Stop();
  MutexLock lock(gate_->mutex);
  gate_->stopped = true;
  while (gate_->running) gate_->idle.Wait(gate_->mutex);
}

void PersistentQueue::Close() {
  if (storage_ == nullptr) return;
  if (const uint64_t left = storage_->record_count(); left > 0) {
    report_.logger().Info("Requests stay in the sending queue's storage", {{"requests", left}});
  }
  storage_->Close();
}

}  // namespace weir::pipeline
