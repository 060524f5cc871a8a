#include "base/config/decode.h"

#include <gtest/gtest.h>

#include "base/config/yaml.h"

namespace weir::config {
namespace {

struct Inner {
  static constexpr std::string_view kTypeName = "pkg.Inner";
  int64_t size = 7;
  void Fields(config::Fields& f) { f("size", size); }
  void Validate(const Checker& check) const {
    if (size < 0) check.Error("`size` must not be negative");
  }
};

struct Common {
  std::string name = "n";
  void Fields(config::Fields& f) { f("name", name, kOmitEmpty); }
  void Validate(const Checker& check) const {
    if (name == "bad") check.Error("bad name");
  }
};

struct Outer {
  static constexpr std::string_view kTypeName = "pkg.Outer";
  Common common;
  bool flag = true;
  uint32_t count = 1;
  Duration wait = std::chrono::seconds(1);
  Secret token;
  HeaderList headers;
  std::vector<std::string> words = {"default"};
  Optional<Inner> section;
  Optional<Inner> plain = Optional<Inner>::Off({}, OnNull::kOff);
  std::vector<Inner> items;
  void Fields(config::Fields& f) {
    f.Squash("common", common);
    f("flag", flag);
    f("count", count);
    f("wait", wait);
    f("token", token, kOmitEmpty);
    f("headers", headers, kOmitEmpty);
    f("words", words);
    f("section", section);
    f("plain", plain);
    f("items", items, kOmitEmpty);
  }
};

struct Read {
  Outer value;
  Problems problems;
  explicit Read(std::string_view text) {
    const YamlResult yaml = ParseYaml(text, std::make_shared<const std::string>("f"));
    EXPECT_TRUE(yaml.value.has_value()) << yaml.error.text;
    Decode(*yaml.value, "outer", value, problems);
    if (problems.ok()) Validate(*yaml.value, "outer", value, problems);
  }
  std::string errors() const {
    std::string text;
    for (const Problem& problem : problems.errors()) text += problem.ToString() + "\n";
    return text;
  }
};

TEST(Decode, TakesEveryTypeAndTheirNulls) {
  const Read read(
      "{name: x, flag: , count: 2.9, wait: 1m30s, token: t, headers: {b: '2', a: '1'}, words: [u], "
      "section: {size: 3}, plain: , items: [{size: 1}, {}]}");
  EXPECT_EQ(read.errors(), "");
  EXPECT_FALSE(read.value.flag);
  EXPECT_EQ(read.value.count, 2u);
  EXPECT_EQ(read.value.wait, std::chrono::seconds(90));
  EXPECT_EQ(read.value.headers.items.front().first, "a");
  EXPECT_EQ(read.value.words, std::vector<std::string>{"u"});
  EXPECT_EQ(read.value.section->size, 3);
  EXPECT_FALSE(read.value.plain.enabled());
  EXPECT_EQ(read.value.items[1].size, 7);
}

TEST(Decode, TurnsSectionsOnByWritingThem) {
  EXPECT_TRUE(Read("{section: }").value.section.enabled());
  EXPECT_TRUE(Read("{plain: {}}").value.plain.enabled());
  EXPECT_FALSE(Read("{section: {enabled: false, size: 2}}").value.section.enabled());
}

TEST(Decode, TellsEverythingWrongWithPlaceAndHint) {
  const Read read("flag: 1\nwait: 5x\ncount: -1\nwrods: []\nwords: a\nsection: {sise: 2}\n");
  EXPECT_EQ(read.errors(),
            "f:1:7: outer::flag: 'flag' expected type 'bool', got unconvertible type 'int'\n"
            "f:3:8: outer::count: 'count' cannot parse value as 'uint32': -1 overflows uint\n"
            "f:2:7: outer::wait: 'wait' time: unknown unit; `5x` is no duration; write 300ms, 5s, "
            "1m30s, 2h\n"
            "f:5:8: outer::words: 'words' source data must be an array or slice, got string\n"
            "f:6:11: outer::section: 'pkg.Inner' has invalid keys: sise; did you mean `size`?\n"
            "f:4:1: outer: 'pkg.Outer' has invalid keys: wrods; did you mean `words`?\n");
}

TEST(Decode, NamesASwitchedSectionItCannotRead) {
  EXPECT_EQ(Read("section: {enabled: 3}").errors(),
            "f:1:20: outer::section: 'section' unexpected type int for 'enabled': got '3' value "
            "expected 'true' or 'false'\n");
  EXPECT_EQ(Read("section: 3").errors(),
            "f:1:10: outer::section: 'section' '' expected a map or struct, got \"int\"\n");
}

TEST(Validate, PutsSwitchedSectionsIntoTheText) {
  const Read read("name: bad\nsection: {size: -1}\nitems: [{size: -2}]\n");
  EXPECT_EQ(read.errors(),
            "f:1:1: outer::common: bad name\n"
            "f:2:1: outer::section: `size` must not be negative\n"
            "f:3:9: outer::items::0: `size` must not be negative\n");
}

TEST(Print, ShowsDefaultsAndHidesSecrets) {
  Read read("{token: t, name: , section: }");
  EXPECT_EQ(WriteYaml(Print(read.value, true)),
            "count: 1\nflag: true\nplain: null\nsection:\n    size: 7\ntoken: '[REDACTED]'\n"
            "wait: 1s\nwords:\n    - default\n");
}

struct Secretive {
  Secret token = Secret("t");
  float share = 0.001F;
  void Fields(config::Fields& f) {
    f("token", token);
    f("share", share);
  }
};
struct Keeper {
  Secretive open;
  Optional<Secretive> switched = Optional<Secretive>::On();
  void Fields(config::Fields& f) {
    f("open", open);
    f("switched", switched);
  }
};

TEST(Print, ShowsSecretsOnDemandButNotInSwitchedSections) {
  Keeper keeper;
  EXPECT_EQ(WriteYaml(Print(keeper, false)),
            "open:\n    share: 0.001\n    token: t\n"
            "switched:\n    share: 0.001\n    token: '[REDACTED]'\n");
}

TEST(Duration, ReadsAndWritesGoSyntax) {
  const auto round = [](std::string_view text) {
    Duration duration{};
    std::string error;
    return ParseDuration(text, &duration, &error) ? FormatDuration(duration) : error;
  };
  EXPECT_EQ(round("1.5h"), "1h30m0s");
  EXPECT_EQ(round("-.5s"), "-500ms");
  EXPECT_EQ(round("1\u00b5s"), "1\u00b5s");
  EXPECT_EQ(round("0"), "0s");
  EXPECT_EQ(round("2562047h47m16.854775807s"), "2562047h47m16.854775807s");
  EXPECT_EQ(round("3d"), "time: unknown unit");
  EXPECT_EQ(round("3"), "time: missing unit in duration");
  EXPECT_EQ(round("x"), "time: invalid duration");
  EXPECT_EQ(round("9999999h"), "time: invalid duration");
}

}  // namespace
}  // namespace weir::config
