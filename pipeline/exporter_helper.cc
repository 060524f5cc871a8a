#include "pipeline/exporter_helper.h"

#include <atomic>
#include <functional>
#include <random>
#include <utility>

#include "pipeline/admission.h"
#include "pipeline/batcher.h"
#include "pipeline/dispatcher.h"
#include "pipeline/exporter_report.h"
#include "pipeline/in_flight.h"
#include "pipeline/memory_queue.h"
#include "pipeline/persistent_queue.h"
#include "pipeline/retry.h"

namespace weir::pipeline {
namespace {

Queueing QueueingOf(const ExporterOptions& options) {
  if (!options.queue) return Queueing::kNone;
  if (options.queue->storage) return Queueing::kStorage;
  return options.queue->wait_for_result ? Queueing::kWaiting : Queueing::kMemory;
}

RetryStage::Options RetryOptions(const ExporterOptions& options, const ComponentId& id) {
  RetryStage::Options retry{options.timeout, options.retry, 0};
  // What is on disk is not given up because a backend is away for longer than a default.
  if (QueueingOf(options) == Queueing::kStorage && !retry.retry.max_elapsed_time_written) {
    retry.retry.max_elapsed_time = config::Duration::zero();
  }
  retry.seed = std::random_device()() ^ std::hash<std::string>()(id.ToString());
  return retry;
}

class QueuedExporter final : public Exporter {
 public:
  QueuedExporter(const Settings& settings, model::Signal signal, ExporterOptions options,
                 std::unique_ptr<Sender> sender)
      : id_(settings.id),
        signal_(signal),
        options_(std::move(options)),
        executor_(settings.executor),
        sender_(std::move(sender)),
        report_(settings, signal, options_.sent_labels, QueueingOf(options_),
                options_.retry.enabled),
        room_(options_.queue ? RoomLimit(*options_.queue) : QueueLoad{}),
        retry_(RetryOptions(options_, settings.id), *sender_, executor_, report_) {
    if (options_.queue) MakeQueue(*options_.queue);
  }

  Status Start(Host& host) override {
    WEIR_RETURN_IF_ERROR(sender_->Start(host));
    if (on_disk_ != nullptr) {
      auto storage = OpenQueueStorage(host, *options_.queue->storage, id_, signal_);
      if (!storage) {
        sender_->Shutdown();
        return storage.error();
      }
      on_disk_->Open(*std::move(storage));
    }
    if (queue_) {
      report_.metrics().ShowQueue(
          [this] { return static_cast<double>(queue_->admission().size()); },
          [this] { return static_cast<double>(queue_->admission().capacity()); });
    }
    started_ = true;
    return {};
  }

  void Consume(model::Batch batch, const Context& context, Done done) override {
    if (batch.items() == 0) return done(Status());
    if (!in_flight_->TryEnter()) return done(Stopped());
    if (queue_) return queue_->Consume(std::move(batch), context, std::move(done));
    retry_.Take({std::move(batch), context.WithoutReservations(),
                 [in_flight = in_flight_, done = std::move(done)](Status answer) mutable {
                   done(std::move(answer));
                   in_flight->Leave();
                 },
                 false});
  }

  Status Reserve(const BatchSize& size, Reservations& reservations) override {
    if (!queue_ || size.items == 0) return {};
    return queue_->Reserve(size, reservations);
  }

  void Shutdown() override {
    if (!started_) return;
    started_ = false;
    stopping_.store(true, std::memory_order_release);
    in_flight_->Stop();
    // What is on disk waits there; what is in memory gets its one attempt.
    if (on_disk_ != nullptr) dispatcher_->Abandon(Stopped());
    retry_.StopRetrying();
    if (queue_) queue_->Stop();
    if (batcher_) batcher_->Flush();
    in_flight_->StopAndWait();
    if (dispatcher_) dispatcher_->WaitIdle();
    if (on_disk_ != nullptr) on_disk_->Close();
    sender_->Shutdown();
  }

 private:
  static Status Stopped() { return Status::Retryable("the exporter is stopped", kQueueRetryDelay); }

  void MakeQueue(const QueueConfig& config) {
    dispatcher_ = std::make_unique<Dispatcher>(config.num_consumers, room_, retry_);
    ExportStage* first = dispatcher_.get();
    if (config.batch) {
      batcher_ = std::make_unique<Batcher>(
          BatcherOptions::Of(*config.batch, config.wait_for_result), *dispatcher_, executor_);
      first = batcher_.get();
    }
    if (!config.storage) {
      queue_ = std::make_unique<MemoryQueue>(config, room_, *first, executor_, report_, in_flight_);
      return;
    }
    auto on_disk = std::make_unique<PersistentQueue>(
        config, signal_, room_, *first, executor_, report_, in_flight_,
        [this] { return stopping_.load(std::memory_order_acquire); });
    on_disk_ = on_disk.get();
    queue_ = std::move(on_disk);
  }

  const ComponentId id_;
  const model::Signal signal_;
  const ExporterOptions options_;
  Executor& executor_;
  const std::unique_ptr<Sender> sender_;
  const std::shared_ptr<InFlight> in_flight_ = std::make_shared<InFlight>();
  std::unique_ptr<SendingQueue> queue_;  // null without; before report_, whose gauges read it
  PersistentQueue* on_disk_ = nullptr;   // queue_, when it has storage
  ExporterReport report_;
  QueueRoom room_;
  RetryStage retry_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<Batcher> batcher_;  // null without `batch`
  std::atomic<bool> stopping_{false};
  bool started_ = false;
};

}  // namespace

std::unique_ptr<Exporter> MakeExporter(const Settings& settings, model::Signal signal,
                                       ExporterOptions options, std::unique_ptr<Sender> sender) {
  return std::make_unique<QueuedExporter>(settings, signal, std::move(options), std::move(sender));
}

}  // namespace weir::pipeline
