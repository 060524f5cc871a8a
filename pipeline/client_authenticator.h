// Finds the extension that the `auth` of an exporter's client names.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "pipeline/component.h"
#include "pipeline/extension.h"

namespace weir::pipeline {

// The extension with this id, as written. `protocol` is "HTTP" or "gRPC", for the message.
// kInvalidArgument with the Collector's words: `failed to resolve authenticator "x": authenticator
// not found`, `requested authenticator is not a gRPC client authenticator`. Lives as long as
// `host`.
Result<ClientAuthenticator*> FindClientAuthenticator(Host& host, const std::string& id,
                                                     std::string_view protocol);

}  // namespace weir::pipeline
