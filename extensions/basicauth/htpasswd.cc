#include "extensions/basicauth/htpasswd.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "base/check.h"
#include "model/json/encoding.h"

namespace weir::extensions::basicauth {
namespace {

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool SameSecret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// A digest of all `parts`, one behind the other.
std::string Digest(const EVP_MD* kind, std::initializer_list<std::string_view> parts) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned size = 0;
  bool good = EVP_DigestInit_ex(context.get(), kind, nullptr) == 1;
  for (const std::string_view part : parts) {
    good = good && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  }
  good = good && EVP_DigestFinal_ex(context.get(), bytes.data(), &size) == 1;
  CHECK(good) << "a digest of OpenSSL is not available";
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string Md5(std::initializer_list<std::string_view> parts) { return Digest(EVP_md5(), parts); }

// The digest that begins an apr1 hash.
std::string Apr1Start(std::string_view password, std::string_view salt) {
  const std::string inner = Md5({password, salt, password});
  std::string text;
  for (size_t left = password.size(); left > 0; left -= std::min<size_t>(left, 16)) {
    text.append(inner, 0, std::min<size_t>(left, 16));
  }
  for (size_t bits = password.size(); bits != 0; bits >>= 1) {
    text += (bits & 1) != 0 ? '\0' : password[0];
  }
  return Md5({password, "$apr1$", salt, text});
}

// Six bits a character, the low ones first, in an alphabet and an order of its own.
std::string Apr1Encode(std::string_view digest) {
  constexpr std::string_view kAlphabet =
      "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string out;
  const auto put = [&](uint32_t value, int characters) {
    for (; characters > 0; --characters, value >>= 6) out += kAlphabet[value & 63];
  };
  const auto at = [&](size_t i) { return uint32_t{static_cast<uint8_t>(digest[i])}; };
  for (size_t i = 0; i < 5; ++i) {
    put(at(i) << 16 | at(i + 6) << 8 | at(i == 4 ? 5 : i + 12), 4);
  }
  put(at(11), 2);
  return out;
}

bool MatchesSha(std::string_view password, std::string_view base64, bool salted) {
  std::string bytes(base64.size(), '\0');
  const ptrdiff_t size =
      model::json::DecodeBase64(base64, reinterpret_cast<uint8_t*>(bytes.data()));
  constexpr size_t kSha1Size = 20;
  if (size < static_cast<ptrdiff_t>(kSha1Size)) return false;
  bytes.resize(static_cast<size_t>(size));
  const std::string_view salt = std::string_view(bytes).substr(kSha1Size);
  if (!salted && !salt.empty()) return false;
  return SameSecret(Digest(EVP_sha1(), {password, salt}), bytes.substr(0, kSha1Size));
}

bool MatchesCrypt(const std::string& password, const std::string& hash) {
  const auto data = std::make_unique<crypt_data>();
  const char* const computed = crypt_r(password.c_str(), hash.c_str(), data.get());
  return computed != nullptr && computed[0] != '*' && SameSecret(computed, hash);
}

bool MatchesApr1(std::string_view password, std::string_view hash) {
  const std::string_view salt = hash.substr(6, hash.find('$', 6) - 6);
  return SameSecret(Apr1(password, salt), hash);
}

std::string_view Trim(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r\v\f";
  const size_t begin = line.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace

std::string Apr1(std::string_view password, std::string_view salt) {
  salt = salt.substr(0, 8);
  std::string digest = Apr1Start(password, salt);
  for (int round = 0; round < 1000; ++round) {
    const bool odd = (round & 1) != 0;
    digest = Md5({odd ? password : digest, round % 3 != 0 ? salt : std::string_view(),
                  round % 7 != 0 ? password : std::string_view(), odd ? digest : password});
  }
  return "$apr1$" + std::string(salt) + "$" + Apr1Encode(digest);
}

bool PasswordHasHash(const std::string& password, const std::string& hash) {
  if (StartsWith(hash, "$apr1$")) return MatchesApr1(password, hash);
  if (StartsWith(hash, "{SHA}")) return MatchesSha(password, hash.substr(5), false);
  if (StartsWith(hash, "{SSHA}")) return MatchesSha(password, hash.substr(6), true);
  for (const std::string_view prefix : {"$1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$"}) {
    if (StartsWith(hash, prefix)) return MatchesCrypt(password, hash);
  }
  return SameSecret(password, hash) || SameSecret("{PLAIN}" + password, hash);
}

void Htpasswd::Add(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = Trim(line);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    hashes_[std::string(line.substr(0, colon))] = line.substr(colon + 1);
  }
}

bool Htpasswd::Matches(const std::string& user, const std::string& password) const {
  const auto known = hashes_.find(user);
  return known != hashes_.end() && PasswordHasHash(password, known->second);
}

}  // namespace weir::extensions::basicauth
