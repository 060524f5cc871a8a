// One batch to several branches, and one answer back (DESIGN §2).
//
// All branches share the same bytes. Room is reserved in every branch first; when one would refuse,
// nobody gets the batch, so a sender's retry never doubles a branch that had accepted. The answer
// comes when the last branch has answered and is the worst of theirs.
#pragma once

#include <memory>
#include <vector>

#include "pipeline/consumer.h"

namespace weir::pipeline {

class FanOut final : public Consumer {
 public:
  // At least one branch.
  explicit FanOut(std::vector<std::shared_ptr<Consumer>> branches);

  void Consume(model::Batch batch, const Context& context, Done done) override;
  Status Reserve(const BatchSize& size, Reservations& reservations) override;

  // A single branch needs no fan-out: the branch itself, else a FanOut over all.
  static std::shared_ptr<Consumer> Over(std::vector<std::shared_ptr<Consumer>> branches);

 private:
  void Deliver(model::Batch batch, const Context& context, Done done);

  const std::vector<std::shared_ptr<Consumer>> branches_;
};

}  // namespace weir::pipeline
