#include "exporters/file/file.h"

#include <algorithm>

namespace weir::exporters::file {

FileSender::FileSender(const pipeline::Settings& settings, model::Signal signal,
                       std::shared_ptr<FileTarget> target, const GroupByConfig& group_by)
    : logger_(settings.logger),
      executor_(settings.executor),
      target_(std::move(target)),
      attribute_(group_by.resource_attribute),
      drops_(settings.metrics, pipeline::ComponentKind::kExporter, settings.id, signal) {}

void FileSender::Send(model::Batch batch, const pipeline::Context&, pipeline::Done done) {
  executor_.Post([this, batch = std::move(batch), done = std::move(done)]() mutable {
    size_t dropped_items = 0;
    Status status = target_->Write(batch, &dropped_items);
    // A refused batch comes again whole; its drops are counted then.
    if (dropped_items > 0 && status.ok()) {
      const size_t bytes = batch.size_bytes() * dropped_items / std::max<size_t>(batch.items(), 1);
      drops_.Add("no_path_segment", dropped_items, bytes);
      logger_.Debug("Resource does not contain " + attribute_ + " attribute, dropping it");
    }
    done(std::move(status));
  });
}

}  // namespace weir::exporters::file
