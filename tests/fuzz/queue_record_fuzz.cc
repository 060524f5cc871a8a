// Any bytes as a record of a sending queue; what is accepted must read back alike.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "pipeline/queue_record.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using weir::Slice;
  const Slice bytes = Slice::Copy(std::string_view(reinterpret_cast<const char*>(data), size));
  for (const weir::model::Signal signal : weir::model::kSignals) {
    const auto record = weir::pipeline::DecodeQueueRecord(signal, bytes);
    if (!record) continue;
    std::string again;
    for (const Slice& part :
         weir::pipeline::EncodeQueueRecord(record->batch, record->client.get())) {
      again += part.view();
    }
    const auto reread = weir::pipeline::DecodeQueueRecord(signal, Slice::Copy(again));
    CHECK(reread.has_value()) << reread.error().message();
    CHECK(reread->batch.items() == record->batch.items()) << "items changed";
    CHECK((reread->client == nullptr) == (record->client == nullptr)) << "client changed";
  }
  return 0;
}
