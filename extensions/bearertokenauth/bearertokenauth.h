// The extension `bearertokenauth`: a token in a header, asked for by servers and sent by clients.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "extensions/bearertokenauth/config.h"
#include "pipeline/component.h"
#include "pipeline/credentials_file.h"
#include "pipeline/extension.h"

namespace weir::extensions::bearertokenauth {

// Thread-safe.
class BearerTokenAuth final : public pipeline::Extension,
                              public pipeline::ServerAuthenticator,
                              public pipeline::ClientAuthenticator {
 public:
  BearerTokenAuth(const pipeline::Settings& settings, const BearerTokenConfig& config);

  Status Start(pipeline::Host&) override;
  void Shutdown() override;

  // Any of the tokens will do. How long it takes tells nothing about them but their length.
  Status Authenticate(const pipeline::Headers& headers, pipeline::ClientInfo& client) override;
  // The first token.
  Result<pipeline::Headers> Credentials() override;

 private:
  using Values = std::vector<std::string>;  // of the header: scheme and token
  void SetTokens(const std::vector<std::string>& tokens) EXCLUDES(mutex_);
  std::shared_ptr<const Values> values() const EXCLUDES(mutex_);

  const std::string header_;
  const std::string lower_header_;
  const std::string scheme_;
  std::shared_ptr<pipeline::CredentialsFile> file_;  // null: tokens of the configuration

  mutable Mutex mutex_;
  std::shared_ptr<const Values> values_ GUARDED_BY(mutex_);
};

}  // namespace weir::extensions::bearertokenauth
