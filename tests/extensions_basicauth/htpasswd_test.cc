// Hashes were made with openssl passwd and libcrypt.
#include "extensions/basicauth/htpasswd.h"

#include <gtest/gtest.h>

namespace weir::extensions::basicauth {
namespace {

TEST(Apr1, HashesAsApache) {
  EXPECT_EQ(Apr1("myPassword", "xxxxxxxx"), "$apr1$xxxxxxxx$RKMOWWMKN4Ts9r6E5noqv0");
  EXPECT_EQ(Apr1("", "r31"), "$apr1$r31$VhYBNuSclDwcMVhdpOx.I0");
  EXPECT_EQ(Apr1("a very long password that has more than 16 characters", "abcdefgh"),
            "$apr1$abcdefgh$70sNJZY7YgjnO3JnELhzX1");
}

TEST(PasswordHasHash, KnowsEveryForm) {
  constexpr const char* kSha512 =
      "$6$abc$IdWKNKTJEb8LxY7CGg8YBXlvtfZzFw7Mp/"
      "r6niK9YB2mdvgY..TKjv1T..8RadRt2qvUHYRLr/TsVArtr91iR1";
  for (const char* hash : {"$apr1$xxxxxxxx$/mULyOsdWlXlIt5U99q7h1", "$1$abc$iCQ2D3nhptRYi27fDYv2s1",
                           "$5$abc$qsg6EHbUzHQzF1POlD7zUwBINSELQxypPaeDcZe6vH0", kSha512,
                           "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
                           "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
                           "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
                           "{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0", "secret", "{PLAIN}secret"}) {
    EXPECT_TRUE(PasswordHasHash("secret", hash)) << hash;
    EXPECT_FALSE(PasswordHasHash("Secret", hash)) << hash;
    EXPECT_FALSE(PasswordHasHash("", hash)) << hash;
  }
}

TEST(PasswordHasHash, RefusesDamagedHashes) {
  for (const char* hash : {"$apr1$", "$apr1$x", "$2y$04$short", "$6$", "{SHA}", "{SHA}???",
                           "{SHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0", "{SSHA}AAAA", "$1$"}) {
    EXPECT_FALSE(PasswordHasHash("secret", hash)) << hash;
  }
}

TEST(Htpasswd, TakesTheLastLineOfAUser) {
  Htpasswd users;
  users.Add("joe:one\n  ann:two:three \r\n\nnocolon\n");
  users.Add("joe:four");
  EXPECT_EQ(users.size(), 2u);
  EXPECT_TRUE(users.Matches("joe", "four"));
  EXPECT_FALSE(users.Matches("joe", "one"));
  EXPECT_TRUE(users.Matches("ann", "two:three"));
  EXPECT_FALSE(users.Matches("nocolon", ""));
}

}  // namespace
}  // namespace weir::extensions::basicauth
