#include "pipeline/batcher.h"

#include <algorithm>
#include <cctype>
#include <list>
#include <unordered_map>
#include <utility>

#include "base/mutex.h"
#include "pipeline/batch_partition.h"

namespace weir::pipeline {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Appends a number such that no two lists of values share a key.
void AppendNumber(std::string& out, size_t number) {
  out += std::to_string(number);
  out += ':';
}

}  // namespace

BatcherOptions BatcherOptions::Of(const QueueBatchConfig& config, bool flush_when_idle) {
  BatcherOptions options;
  options.min_size = static_cast<size_t>(config.min_size);
  options.max_size = static_cast<size_t>(config.max_size);
  options.by =
      Sizer::Kind(config.sizer) == Sizer::kBytes ? model::SizedBy::kBytes : model::SizedBy::kItems;
  options.flush_timeout = config.flush_timeout;
  options.flush_when_idle = flush_when_idle;
  for (const std::string& key : config.partition.metadata_keys) {
    options.metadata_keys.push_back(Lower(key));
  }
  return options;
}

// Shared with timers and with batches in flight, which may outlive the Batcher by the moment after
// their last answer.
class Batcher::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(BatcherOptions options, ExportStage& next, Executor& executor, Observer observer)
      : options_(std::move(options)),
        next_(next),
        executor_(executor),
        observer_(std::move(observer)),
        only_(std::make_shared<BatchPartition>(options_, nullptr)) {}

  void Take(Export one);
  void Flush();
  size_t partition_count() const {
    if (options_.metadata_keys.empty()) return 1;
    MutexLock lock(mutex_);
    return partitions_.size();
  }

 private:
  struct Entry {
    std::shared_ptr<BatchPartition> partition;
    std::list<std::string>::iterator used;  // in by_use_
  };

  std::string KeyOf(const Context& context) const;
  std::shared_ptr<const ClientInfo> ClientOf(const Context& context) const;
  // Null when there may be no more; the one that had to go for it goes to `ready`.
  std::shared_ptr<BatchPartition> PartitionOf(const Context& context, BatchFlights& ready)
      REQUIRES(mutex_);
  void SetTimer(const std::shared_ptr<BatchPartition>& partition, std::chrono::nanoseconds delay);
  // Hands `flights` on, and what follows from answers that come at once.
  void Send(BatchFlights flights);
  // True when the answer is there.
  bool Start(BatchFlight& flight);
  void End(BatchFlight& flight, BatchFlights& more);

  const BatcherOptions options_;
  ExportStage& next_;
  Executor& executor_;
  const Observer observer_;
  const std::shared_ptr<BatchPartition> only_;  // of all requests without metadata keys
  mutable Mutex mutex_;
  bool closed_ GUARDED_BY(mutex_) = false;
  std::unordered_map<std::string, Entry> partitions_ GUARDED_BY(mutex_);
  std::list<std::string> by_use_ GUARDED_BY(mutex_);  // keys, the least recently used first
};

std::string Batcher::Core::KeyOf(const Context& context) const {
  std::string key;
  for (const std::string& name : options_.metadata_keys) {
    const auto* values = context.client ? context.client->FindMetadata(name) : nullptr;
    AppendNumber(key, values ? values->size() : 0);
    if (values == nullptr) continue;
    for (const std::string& value : *values) {
      AppendNumber(key, value.size());
      key += value;
    }
  }
  return key;
}

std::shared_ptr<const ClientInfo> Batcher::Core::ClientOf(const Context& context) const {
  auto client = std::make_shared<ClientInfo>();
  for (const std::string& name : options_.metadata_keys) {
    const auto* values = context.client ? context.client->FindMetadata(name) : nullptr;
    if (values != nullptr) client->metadata.emplace_back(name, *values);
  }
  return client;
}

std::shared_ptr<BatchPartition> Batcher::Core::PartitionOf(const Context& context,
                                                           BatchFlights& ready) {
  std::string key = KeyOf(context);
  if (const auto found = partitions_.find(key); found != partitions_.end()) {
    by_use_.splice(by_use_.end(), by_use_, found->second.used);
    return found->second.partition;
  }
  if (options_.partitions_max > 0 && partitions_.size() >= options_.partitions_max) {
    if (options_.refuse_new_partitions) return nullptr;
    const auto oldest = partitions_.find(by_use_.front());
    oldest->second.partition->Flush(/*closed=*/true, ready);
    partitions_.erase(oldest);
    by_use_.pop_front();
  }
  auto partition = std::make_shared<BatchPartition>(options_, ClientOf(context));
  if (closed_) partition->Flush(/*closed=*/true, ready);
  by_use_.push_back(key);
  partitions_.emplace(std::move(key), Entry{partition, std::prev(by_use_.end())});
  return partition;
}

