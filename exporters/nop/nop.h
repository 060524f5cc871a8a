// The exporter `nop`: takes everything and forgets it. For tests, and for pipelines whose work is
// done by their processors and connectors.
#pragma once

#include "pipeline/component.h"

namespace weir::exporters::nop {

struct NopConfig {
  void Fields(config::Fields&) {}
};

class NopExporter final : public pipeline::Exporter {
 public:
  Status Start(pipeline::Host&) override { return {}; }
  void Shutdown() override {}
  void Consume(model::Batch, const pipeline::Context&, pipeline::Done done) override {
    done(Status());
  }
};

}  // namespace weir::exporters::nop
