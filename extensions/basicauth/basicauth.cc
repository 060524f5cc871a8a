#include "extensions/basicauth/basicauth.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "model/json/encoding.h"

namespace weir::extensions::basicauth {
namespace {

Status Refused(const char* text) { return {StatusCode::kUnauthenticated, text}; }

std::string RandomKey() {
  std::string key(32, '\0');
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) == 1)
      << "no random numbers";
  return key;
}

std::string Hmac(const std::string& key, const std::string& text) {
  std::array<unsigned char, 32> digest;
  unsigned size = 0;
  CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
             &size) != nullptr)
      << "SHA-256 is not available";
  return {reinterpret_cast<const char*>(digest.data()), size};
}

bool HasBasicPrefix(std::string_view text) {
  constexpr std::string_view kPrefix = "basic ";
  return text.size() >= kPrefix.size() &&
         std::equal(kPrefix.begin(), kPrefix.end(), text.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

// User, colon, password; false when that is not what the text holds.
bool Decode(std::string_view base64, std::string& user, std::string& password) {
  std::string plain(base64.size(), '\0');
  const ptrdiff_t size =
      model::json::DecodeBase64(base64, reinterpret_cast<uint8_t*>(plain.data()));
  if (size < 0) return false;
  plain.resize(static_cast<size_t>(size));
  const size_t colon = plain.find(':');
  if (colon == std::string::npos) return false;
  user = plain.substr(0, colon);
  password = plain.substr(colon + 1);
  return true;
}

std::string Trimmed(const std::string& text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace

BasicAuthServer::BasicAuthServer(HtpasswdConfig config)
    : config_(std::move(config)), key_(RandomKey()) {}

Status BasicAuthServer::Start(pipeline::Host&) {
  if (!config_.file.empty()) {
    errno = 0;
    std::ifstream file(config_.file, std::ios::binary);
    if (!file) {
      std::string reason = std::strerror(errno);
      reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
      return {StatusCode::kNotFound, "open htpasswd file: open " + config_.file + ": " + reason};
    }
    users_.Add(std::string(std::istreambuf_iterator<char>(file), {}));
  }
  users_.Add(config_.inline_text);
  return {};
}

bool BasicAuthServer::Matches(const std::string& user, const std::string& password) {
  const std::string digest = Hmac(key_, user + '\0' + password);
  {
    MutexLock lock(mutex_);
    const auto known = verified_.find(user);
    if (known != verified_.end() &&
        CRYPTO_memcmp(known->second.data(), digest.data(), digest.size()) == 0) {
      return true;
    }
  }
  if (!users_.Matches(user, password)) return false;
  MutexLock lock(mutex_);
  verified_[user] = digest;
  return true;
}

Status BasicAuthServer::Authenticate(const pipeline::Headers& headers,
                                     pipeline::ClientInfo& client) {
  const auto header = std::find_if(headers.begin(), headers.end(), [](const auto& candidate) {
    return candidate.first == "authorization";
  });
  if (header == headers.end() || header->second.empty()) return Refused("no basic auth provided");
  if (!HasBasicPrefix(header->second)) return Refused("invalid authorization scheme prefix");
  const std::string raw = header->second.substr(6);
  std::string user;
  std::string password;
  if (!Decode(raw, user, password)) return Refused("invalid authorization format");
  if (!Matches(user, password)) return Refused("invalid credentials");
  client.auth = {{"username", user}, {"raw", raw}};
  client.authenticated = true;
  return {};
}

BasicAuthClient::BasicAuthClient(const pipeline::Settings& settings, const ClientAuthConfig& config)
    : username_(config.username), password_(config.password.reveal()) {
  const auto watch = [&](const std::string& path, std::string& value) {
    return pipeline::CredentialsFile::Make(path, settings.executor, settings.logger,
                                           [this, &value](const std::string& contents) {
                                             MutexLock lock(mutex_);
                                             value = Trimmed(contents);
                                           });
  };
  MutexLock lock(mutex_);
  if (!config.username_file.empty()) username_file_ = watch(config.username_file, username_);
  if (!config.password_file.empty()) password_file_ = watch(config.password_file, password_);
}

Status BasicAuthClient::Start(pipeline::Host&) {
  if (username_file_) WEIR_RETURN_IF_ERROR(username_file_->Start());
  if (!password_file_) return {};
  Status started = password_file_->Start();
  if (!started.ok()) Shutdown();
  return started;
}

void BasicAuthClient::Shutdown() {
  if (username_file_) username_file_->Stop();
  if (password_file_) password_file_->Stop();
}

Result<pipeline::Headers> BasicAuthClient::Credentials() {
  std::string plain;
  {
    MutexLock lock(mutex_);
    if (username_.find(':') != std::string::npos) {
      return Fail(Status(StatusCode::kInvalidArgument, "invalid authorization format"));
    }
    plain = username_ + ":" + password_;
  }
  std::string value = "Basic ";
  model::json::AppendBase64(plain, value);
  return pipeline::Headers{{"authorization", std::move(value)}};
}

}  // namespace weir::extensions::basicauth
