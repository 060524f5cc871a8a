#include "extensions/bearertokenauth/bearertokenauth.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace weir::extensions::bearertokenauth {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// The first word of each line; what follows is a comment.
std::vector<std::string> TokensIn(std::string_view contents) {
  constexpr std::string_view kBlanks = " \t\r\v\f";
  std::vector<std::string> tokens;
  while (!contents.empty()) {
    std::string_view line = contents.substr(0, contents.find('\n'));
    contents.remove_prefix(std::min(line.size() + 1, contents.size()));
    const size_t begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) continue;
    line.remove_prefix(begin);
    tokens.emplace_back(line.substr(0, line.find_first_of(kBlanks)));
  }
  return tokens;
}

std::vector<std::string> TokensOf(const BearerTokenConfig& config) {
  std::vector<std::string> tokens;
  for (const config::Secret& token : config.tokens) tokens.push_back(token.reveal());
  if (!config.token.empty()) tokens.push_back(config.token.reveal());
  return tokens;
}

bool SameSecret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

BearerTokenAuth::BearerTokenAuth(const pipeline::Settings& settings,
                                 const BearerTokenConfig& config)
    : header_(config.header),
      lower_header_(Lower(config.header)),
      scheme_(config.scheme),
      values_(std::make_shared<const Values>()) {
  SetTokens(TokensOf(config));
  if (config.filename.empty()) return;
  if (!config.token.empty() || !config.tokens.empty()) {
    settings.logger.Warn("a filename is specified. Configured token(s) is ignored!");
  }
  file_ = pipeline::CredentialsFile::Make(
      config.filename, settings.executor, settings.logger,
      [this](const std::string& contents) { SetTokens(TokensIn(contents)); });
}

Status BearerTokenAuth::Start(pipeline::Host&) { return file_ ? file_->Start() : Status(); }

void BearerTokenAuth::Shutdown() {
  if (file_) file_->Stop();
}

void BearerTokenAuth::SetTokens(const std::vector<std::string>& tokens) {
  auto values = std::make_shared<Values>();
  for (const std::string& token : tokens) {
    values->push_back(scheme_.empty() ? token : scheme_ + " " + token);
  }
  MutexLock lock(mutex_);
  values_ = std::move(values);
}

std::shared_ptr<const BearerTokenAuth::Values> BearerTokenAuth::values() const {
  MutexLock lock(mutex_);
  return values_;
}

Status BearerTokenAuth::Authenticate(const pipeline::Headers& headers,
                                     pipeline::ClientInfo& client) {
  const auto header = std::find_if(headers.begin(), headers.end(), [&](const auto& candidate) {
    return candidate.first == lower_header_;
  });
  if (header == headers.end()) {
    return {StatusCode::kUnauthenticated, "missing or empty authorization header: " + header_};
  }
  bool known = false;
  for (const std::string& value : *values()) known |= SameSecret(value, header->second);
  if (!known) {
    return {StatusCode::kUnauthenticated,
            "provided authorization does not match expected scheme or token"};
  }
  client.authenticated = true;
  return {};
}

Result<pipeline::Headers> BearerTokenAuth::Credentials() {
  const std::shared_ptr<const Values> values = this->values();
  if (values->empty()) {
    return Fail(Status(StatusCode::kUnauthenticated, "no bearer token provided"));
  }
  return pipeline::Headers{{lower_header_, values->front()}};
}

}  // namespace weir::extensions::bearertokenauth
