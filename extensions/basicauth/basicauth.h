// The extension `basicauth`: a user and a password (RFC 7617), asked for by servers or sent by
// clients; one configuration is one of both.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "extensions/basicauth/config.h"
#include "extensions/basicauth/htpasswd.h"
#include "pipeline/component.h"
#include "pipeline/credentials_file.h"
#include "pipeline/extension.h"

namespace weir::extensions::basicauth {

// Reads the users at Start. Thread-safe.
//
// A slow hash is computed once for a right password: its SHA-256, with a key that is new with each
// start, is kept per user and compared first.
class BasicAuthServer final : public pipeline::Extension, public pipeline::ServerAuthenticator {
 public:
  explicit BasicAuthServer(HtpasswdConfig config);

  // Failure: `open htpasswd file: open x: no such file or directory`.
  Status Start(pipeline::Host&) override;
  void Shutdown() override {}

  // Tells the client's `username` and `raw`, the credentials as they came.
  Status Authenticate(const pipeline::Headers& headers, pipeline::ClientInfo& client) override;

 private:
  bool Matches(const std::string& user, const std::string& password) EXCLUDES(mutex_);

  const HtpasswdConfig config_;
  const std::string key_;
  Htpasswd users_;  // constant after Start
  Mutex mutex_;
  std::map<std::string, std::string> verified_ GUARDED_BY(mutex_);  // at most one per user
};

// Thread-safe.
class BasicAuthClient final : public pipeline::Extension, public pipeline::ClientAuthenticator {
 public:
  BasicAuthClient(const pipeline::Settings& settings, const ClientAuthConfig& config);

  Status Start(pipeline::Host&) override;
  void Shutdown() override;

  // `authorization: Basic ...`; `invalid authorization format` when the user has a colon.
  Result<pipeline::Headers> Credentials() override EXCLUDES(mutex_);

 private:
  std::shared_ptr<pipeline::CredentialsFile> username_file_;  // null: as configured
  std::shared_ptr<pipeline::CredentialsFile> password_file_;
  Mutex mutex_;
  std::string username_ GUARDED_BY(mutex_);
  std::string password_ GUARDED_BY(mutex_);
};

}  // namespace weir::extensions::basicauth
