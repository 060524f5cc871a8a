// A sending queue on disk: a request is acknowledged when it is durable, and leaves the disk when
// it is delivered or given up.
//
//   Consume ─► Admission ─► Append ─ durable ─► OK to the caller
//                              │
//                              ├ short queue: kept in memory ──────────┐
//                              └ else forgotten, and read back later ──┴─► next stage ─► Delivered
//
// What is in memory at a time is bounded (LoadLimits); the rest is read in order, on the executor,
// as room comes back, so a restart over a large queue reads it piece by piece. What is interrupted
// by Shutdown stays on disk. Sizes in units of the sizer survive a restart: requests exactly, items
// and bytes as an estimate from the first records, corrected as the rest is read. A record that
// cannot be read is skipped, counted and logged. After a crash delivered requests may be sent
// again.
//
// Sequences in memory are known one by one (`loaded_`); all of them below `covered_` have been seen
// by a Read, so an append that turns up there late is not loaded twice. While a Read runs, what
// ends meanwhile is remembered (`ended_during_read_`), because the Read may still return it.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/executor.h"
#include "base/mutex.h"
#include "pipeline/export.h"
#include "pipeline/exporter_report.h"
#include "pipeline/extension.h"
#include "pipeline/queue_record.h"
#include "pipeline/sending_queue.h"

namespace weir::pipeline {

// The client of the extension `ref`, for exporter `id`. kInvalidArgument with the Collector's text:
// `no storage client extension found`, `requested extension is not a storage extension`.
Result<std::unique_ptr<StorageClient>> OpenQueueStorage(Host& host, const ExtensionRef& ref,
                                                        const ComponentId& id,
                                                        model::Signal signal);

// How much of the queue is in memory at a time.
struct LoadLimits {
  size_t bytes = size_t{32} << 20;  // of requests; one larger than that is loaded alone
  size_t requests = 10'000;
  size_t read_bytes = size_t{4} << 20;  // at a time
};

class PersistentQueue final : public SendingQueue {
 public:
  // References outlive this. `interrupted` says of a retryable failure whether the exporter stops,
  // so that the request stays on disk.
  PersistentQueue(const QueueConfig& config, model::Signal signal, QueueRoom& room,
                  ExportStage& next, Executor& executor, ExporterReport& report,
                  std::shared_ptr<InFlight> in_flight, std::function<bool()> interrupted,
                  LoadLimits limits = {});

  // Takes over what `storage` holds and starts sending it. Reads its first records at once, for the
  // estimate of the size; blocks on the disk.
  void Open(std::unique_ptr<StorageClient> storage);
  // As every queue; and reads nothing more. Blocks while a Read runs.
  void Stop() override;
  // Closes the storage. Everything has ended.
  void Close();

 private:
  using Sequence = StorageClient::Sequence;
  struct Loaded {
    Sequence sequence;
    QueueRecord record;
  };
  // What a posted Read may touch when the queue has gone.
  struct ReadGate {
    Mutex mutex;
    CondVar idle;
    bool stopped GUARDED_BY(mutex) = false;
    bool running GUARDED_BY(mutex) = false;
  };

  void Admit(model::Batch batch, const Context& context, Done done) override;
  void NotDurable(const BatchSize& size, Status why, Done done);
  // Keeps the request in memory, or forgets it until it is read.
  void Durable(Sequence sequence, QueueRecord record) EXCLUDES(mutex_);
  // Hands a loaded request on; it has entered in_flight.
  void Send(Loaded loaded);
  void Ended(Sequence sequence, const BatchSize& size, const Status& answer) EXCLUDES(mutex_);

  // Posts a Read when there is something on disk and room for it.
  void MaybeRead() EXCLUDES(mutex_);
  void PostRead(std::chrono::nanoseconds delay);
  void Read() EXCLUDES(mutex_);
  void ReadFailed(const Status& why);
  // Notes `records` as loaded and decodes them; unreadable ones are given up.
  std::vector<Loaded> Accept(std::vector<StorageClient::Record> records) EXCLUDES(mutex_);
  void GiveUp(Sequence sequence, size_t bytes, const Status& why) EXCLUDES(mutex_);

  bool HasRoomToLoad() const REQUIRES(mutex_);
  size_t ReadSize() const REQUIRES(mutex_);
  void NoteLoaded(Sequence sequence, size_t bytes) REQUIRES(mutex_);
  void Forget(Sequence sequence) REQUIRES(mutex_);
  // Estimates what is on disk and was not read by Open.
  void EstimateUnread(uint64_t records, uint64_t bytes, const std::vector<Loaded>& read)
      EXCLUDES(mutex_);
  // Gives back the room that stood for a record on disk: it is read now.
  void TakeFromUnread() REQUIRES(mutex_);
  void ForgetUnread() REQUIRES(mutex_);

  const model::Signal signal_;
  const LoadLimits limits_;
  ExportStage& next_;
  const std::function<bool()> interrupted_;
  std::unique_ptr<StorageClient> storage_;  // constant between Open and Close
  const std::shared_ptr<ReadGate> gate_ = std::make_shared<ReadGate>();

  Mutex mutex_;
  std::unordered_map<Sequence, size_t> loaded_ GUARDED_BY(mutex_);  // in memory: their bytes
  size_t loaded_bytes_ GUARDED_BY(mutex_) = 0;
  Sequence covered_ GUARDED_BY(mutex_) = 0;  // Reads have seen everything below
  bool behind_ GUARDED_BY(mutex_) = false;   // there may be more on disk than is loaded
  bool reading_ GUARDED_BY(mutex_) = false;  // a Read is posted or runs
  std::unordered_set<Sequence> ended_during_read_ GUARDED_BY(mutex_);
  // The room taken for requests that are on disk alone, and how many those are. What one of them
  // takes is only known when it is read, so each takes the mean with it.
  QueueLoad unread_ GUARDED_BY(mutex_);
  uint64_t unread_records_ GUARDED_BY(mutex_) = 0;
  std::vector<Loaded> first_ GUARDED_BY(mutex_);  // read by Open, sent by the first Read
};

}  // namespace weir::pipeline
