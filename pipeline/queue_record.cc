#include "pipeline/queue_record.h"

#include <cstring>
#include <string_view>
#include <utility>

#include "model/check.h"
#include "model/wire.h"

namespace weir::pipeline {
namespace {

using model::AppendBytesField;
using model::AppendVarintField;
using model::BytesTag;
using model::VarintTag;
using model::WireReader;

constexpr uint8_t kMagic = 0xE7;
constexpr uint8_t kVersion = 1;
constexpr size_t kFixedSize = 8;  // magic, version, signal, 0, size of the fields

struct Field {
  static constexpr uint32_t kItems = 1, kAddress = 2, kMetadata = 3;
};
struct MetadataField {
  static constexpr uint32_t kKey = 1, kValue = 2;
};

std::string EncodeFields(const model::Batch& batch, const ClientInfo* client) {
  std::string fields;
  AppendVarintField(fields, Field::kItems, batch.items());
  if (client == nullptr) return fields;
  AppendBytesField(fields, Field::kAddress, client->address);
  for (const auto& [key, values] : client->metadata) {
    std::string entry;
    AppendBytesField(entry, MetadataField::kKey, key);
    for (const std::string& value : values) {
      AppendBytesField(entry, MetadataField::kValue, value);
    }
    AppendBytesField(fields, Field::kMetadata, entry);
  }
  return fields;
}

bool DecodeMetadata(std::string_view entry, ClientInfo& client) {
  auto& [key, values] = client.metadata.emplace_back();
  WireReader in(entry);
  while (in.Next()) {
    if (in.tag() == BytesTag(MetadataField::kKey)) key = in.bytes();
    if (in.tag() == BytesTag(MetadataField::kValue)) values.emplace_back(in.bytes());
  }
  return !in.malformed();
}

// False when the fields are damaged.
bool DecodeFields(std::string_view fields, uint64_t& items, std::shared_ptr<ClientInfo>& client) {
  const auto known = [&]() -> ClientInfo& {
    if (!client) client = std::make_shared<ClientInfo>();
    return *client;
  };
  WireReader in(fields);
  while (in.Next()) {
    switch (in.tag()) {
      case VarintTag(Field::kItems):
        items = in.value();
        break;
      case BytesTag(Field::kAddress):
        known().address = in.bytes();
        break;
      case BytesTag(Field::kMetadata):
        if (!DecodeMetadata(in.bytes(), known())) return false;
        break;
    }
  }
  return !in.malformed();
}

tl::unexpected<Status> Damaged(std::string why) {
  return Fail(Status(StatusCode::kDataLoss, "damaged queue record: " + std::move(why)));
}

}  // namespace

std::vector<Slice> EncodeQueueRecord(const model::Batch& batch, const ClientInfo* client) {
  const std::string fields = EncodeFields(batch, client);
  const auto size = static_cast<uint32_t>(fields.size());
  std::string header(kFixedSize, '\0');
  header[0] = static_cast<char>(kMagic);
  header[1] = static_cast<char>(kVersion);
  header[2] = static_cast<char>(model::SignalIndex(batch.signal()));
  std::memcpy(header.data() + 4, &size, sizeof(size));
  header += fields;
  std::vector<Slice> parts;
  parts.reserve(batch.runs().size() + 1);
  parts.push_back(Slice::Copy(header));
  for (const model::Run& run : batch.runs()) parts.push_back(run.bytes());
  return parts;
}

Result<QueueRecord> DecodeQueueRecord(model::Signal signal, const Slice& bytes) {
  if (bytes.size() < kFixedSize) return Damaged("shorter than its header");
  const uint8_t* p = bytes.data();
  if (p[0] != kMagic) return Damaged("no magic byte");
  if (p[1] != kVersion) return Damaged("version " + std::to_string(p[1]));
  if (p[2] != model::SignalIndex(signal)) return Damaged("signal " + std::to_string(p[2]));
  const auto fields_size = model::LoadLittle<uint32_t>(p + 4);
  if (fields_size > bytes.size() - kFixedSize) return Damaged("header past the end");
  uint64_t items = 0;
  std::shared_ptr<ClientInfo> client;
  if (!DecodeFields(bytes.view().substr(kFixedSize, fields_size), items, client)) {
    return Damaged("malformed header");
  }
  const size_t begin = kFixedSize + fields_size;
  Result<model::Batch> batch = model::CheckRequest(signal, bytes.Sub(begin, bytes.size() - begin));
  if (!batch) return Damaged(batch.error().message());
  if (batch->items() != items) {
    return Damaged(std::to_string(batch->items()) + " items instead of " + std::to_string(items));
  }
  return QueueRecord{*std::move(batch), std::move(client)};
}

}  // namespace weir::pipeline
