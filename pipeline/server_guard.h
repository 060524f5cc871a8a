// Who may use a server of a component: the extensions that its `auth` and `middlewares` name.
//
//   WEIR_RETURN_IF_ERROR(guard.Find(host, {authenticator}, middlewares));   // in Start
//   if (Status admitted = guard.Admit(); !admitted.ok()) ...                // per request
//   if (Status allowed = guard.Authenticate(headers, client); !allowed.ok()) ...
//
// Constant after Find; then any thread.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "pipeline/component.h"
#include "pipeline/extension.h"

namespace weir::pipeline {

class ServerGuard {
 public:
  // The id as written; an empty one lets anybody in. kInvalidArgument with the Collector's words:
  // `failed to resolve authenticator "x": authenticator not found`, `requested authenticator is not
  // a server authenticator`.
  Status FindAuthenticator(Host& host, const std::string& id);
  // Likewise `failed to resolve middleware "x": middleware not found`. Of each item counts `id`.
  template <typename Middlewares>
  Status FindMiddlewares(Host& host, const Middlewares& middlewares) {
    for (const auto& middleware : middlewares) {
      WEIR_RETURN_IF_ERROR(FindMiddleware(host, middleware.id));
    }
    return {};
  }
  template <typename Middlewares>
  Status Find(Host& host, const std::string& authenticator, const Middlewares& middlewares) {
    WEIR_RETURN_IF_ERROR(FindAuthenticator(host, authenticator));
    return FindMiddlewares(host, middlewares);
  }

  // Whether there is an authenticator to ask.
  bool authenticates() const { return authenticator_ != nullptr; }

  // What the first middleware that says no says.
  Status Admit() const;
  // Asks the authenticator, if there is one. Names of `headers` are in lower case.
  Status Authenticate(const Headers& headers, ClientInfo& client) const {
    return authenticates() ? authenticator_->Authenticate(headers, client) : Status();
  }
  // The same for names of any case, as any pairs of name and value.
  template <typename HeaderPairs>
  Status Authenticate(const HeaderPairs& headers, ClientInfo& client) const {
    if (authenticator_ == nullptr) return {};
    Headers lower;
    for (const auto& [name, value] : headers) lower.emplace_back(Lower(name), value);
    return authenticator_->Authenticate(lower, client);
  }

 private:
  Status FindMiddleware(Host& host, const std::string& id);
  static std::string Lower(std::string_view name);

  ServerAuthenticator* authenticator_ = nullptr;
  std::vector<ServerMiddleware*> middlewares_;
};

}  // namespace weir::pipeline
