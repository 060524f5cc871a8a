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

#include "base/executor.h"
#include "pipeline/admission.h"
#include "pipeline/consumer.h"
#include "pipeline/export.h"
#include "pipeline/exporter_report.h"
#include "pipeline/in_flight.h"

namespace weir::pipeline {

class MemoryQueue final : public Consumer {
 public:
  // References outlive this. Whoever calls Consume has entered `in_flight` for the batch, which
  // leaves it at its end.
  MemoryQueue(const QueueConfig& config, QueueRoom& room, ExportStage& next, Executor& executor,
              ExporterReport& report, std::shared_ptr<InFlight> in_flight);

  void Consume(model::Batch batch, const Context& context, Done done) override;
  Status Reserve(const BatchSize& size, Reservations& reservations) override {
    return admission_.Reserve(size, reservations);
  }
  // Refuses who waits for room and whoever comes, from now on.
  void Close() { admission_.Close(); }

  const Admission& admission() const { return admission_; }

 private:
  // `batch` has its room.
  void Admit(model::Batch batch, const Context& context, Done done);
  Done AnswerCaller(const BatchSize& size, const Context& context, Done done);

  const bool waits_for_result_;
  ExportStage& next_;
  Executor& executor_;
  ExporterReport& report_;
  const std::shared_ptr<InFlight> in_flight_;
  Admission admission_;
};

}  // namespace weir::pipeline
