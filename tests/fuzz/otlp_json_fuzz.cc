// Any text as a request of each signal: what is accepted must be protobuf that CheckRequest takes,
// and must come back the same when it is written and read once more.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "model/check.h"
#include "model/json/read.h"
#include "model/json/responses.h"
#include "model/json/write.h"

namespace {

using weir::Slice;
using weir::model::Signal;

std::string Write(Signal signal, const Slice& bytes) {
  const auto batch = weir::model::CheckRequest(signal, bytes);
  CHECK(batch) << "not protobuf: " << batch.error().message();
  std::string text;
  weir::model::json::AppendJsonRequest(*batch, text);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Signal signal : weir::model::kSignals) {
    const auto bytes = weir::model::json::ReadJsonRequest(signal, text, nullptr);
    if (!bytes) continue;
    const std::string once = Write(signal, *bytes);
    const auto again = weir::model::json::ReadJsonRequest(signal, once, nullptr);
    CHECK(again) << again.error().message();
    CHECK(Write(signal, *again) == once) << once;
  }
  (void)weir::model::json::ReadResponse(Signal::kTraces, text);
  (void)weir::model::json::ReadStatus(text);
  return 0;
}
