// Nothing is lost and nothing is doubled, whatever the backend says and whoever calls: over every
// kind of queue, with many threads, random sizes and random answers,
//
//   items in = sent + dropped (by reason) + refused to the caller
//
// exactly, by the exporter's own counters and by the test's.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/executor.h"
#include "base/metric_store.h"
#include "base/mutex.h"
#include "pipeline/exporter_helper.h"
#include "pipeline/queue_record.h"
#include "tests/pipeline_exporter/batches.h"
#include "tests/pipeline_exporter/fake_storage.h"

namespace weir::pipeline::tests {
namespace {

// Answers at random, on the calling thread or on one of its own.
class RandomSender final : public Sender {
 public:
  explicit RandomSender(uint64_t seed) : random_(seed) {}
  Status Start(Host&) override { return {}; }
  void Send(model::Batch batch, const Context&, Done done) override {
    const uint64_t draw = Draw();
    Status answer;
    if (draw % 100 < 15) answer = Status::Retryable("busy");
    if (draw % 100 >= 95) answer = Status(StatusCode::kInvalidArgument, "bad");
    if (answer.ok()) delivered += batch.items();
    if ((draw >> 32) % 2 == 0) return done(std::move(answer));
    backend_.Post([answer = std::move(answer), done = std::move(done)]() mutable {
      done(std::move(answer));
    });
  }
  void Shutdown() override {}
  std::atomic<size_t> delivered{0};

 private:
  uint64_t Draw() {
    MutexLock lock(mutex_);
    return random_();
  }
  Mutex mutex_;
  std::mt19937_64 random_ GUARDED_BY(mutex_);
  ThreadPool backend_{"backend", 2};
};

struct Case {
  std::string name;
  bool queue = true;
  bool batch = false;
  bool wait = false;
  bool block = false;
  bool storage = false;
  bool drained = false;  // before Shutdown
  Sizer::Kind sizer = Sizer::kRequests;
  int64_t queue_size = 8;
};

std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }

class Conservation : public testing::TestWithParam<Case> {};

ExporterOptions OptionsOf(const Case& one) {
  ExporterOptions options;
  options.timeout.timeout = config::Duration::zero();
  options.retry.initial_interval = std::chrono::microseconds(50);
  options.retry.max_interval = std::chrono::microseconds(100);
  options.retry.max_elapsed_time = std::chrono::milliseconds(2);
  options.retry.max_elapsed_time_written = true;
  if (!one.queue) return options;
  QueueConfig queue;
  queue.queue_size = one.queue_size;
  queue.num_consumers = 3;
  queue.sizer = one.sizer;
  queue.wait_for_result = one.wait;
  queue.block_on_overflow = one.block;
  if (one.storage) queue.storage = ExtensionRef{{"file_storage", ""}};
  if (one.batch) {
    QueueBatchConfig batch;
    batch.min_size = 20;
    batch.max_size = 30;
    batch.flush_timeout = std::chrono::milliseconds(1);
    queue.batch = config::Optional<QueueBatchConfig>::On(batch);
  }
  options.queue = config::Optional<QueueConfig>::On(queue);
  return options;
}

class OneExtension final : public Host {
 public:
  explicit OneExtension(Component& extension) : extension_(extension) {}
  Component* FindExtension(const ComponentId&) override { return &extension_; }
  void ReportState(const Component&, ComponentState, const Status&) override {}

