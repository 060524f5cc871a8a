// A sending queue in memory: what is in it is lost with the process.
//
//   Consume ─► Admission ─► OK to the caller ─► next stage (batcher or dispatcher) ─► ...
//                  ▲                                                                │
//                  └──────────────── room given back when it is done ◄──────────────┘
//
// The caller is told OK as soon as the batch is in, or with wait_for_result hears the backend's
// answer; its deadline is then the export's, too. The bytes of a batch are charged by its buffers.
// Thread-safe.
#pragma once

#include <memory>

#include "pipeline/export.h"
#include "pipeline/sending_queue.h"

namespace weir::pipeline {

class MemoryQueue final : public SendingQueue {
 public:
  // References outlive this.
  MemoryQueue(const QueueConfig& config, QueueRoom& room, ExportStage& next, Executor& executor,
              ExporterReport& report, std::shared_ptr<InFlight> in_flight);

 private:
  void Admit(model::Batch batch, const Context& context, Done done) override;
  Done AnswerCaller(const BatchSize& size, const Context& context, Done done);

  const bool waits_for_result_;
  ExportStage& next_;
};

}  // namespace weir::pipeline