void Batcher::Core::Take(Export one) {
  const Clock::Steady now = executor_.clock().Now();
  BatchFlights ready;
  std::shared_ptr<BatchPartition> partition = only_;
  auto origin = std::make_shared<BatchOrigin>(one.context, std::move(one.done));
  bool wants_timer = false;
  if (options_.metadata_keys.empty()) {
    wants_timer = only_->Add(std::move(one.batch), origin, now, ready);
  } else {
    // Held while the request is added, so that the partition does not go between.
    MutexLock lock(mutex_);
    partition = PartitionOf(one.context, ready);
    if (partition) wants_timer = partition->Add(std::move(one.batch), origin, now, ready);
  }
  if (wants_timer) SetTimer(partition, options_.flush_timeout);
  origin->Answer(partition ? Status()
                           : Status::Permanent("too many batcher metadata-value combinations"));
  if (!ready.empty()) Send(std::move(ready));
}

void Batcher::Core::SetTimer(const std::shared_ptr<BatchPartition>& partition,
                             std::chrono::nanoseconds delay) {
  executor_.PostAfter(delay, [weak = weak_from_this(), partition] {
    const std::shared_ptr<Core> core = weak.lock();
    if (core == nullptr) return;
    BatchFlights ready;
    const auto again = partition->TimeOut(core->executor_.clock().Now(), ready);
    if (again > std::chrono::nanoseconds::zero()) core->SetTimer(partition, again);
    core->Send(std::move(ready));
  });
}

void Batcher::Core::Send(BatchFlights flights) {
  while (!flights.empty()) {
    std::unique_ptr<BatchFlight> flight = std::move(flights.front());
    flights.pop_front();
    if (Start(*flight)) {
      End(*flight, flights);
    } else {
      // Whoever answers owns it now.
      (void)flight.release();
    }
  }
}

bool Batcher::Core::Start(BatchFlight& flight) {
  Export one{model::Batch(flight.parts.front().batch.signal()),
             flight.partition->ContextOf(flight.parts),
             {},
             flight.parts.size() > 1};
  if (flight.parts.size() == 1) {
    // Keeps its compressed form. It is never sent again part by part.
    one.batch = std::move(flight.parts.front().batch);
  } else {
    for (const BatchPart& part : flight.parts) one.batch.Append(part.batch);
  }
  if (observer_ && !flight.again) {
    observer_(one.batch.items(), one.batch.size_bytes(), flight.trigger);
  }
  one.done = [core = shared_from_this(), &flight](Status answer) {
    flight.answer = std::move(answer);
    if (!flight.handover.Answered()) return;
    const std::unique_ptr<BatchFlight> owned(&flight);
    BatchFlights more;
    core->End(flight, more);
    core->Send(std::move(more));
  };
  next_.Take(std::move(one));
  return flight.handover.Returned();
}

void Batcher::Core::End(BatchFlight& flight, BatchFlights& more) {
  if (flight.parts.size() > 1 && BlamesData(flight.answer)) {
    flight.partition->Ended(flight.parts.size(), more);
    for (BatchPart& part : flight.parts) {
      auto again = std::make_unique<BatchFlight>();
      again->partition = flight.partition;
      again->parts.push_back(std::move(part));
      again->again = true;
      more.push_back(std::move(again));
    }
    return;
  }
  flight.partition->Ended(0, more);
  for (const BatchPart& part : flight.parts) part.origin->Answer(flight.answer);
}

void Batcher::Core::Flush() {
  BatchFlights ready;
  only_->Flush(/*closed=*/true, ready);
  {
    MutexLock lock(mutex_);
    closed_ = true;
    for (auto& [key, entry] : partitions_) entry.partition->Flush(/*closed=*/true, ready);
  }
  Send(std::move(ready));
}

Batcher::Batcher(BatcherOptions options, ExportStage& next, Executor& executor, Observer observer)
    : core_(std::make_shared<Core>(std::move(options), next, executor, std::move(observer))) {}

Batcher::~Batcher() = default;

void Batcher::Take(Export one) { core_->Take(std::move(one)); }
void Batcher::Flush() { core_->Flush(); }
size_t Batcher::partition_count() const { return core_->partition_count(); }

}  // namespace weir::pipeline
