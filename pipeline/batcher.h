// Merges requests into batches of a wanted size and cuts what is too large: the core of
// `sending_queue.batch` and of the `batch` processor.
//
//   requests ──► [ pending, one per partition ] ──► batches of min_size to max_size
//                  └─ sent at min_size, after flush_timeout, or (flush_when_idle) as soon as
//                  nothing
//                     of the partition is in flight
//
// Requests are cut while they are merged, so a batch knows its parts:
//
//   request A ├──────────────┤ request B ├───────────────────────┤
//   batch 1   ├──────── A ───┼─── B1 ────┤   batch 2  ├─── B2 ───┤
//
// Each request is answered when all its parts are, with the worst answer. A batch of several parts
// that is refused for good is sent once more part by part, so that one client's bad data does not
// take another's with it (DESIGN §2). Requests of different values of the metadata keys are never
// merged; a merged batch has the metadata of those keys and nothing else of its senders, and no
// deadline. A record above max_size goes alone.
//
// Thread-safe. Batches are handed on by the thread that completes them: a caller of Take, the one
// that answers, or a timer's.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/executor.h"
#include "model/split.h"
#include "pipeline/export.h"
#include "pipeline/exporter_config.h"

namespace weir::pipeline {

struct BatcherOptions {
  size_t min_size = 0;  // in units of `by`; 0: every request is sent at once
  size_t max_size = 0;  // 0: nothing is cut
  model::SizedBy by = model::SizedBy::kItems;
  std::chrono::nanoseconds flush_timeout{0};  // from the first pending data
  // Send what is pending as soon as nothing of its partition is in flight behind: for callers that
  // wait for the answer, whom the timer would throttle.
  bool flush_when_idle = false;
  // A batch of one request loses its client, too, so that those behind never see one.
  bool strip_client = false;
  std::vector<std::string> metadata_keys;  // in lower case
  size_t partitions_max = 10'000;          // 0: no limit
  // At the limit a new partition is refused for good; else the least recently used one is sent and
  // forgotten.
  bool refuse_new_partitions = false;

  static BatcherOptions Of(const QueueBatchConfig& config, bool flush_when_idle);
};

class Batcher final : public ExportStage {
 public:
  enum class Trigger : uint8_t { kSize, kTimeout, kIdle, kFlush };
  // Hears of each batch before it is handed on.
  using Observer = std::function<void(size_t items, size_t bytes, Trigger trigger)>;

  // References outlive this, and this outlives every request it has not answered.
  Batcher(BatcherOptions options, ExportStage& next, Executor& executor, Observer observer = {});
  ~Batcher() override;

  void Take(Export one) override;

  // Sends everything pending, and from now on every request at once.
  void Flush();

  // Live partitions; 1 without metadata keys.
  size_t partition_count() const;

 private:
  class Core;
  const std::shared_ptr<Core> core_;
};

}  // namespace weir::pipeline
