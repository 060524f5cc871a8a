// Users and the hashes of their passwords, as Apache's htpasswd writes them:
//
//   joe:$apr1$salt$hash      MD5, a thousand rounds (also $1$)
//   joe:$2y$10$...           bcrypt (also $2a$, $2b$)
//   joe:$5$..., $6$...       SHA-crypt
//   joe:{SHA}base64          SHA-1; {SSHA} with a salt behind it
//   joe:secret               plain
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace weir::extensions::basicauth {

// Immutable once read; any threads.
class Htpasswd {
 public:
  // Reads lines; of a user that comes twice the last counts. Lines without a colon are ignored, as
  // upstream does.
  void Add(std::string_view text);
  // Whether the user is there and this is the password. Takes up to a tenth of a second with
  // bcrypt.
  bool Matches(const std::string& user, const std::string& password) const;
  size_t size() const { return hashes_.size(); }

 private:
  std::map<std::string, std::string, std::less<>> hashes_;
};

// Whether `password` has this hash; any of the forms above. Exposed for tests.
bool PasswordHasHash(const std::string& password, const std::string& hash);
// `$apr1$salt$...` of a password; `salt` has at most eight characters.
std::string Apr1(std::string_view password, std::string_view salt);

}  // namespace weir::extensions::basicauth
