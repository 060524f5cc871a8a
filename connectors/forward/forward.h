// The connector `forward`: joins pipelines of one signal. A batch goes on as it is, the answer
// comes back as it is.
#pragma once

#include <utility>

#include "pipeline/component.h"

namespace weir::connectors::forward {

struct ForwardConfig {
  static constexpr std::string_view kTypeName = "forwardconnector.Config";
  void Fields(config::Fields&) {}
};

class ForwardConnector final : public pipeline::Connector {
 public:
  explicit ForwardConnector(pipeline::Consumer& next) : next_(next) {}

  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
  void Consume(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override {
    next_.Consume(std::move(batch), context, std::move(done));
  }
  Status Reserve(const pipeline::BatchSize& size, pipeline::Reservations& reservations) override {
    return next_.Reserve(size, reservations);
  }

 private:
  pipeline::Consumer& next_;
};

}  // namespace weir::connectors::forward
