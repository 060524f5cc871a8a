// What both halves of the otlp receiver do: whom they ask, and how a pipeline's answer looks to a
// client.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "net/http_config.h"
#include "pipeline/component.h"
#include "pipeline/consumer.h"
#include "pipeline/extension.h"

namespace weir::receivers::otlp {

// The extensions that `auth` and `middlewares` of a server name. They outlive the receiver.
struct ServerExtensions {
  pipeline::ServerAuthenticator* authenticator = nullptr;  // null: anybody
  std::vector<pipeline::ServerMiddleware*> middlewares;

  // kInvalidArgument with the Collector's words: `failed to resolve authenticator "x":
  // authenticator not found`, `requested authenticator is not a server authenticator`.
  Status FindAuthenticator(pipeline::Host& host, const std::string& name);
  // Likewise `failed to resolve middleware "x": middleware not found`.
  Status FindMiddlewares(pipeline::Host& host, const std::vector<net::MiddlewareConfig>& configs);
  // What the first middleware that says no says.
  Status Admit() const;
};

// `name` in lower case.
void AddMetadata(pipeline::ClientInfo& client, std::string name, std::string_view value);

// A failure that nobody gave a gRPC code: retryable means unavailable, permanent internal. Others
// pass through.
Status ClientStatus(const Status& status);

}  // namespace weir::receivers::otlp
