// The exporter `file`: telemetry as records in files. See README.md.
#pragma once

#include <memory>
#include <string>

#include "base/executor.h"
#include "base/log.h"
#include "exporters/file/config.h"
#include "exporters/file/file_target.h"
#include "pipeline/component.h"
#include "pipeline/drops.h"
#include "pipeline/exporter_helper.h"

namespace weir::exporters::file {

// Writes each batch on the executor and answers when the file has it.
class FileSender final : public pipeline::Sender {
 public:
  FileSender(const pipeline::Settings& settings, model::Signal signal,
             std::shared_ptr<FileTarget> target, const GroupByConfig& group_by);

  Status Start(pipeline::Host& host) override {
    (void)host;
    return target_->Start();
  }
  void Send(model::Batch batch, const pipeline::Context& context, pipeline::Done done) override;
  void Shutdown() override { target_->Stop(); }

 private:
  const Logger logger_;
  Executor& executor_;
  const std::shared_ptr<FileTarget> target_;
  const std::string attribute_;
  pipeline::Drops drops_;
};

}  // namespace weir::exporters::file
