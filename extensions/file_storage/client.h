// One component's storage: a journal with one cursor.
#pragma once

#include <memory>
#include <vector>

#include "base/byte_budget.h"
#include "base/executor.h"
#include "base/metrics.h"
#include "pipeline/extension.h"
#include "storage/journal/journal.h"

namespace weir::extensions::file_storage {

class Client final : public pipeline::StorageClient {
 public:
  // `writers` runs the journal's writer and outlives it; `labels` stand at its metrics.
  Client(std::unique_ptr<storage::journal::Journal> journal, std::shared_ptr<Executor> writers,
         ByteBudget& memory, MetricStore* metrics, const MetricLabels& labels);
  ~Client() override { Close(); }

  void Append(std::vector<Slice> parts, UniqueFunction<void(Result<Sequence>)> durable) override;
  void Delivered(Sequence sequence) override { journal_->Delivered(0, sequence); }
  Result<std::vector<Record>> Read(Sequence from, size_t bytes_max) override;
  uint64_t record_count() const override { return journal_->undelivered(0).records; }
  uint64_t size_bytes() const override { return journal_->undelivered(0).bytes; }
  Sequence first_undelivered() const override { return journal_->first_undelivered(0); }
  void Close() override { journal_->Close(); }

 private:
  const std::shared_ptr<Executor> writers_;
  ByteBudget& memory_;
  const std::unique_ptr<storage::journal::Journal> journal_;
  MetricScope metrics_;  // reads the journal: gone before it
};

}  // namespace weir::extensions::file_storage