 private:
  Component& extension_;
};

// What the callers saw.
struct Tally {
  std::atomic<size_t> in{0}, accepted{0}, refused{0}, answers{0};
};

void Produce(Exporter& exporter, uint64_t seed, int batches, Tally& tally) {
  std::mt19937_64 random(seed);
  for (int i = 0; i < batches; ++i) {
    const size_t items = 1 + random() % 50;
    tally.in += items;
    Reservations reservations;
    Context context;
    if (random() % 4 == 0) {
      context.reservations = &reservations;
      if (!exporter.Reserve({items, items * 10}, reservations).ok()) {
        tally.refused += items;
        ++tally.answers;
        continue;
      }
    }
    exporter.Consume(Logs(items), context, [&tally, items](const Status& status) {
      (status.ok() ? tally.accepted : tally.refused) += items;
      ++tally.answers;
    });
  }
}

TEST_P(Conservation, InIsSentPlusDroppedPlusRefused) {
  constexpr int kThreads = 4, kBatches = 400;
  const Case& one = GetParam();
  MetricStore store;
  ThreadPool executor("test", 2);
  ByteBudget budget(64 << 20);
  const BuildInfo build;
  FakeStorage storage;
  OneExtension host(storage);
  auto owned = std::make_unique<RandomSender>(7);
  const RandomSender& sender = *owned;
  const Settings settings{{"otlp", ""}, Logger(), &store, executor, budget, build};
  auto exporter = MakeExporter(settings, model::Signal::kLogs, OptionsOf(one), std::move(owned));
  ASSERT_TRUE(exporter->Start(host).ok());
  Tally tally;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] { Produce(*exporter, t, kBatches, tally); });
  }
  for (std::thread& thread : threads) thread.join();
  const auto metric = [&](const std::string& name) {
    return static_cast<size_t>(store.Sum("otelcol_exporter_" + name));
  };
  while (one.drained && metric("queue_size") > 0) std::this_thread::yield();
  exporter->Shutdown();

  const auto dropped = static_cast<size_t>(store.Sum("weir_dropped_items"));
  size_t stored = 0;
  for (const StorageClient::Record& record : storage.disk.Read(0, SIZE_MAX)) {
    stored += DecodeQueueRecord(model::Signal::kLogs, record.bytes)->batch.items();
  }
  EXPECT_EQ(tally.answers, size_t{kThreads} * kBatches) << "each caller is answered once";
  EXPECT_EQ(tally.accepted + tally.refused, tally.in);
  EXPECT_EQ(metric("sent_log_records"), sender.delivered);
  EXPECT_GT(sender.delivered, 0u);
  if (!one.queue || one.wait) {
    // Part of a cut request may be delivered when the caller hears of the failure of the rest.
    EXPECT_EQ(metric("sent_log_records") + metric("send_failed_log_records") +
                  metric("enqueue_failed_log_records"),
              tally.in);
    if (!one.batch) {
      EXPECT_EQ(sender.delivered, tally.accepted);
    }
    EXPECT_EQ(dropped, 0u);
  } else {
    EXPECT_EQ(metric("enqueue_failed_log_records"), tally.refused);
    if (one.drained) {
      EXPECT_EQ(stored, 0u);
    }
    if (!one.storage || !one.batch || one.drained) {
      EXPECT_EQ(sender.delivered + dropped + stored, tally.accepted);
    } else {
      // A part that was delivered before the rest of its request was interrupted is on disk, too.
      EXPECT_GE(sender.delivered + dropped + stored, tally.accepted);
    }
  }
  EXPECT_EQ(metric("queue_size"), 0u);
  EXPECT_EQ(metric("in_flight_requests"), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Queues, Conservation,
    testing::Values(
        Case{.name = "None", .queue = false}, Case{.name = "Memory"},
        Case{.name = "Items", .sizer = Sizer::kItems, .queue_size = 200},
        Case{.name = "Bytes", .sizer = Sizer::kBytes, .queue_size = 3000},
        Case{.name = "Blocking", .block = true},
        Case{.name = "Waiting", .wait = true, .block = true},
        Case{.name = "Batching", .batch = true, .queue_size = 50},
        Case{.name = "BatchingWaiting", .batch = true, .wait = true, .queue_size = 50},
        Case{.name = "BatchingBlocking", .batch = true, .block = true},
        Case{.name = "Storage", .storage = true, .queue_size = 1000},
        Case{.name = "StorageBatching", .batch = true, .storage = true, .queue_size = 1000},
        Case{.name = "StorageDrained", .storage = true, .drained = true, .queue_size = 1000},
        Case{.name = "StorageBatchingDrained",
             .batch = true,
             .storage = true,
             .drained = true,
             .sizer = Sizer::kItems,
             .queue_size = 5000}),
    [](const testing::TestParamInfo<Case>& one) { return one.param.name; });

}  // namespace
}  // namespace weir::pipeline::tests
