#include "pipeline/attributes/regexp.h"

#include <gtest/gtest.h>

namespace weir::pipeline::attributes {
namespace {

std::string ErrorOf(const std::string& pattern) {
  auto compiled = Regexp::Compile(pattern);
  return compiled ? "" : compiled.error().message();
}

TEST(Regexp, SpeaksOfErrorsAsGo) {
  EXPECT_EQ(ErrorOf("["), "error parsing regexp: missing closing ]: `[`");
  EXPECT_EQ(ErrorOf("a[b"), "error parsing regexp: missing closing ]: `[b`");
  EXPECT_EQ(ErrorOf("("), "error parsing regexp: missing closing ): `(`");
  EXPECT_EQ(ErrorOf("a)"), "error parsing regexp: unexpected ): `a)`");
  EXPECT_EQ(ErrorOf("*"), "error parsing regexp: missing argument to repetition operator: `*`");
  EXPECT_EQ(ErrorOf("a**"), "error parsing regexp: invalid nested repetition operator: `**`");
  EXPECT_EQ(ErrorOf("\\"), "error parsing regexp: trailing backslash at end of expression: ``");
  EXPECT_EQ(ErrorOf("(?=a)"), "error parsing regexp: invalid or unsupported Perl syntax: `(?=`");
  EXPECT_EQ(ErrorOf("[z-a]"), "error parsing regexp: invalid character class range: `z-a`");
  EXPECT_EQ(ErrorOf("\\8"), "error parsing regexp: invalid escape sequence: `\\8`");
}

TEST(Regexp, KnowsNamedGroupsWithoutP) {
  EXPECT_EQ(ErrorOf("(?<name>a)"), "");
  EXPECT_EQ(ErrorOf("[(?<]"), "");
  EXPECT_EQ(ErrorOf("\\(?<"), "");
  EXPECT_TRUE(Regexp::Compile("[(?<]x")->Matches("<x"));
  EXPECT_FALSE(Regexp::Compile("[(?<]x")->Matches("Px"));
}

TEST(Regexp, MatchesAnywhere) {
  const auto compiled = Regexp::Compile("b+");
  EXPECT_TRUE(compiled->Matches("abbc"));
  EXPECT_FALSE(compiled->Matches("ac"));
}

}  // namespace
}  // namespace weir::pipeline::attributes
