// The processor `attributes`: edits the attributes of spans, log records and data points that
// `include` and `exclude` choose (model/edit.h). Bytes that it does not change are shared with the
// batch that came in.
#pragma once

#include <memory>
#include <utility>

#include "pipeline/attributes/actions.h"
#include "pipeline/attributes/matcher.h"
#include "pipeline/component.h"
#include "processors/attributes/config.h"

namespace weir::processors::attributes {

// Thread-safe: batches are edited on the caller's thread and go on within Consume.
class AttributesProcessor final : public pipeline::Processor {
 public:
  // Fails with the Collector's words when an action or a condition makes no sense.
  static Result<std::unique_ptr<pipeline::Processor>> Create(const pipeline::Settings& settings,
                                                             const AttributesConfig& config,
                                                             model::Signal signal,
                                                             pipeline::Consumer& next);

  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
  void Consume(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override;
  Status Reserve(const pipeline::BatchSize& size, pipeline::Reservations& reservations) override {
    return next_.Reserve(size, reservations);
  }

 private:
  AttributesProcessor(ByteBudget& memory, pipeline::attributes::AttributeActions actions,
                      pipeline::attributes::Matcher matcher, pipeline::Consumer& next)
      : memory_(memory), actions_(std::move(actions)), matcher_(std::move(matcher)), next_(next) {}

  ByteBudget& memory_;
  const pipeline::attributes::AttributeActions actions_;
  const pipeline::attributes::Matcher matcher_;
  pipeline::Consumer& next_;
};

}  // namespace weir::processors::attributes
