#include "pipeline/client_authenticator.h"

namespace weir::pipeline {

Result<ClientAuthenticator*> FindClientAuthenticator(Host& host, const std::string& id,
                                                     std::string_view protocol) {
  const Result<ComponentId> parsed = ComponentId::Parse(id);
  Component* extension = parsed ? host.FindExtension(*parsed) : nullptr;
  if (extension == nullptr) {
    return Fail({StatusCode::kInvalidArgument,
                 "failed to resolve authenticator \"" + id + "\": authenticator not found"});
  }
  auto* authenticator = dynamic_cast<ClientAuthenticator*>(extension);
  if (authenticator != nullptr) return authenticator;
  return Fail({StatusCode::kInvalidArgument, "requested authenticator is not a " +
                                                 std::string(protocol) + " client authenticator"});
}

}  // namespace weir::pipeline
