#include "receivers/otlp/server_common.h"

#include <utility>
#include <vector>

namespace weir::receivers::otlp {

void AddMetadata(pipeline::ClientInfo& client, std::string name, std::string_view value) {
  for (auto& [known, values] : client.metadata) {
    if (known == name) {
      values.emplace_back(value);
      return;
    }
  }
  client.metadata.emplace_back(std::move(name), std::vector<std::string>{std::string(value)});
}

Status ClientStatus(const Status& status) {
  if (status.code() != StatusCode::kUnknown || !status.wire_status().empty()) return status;
  const Status shown = status.permanent() ? Status::Permanent(status.message())
                                          : Status::Retryable(status.message());
  return status.retry_after() ? shown.WithRetryAfter(*status.retry_after()) : shown;
}

}  // namespace weir::receivers::otlp
