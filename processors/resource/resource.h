// The processor `resource`: edits the attributes of resources. The items inside are not looked at.
#pragma once

#include <utility>

#include "pipeline/attributes/actions.h"
#include "pipeline/component.h"

namespace weir::processors::resource {

// Thread-safe: batches are edited on the caller's thread and go on within Consume.
class ResourceProcessor final : public pipeline::Processor {
 public:
  ResourceProcessor(ByteBudget& memory, pipeline::attributes::AttributeActions actions,
                    pipeline::Consumer& next)
      : memory_(memory), actions_(std::move(actions)), next_(next) {}

  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
  void Consume(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override;
  Status Reserve(const pipeline::BatchSize& size, pipeline::Reservations& reservations) override {
    return next_.Reserve(size, reservations);
  }

 private:
  ByteBudget& memory_;
  const pipeline::attributes::AttributeActions actions_;
  pipeline::Consumer& next_;
};

}  // namespace weir::processors::resource
