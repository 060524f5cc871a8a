// What sending queues in memory and on disk share: the door (pipeline/admission.h).
#pragma once

#include <memory>

#include "base/executor.h"
#include "pipeline/admission.h"
#include "pipeline/consumer.h"
#include "pipeline/exporter_report.h"
#include "pipeline/in_flight.h"

namespace weir::pipeline {

class SendingQueue : public Consumer {
 public:
  // References outlive this.
  SendingQueue(const QueueConfig& config, QueueRoom& room, Executor& executor,
               ExporterReport& report, std::shared_ptr<InFlight> in_flight)
      : executor_(executor),
        report_(report),
        in_flight_(std::move(in_flight)),
        admission_(config, room, executor, report) {}

  // The caller has entered `in_flight` for the batch, which leaves it at its end.
  void Consume(model::Batch batch, const Context& context, Done done) final;
  Status Reserve(const BatchSize& size, Reservations& reservations) final {
    return admission_.Reserve(size, reservations);
  }
  // Refuses who waits for room and whoever comes, from now on.
  virtual void Stop() { admission_.Close(); }

  const Admission& admission() const { return admission_; }

 protected:
  // Takes a batch whose room is taken.
  virtual void Admit(model::Batch batch, const Context& context, Done done) = 0;

  Executor& executor_;
  ExporterReport& report_;
  const std::shared_ptr<InFlight> in_flight_;
  Admission admission_;
};

}  // namespace weir::pipeline
