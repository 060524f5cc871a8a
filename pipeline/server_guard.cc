#include "pipeline/server_guard.h"

namespace weir::pipeline {
namespace {

Component* FindById(Host& host, const std::string& name) {
  const Result<ComponentId> id = ComponentId::Parse(name);
  return id ? host.FindExtension(*id) : nullptr;
}

}  // namespace

Status ServerGuard::FindAuthenticator(Host& host, const std::string& id) {
  if (id.empty()) return {};
  Component* found = FindById(host, id);
  if (found == nullptr) {
    return {StatusCode::kInvalidArgument,
            "failed to resolve authenticator \"" + id + "\": authenticator not found"};
  }
  authenticator_ = dynamic_cast<ServerAuthenticator*>(found);
  if (authenticator_ != nullptr) return {};
  return {StatusCode::kInvalidArgument, "requested authenticator is not a server authenticator"};
}

Status ServerGuard::FindMiddleware(Host& host, const std::string& id) {
  auto* found = dynamic_cast<ServerMiddleware*>(FindById(host, id));
  if (found == nullptr) {
    return {StatusCode::kInvalidArgument,
            "failed to resolve middleware \"" + id + "\": middleware not found"};
  }
  middlewares_.push_back(found);
  return {};
}

Status ServerGuard::Admit() const {
  for (ServerMiddleware* middleware : middlewares_) WEIR_RETURN_IF_ERROR(middleware->Admit());
  return {};
}

std::string ServerGuard::Lower(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

}  // namespace weir::pipeline
