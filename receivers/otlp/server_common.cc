#include "receivers/otlp/server_common.h"

#include <utility>

namespace weir::receivers::otlp {

Status ServerExtensions::FindAuthenticator(pipeline::Host& host, const std::string& name) {
  const Result<pipeline::ComponentId> id = pipeline::ComponentId::Parse(name);
  pipeline::Component* extension = id ? host.FindExtension(*id) : nullptr;
  if (extension == nullptr) {
    return {StatusCode::kInvalidArgument,
            "failed to resolve authenticator \"" + name + "\": authenticator not found"};
  }
  authenticator = dynamic_cast<pipeline::ServerAuthenticator*>(extension);
  if (authenticator == nullptr) {
    return {StatusCode::kInvalidArgument, "requested authenticator is not a server authenticator"};
  }
  return {};
}

Status ServerExtensions::FindMiddlewares(pipeline::Host& host,
                                         const std::vector<net::MiddlewareConfig>& configs) {
  for (const net::MiddlewareConfig& config : configs) {
    const Result<pipeline::ComponentId> id = pipeline::ComponentId::Parse(config.id);
    auto* found = dynamic_cast<pipeline::ServerMiddleware*>(id ? host.FindExtension(*id) : nullptr);
    if (found == nullptr) {
      return {StatusCode::kInvalidArgument,
              "failed to resolve middleware \"" + config.id + "\": middleware not found"};
    }
    middlewares.push_back(found);
  }
  return {};
}

Status ServerExtensions::Admit() const {
  for (pipeline::ServerMiddleware* middleware : middlewares) {
    WEIR_RETURN_IF_ERROR(middleware->Admit());
  }
  return {};
}

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
