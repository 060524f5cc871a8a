#include "model/json/responses.h"

#include <algorithm>

#include "model/json/read.h"
#include "model/json/schema.h"
#include "model/json/text.h"
#include "model/json/write.h"
#include "model/wire.h"

namespace weir::model::json {
namespace {

// The fields of ExportPartialSuccess and of google.rpc.Status.
constexpr uint32_t kNumberField = 1;
constexpr uint32_t kTextField = 2;

// protobuf's JSON form of a duration: "1.5s", with 0, 3, 6 or 9 decimals.
void AppendDuration(std::chrono::nanoseconds duration, std::string& out) {
  constexpr int64_t kSecond = 1'000'000'000;
  const int64_t count = std::max<int64_t>(duration.count(), 0);
  AppendInt(count / kSecond, out);
  int64_t rest = count % kSecond;
  if (rest != 0) {
    std::string decimals = std::to_string(rest);
    decimals.insert(0, 9 - decimals.size(), '0');
    while (decimals.ends_with("000")) decimals.resize(decimals.size() - 3);
    out += '.';
    out += decimals;
  }
  out += 's';
}

}  // namespace

std::string SuccessResponse() { return R"({"partialSuccess":{}})"; }

std::string PartialSuccessResponse(Signal signal, int64_t rejected, std::string_view message) {
  std::string partial;
  AppendVarintField(partial, kNumberField, static_cast<uint64_t>(rejected));
  AppendBytesField(partial, kTextField, message);
  std::string response;
  AppendBytesField(response, 1, partial);
  std::string out;
  AppendJsonMessage(ResponseMessage(signal), response, out);
  return out;
}

std::string StatusResponse(StatusCode code, std::string_view message,
                           std::optional<std::chrono::nanoseconds> retry_delay) {
  std::string status;
  AppendVarintField(status, kNumberField, static_cast<uint64_t>(code));
  AppendBytesField(status, kTextField, message);
  std::string out;
  AppendJsonMessage(kRpcStatus, status, out);
  if (!retry_delay) return out;
  out.back() = out.size() > 2 ? ',' : ' ';
  out += R"("details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":")";
  AppendDuration(*retry_delay, out);
  out += R"("}]})";
  return out;
}

Result<PartialSuccess> ReadResponse(Signal signal, std::string_view text) {
  const Result<Slice> bytes = ReadJsonMessage(ResponseMessage(signal), text, nullptr);
  if (!bytes) return Fail(bytes.error());
  PartialSuccess result;
  for (WireReader response(bytes->view()); response.Next();) {
    for (WireReader in(response.bytes()); in.Next();) {
      if (in.number() == kNumberField) result.rejected = in.Int64();
      if (in.number() == kTextField) result.message = in.bytes();
    }
  }
  return result;
}

Result<StatusText> ReadStatus(std::string_view text) {
  const Result<Slice> bytes = ReadJsonMessage(kRpcStatus, text, nullptr);
  if (!bytes) return Fail(bytes.error());
  StatusText result;
  for (WireReader in(bytes->view()); in.Next();) {
    if (in.number() == kNumberField) result.code = in.Int32();
    if (in.number() == kTextField) result.message = in.bytes();
  }
  return result;
}

}  // namespace weir::model::json
