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
  // Ids as written; an empty authenticator lets anybody in. kInvalidArgument with the Collector's
  // words: `failed to resolve authenticator "x": authenticator not found`, `requested authenticator
  // is not a server authenticator`, `failed to resolve middleware "x": middleware not found`.
  Status Find(Host& host, const std::string& authenticator,
              const std::vector<std::string>& middlewares);

  // What the first middleware that says no says.
  Status Admit() const;
  // Asks the authenticator, if there is one. `headers` as any pairs of name and value.
  template <typename HeaderPairs>
  Status Authenticate(const HeaderPairs& headers, ClientInfo& client) const {
    if (authenticator_ == nullptr) return {};
    Headers lower;
    for (const auto& [name, value] : headers) lower.emplace_back(Lower(name), value);
    return authenticator_->Authenticate(lower, client);
  }

 private:
  static std::string Lower(std::string_view name);

  ServerAuthenticator* authenticator_ = nullptr;
  std::vector<ServerMiddleware*> middlewares_;
};

}  // namespace weir::pipeline
