#include "extensions/file_storage/client.h"

#include <utility>

namespace weir::extensions::file_storage {
namespace {

// The only type of record: what the component gave.
constexpr uint8_t kRecordType = 1;

}  // namespace

Client::Client(std::unique_ptr<storage::journal::Journal> journal,
               std::shared_ptr<Executor> writers, ByteBudget& memory, MetricStore* metrics,
               const MetricLabels& labels)
    : writers_(std::move(writers)),
      memory_(memory),
      journal_(std::move(journal)),
      metrics_(metrics ? MetricScope(*metrics) : MetricScope()) {
  storage::journal::Journal* const j = journal_.get();
  metrics_.AddObservedGauge(
      {"weir_storage_size", "Bytes of the records that are stored and not delivered.", "By"},
      labels, [j] { return static_cast<double>(j->undelivered(0).bytes); });
  metrics_.AddObservedCounter(
      {"weir_storage_damaged_records", "Stored records that could not be read.", "{record}"},
      labels, [j] { return static_cast<double>(j->damaged_records()); });
  metrics_.AddObservedCounter(
      {"weir_storage_refused_records", "Records that the disk did not take.", "{record}"}, labels,
      [j] { return static_cast<double>(j->refused_records()); });
}

void Client::Append(std::vector<Slice> parts, UniqueFunction<void(Result<Sequence>)> durable) {
  journal_->Append(std::move(parts), kRecordType, std::move(durable));
}

Result<std::vector<pipeline::StorageClient::Record>> Client::Read(Sequence from, size_t bytes_max) {
  auto read = journal_->Read(0, from, bytes_max, &memory_);
  if (!read) return Fail(std::move(read).error());
  std::vector<Record> records;
  records.reserve(read->size());
  for (auto& record : *read) records.push_back({record.sequence, std::move(record.bytes)});
  return records;
}

}  // namespace weir::extensions::file_storage
