#include "base/config/yaml.h"

#include <gtest/gtest.h>

namespace weir::config {
namespace {

Value Read(std::string_view text) {
  YamlResult result = ParseYaml(text, std::make_shared<const std::string>("f"));
  EXPECT_TRUE(result.value.has_value()) << result.error.text;
  return result.value.value_or(Value());
}
std::string Refusal(std::string_view text, const YamlLimits& limits = {}) {
  const YamlResult result = ParseYaml(text, nullptr, limits);
  return result.value ? "accepted" : result.error.text;
}

TEST(Yaml, ResolvesScalarsAsGoDoes) {
  EXPECT_EQ(Read("yes"), Value::OfString("yes"));
  EXPECT_EQ(Read("on"), Value::OfString("on"));
  EXPECT_EQ(Read("0123"), Value::OfInt(83));
  EXPECT_EQ(Read("0123").text(), "0123");
  EXPECT_EQ(Read("0o17"), Value::OfInt(15));
  EXPECT_EQ(Read("0x1F"), Value::OfInt(31));
  EXPECT_EQ(Read("0b101"), Value::OfInt(5));
  EXPECT_EQ(Read("1_000"), Value::OfInt(1000));
  EXPECT_EQ(Read("0899"), Value::OfFloat(899));
  EXPECT_EQ(Read("1e3"), Value::OfFloat(1000));
  EXPECT_EQ(Read("-.5"), Value::OfFloat(-0.5));
  EXPECT_EQ(Read("'12'"), Value::OfString("12"));
  EXPECT_EQ(Read("~"), Value());
  EXPECT_EQ(Read("1.2.3"), Value::OfString("1.2.3"));
}

TEST(Yaml, RemembersWhereThingsStand) {
  const Value root = Read("a:\n  b: [1, x]\n");
  const Value& b = *root.Find("a")->Find("b");
  EXPECT_EQ(b.key_position().ToString(), "f:2:3");
  EXPECT_EQ(b.list()[1].position().ToString(), "f:2:10");
}

TEST(Yaml, LetsWrittenKeysWinOverMerged) {
  const Value root = Read("x: &a {p: 1, q: 2}\ny:\n  <<: *a\n  q: 3\n");
  EXPECT_EQ(*root.Find("y")->Find("q"), Value::OfInt(3));
  EXPECT_EQ(*root.Find("y")->Find("p"), Value::OfInt(1));
}

TEST(Yaml, RefusesWhatGoRefuses) {
  EXPECT_EQ(Refusal("a: 1\nb: 2\na: 3\n"),
            "unmarshal errors:\n  line 3: mapping key \"a\" already defined at line 1");
  EXPECT_EQ(Refusal("x: 1\ny: {<<: 3}\n"),
            "map merge requires map or sequence of maps as the value");
  EXPECT_NE(Refusal("a: \"b\n"), "accepted");
  EXPECT_NE(Refusal("a: [1\n"), "accepted");
  EXPECT_NE(Refusal("a: *nope\n"), "accepted");
}

TEST(Yaml, StopsAtItsLimits) {
  YamlLimits limits;
  limits.depth_max = 10;
  EXPECT_EQ(Refusal("[[[[[[[[[[[[1]]]]]]]]]]]]", limits), "exceeded max depth");
  limits = {};
  limits.values_max = 1000;
  std::string text = "a0: &a0 [1, 1]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string name = "a" + std::to_string(i);
    const std::string before = "*a" + std::to_string(i - 1);
    text += name + ": &";
    text += name + " [";
    text += before + ", ";
    text += before + "]\n";
  }
  EXPECT_EQ(Refusal(text, limits), "document contains excessive aliasing");
}

TEST(Yaml, WritesWhatItReads) {
  const std::string text =
      "a:\n    - b: 1\n      c: \"true\"\n    - x y\nd: []\ne: {}\nf: null\ng: 'a: b'\n";
  EXPECT_EQ(WriteYaml(Read(text)), text);
}

TEST(Yaml, WritesLinesAsLiteralBlocks) {
  const std::string text =
      "a: |\n    two\n    lines\nb:\n    - |-\n        no\n\n        end\n    - k: |+\n"
      "        more\n\n";
  EXPECT_EQ(WriteYaml(Read(text)), text);
  EXPECT_EQ(Read(text).Find("a")->as_string(), "two\nlines\n");
  const Value padded = Value::OfMap({{"a", Value::OfString("lost \nspace")}});
  EXPECT_EQ(WriteYaml(padded), "a: \"lost \\nspace\"\n");
}

TEST(Yaml, QuotesWhatOlderReadersTakeForMore) {
  for (const std::string text :
       {"2024-01-02", "2024-1-2 15:04:05.5", "2024-01-02T15:04:05Z", "2024-01-02t15:04:05+01:00",
        "12:30", "-1:05:00.5", "yes", "0x10"}) {
    EXPECT_EQ(WriteYaml(Value::OfString(text)), "\"" + text + "\"\n");
  }
  for (const std::string text :
       {"2024-13-02", "2024-01-02 x", "12:61", "localhost:4317", "1.2.3"}) {
    EXPECT_EQ(WriteYaml(Value::OfString(text)), text + "\n");
  }
}

TEST(Yaml, WritesLongKeysBehindAQuestionMark) {
  const std::string key(129, 'k');
  const Value inner = Value::OfMap({{"a", Value::OfInt(1)}, {"b", Value::OfInt(2)}});
  EXPECT_EQ(WriteYaml(Value::OfMap({{key, inner}})), "? " + key + "\n:   a: 1\n    b: 2\n");
  EXPECT_EQ(WriteYaml(Value::OfMap({{key, Value::OfInt(1)}})), "? " + key + "\n: 1\n");
}

TEST(Yaml, WritesFloatsAsGoDoes) {
  EXPECT_EQ(WriteYaml(Value::OfFloat(100000)), "100000\n");
  EXPECT_EQ(WriteYaml(Value::OfFloat(0.0001)), "0.0001\n");
  EXPECT_EQ(WriteYaml(Value::OfFloat(1e-5)), "1e-05\n");
  EXPECT_EQ(WriteYaml(Value::OfFloat(1e21)), "1e+21\n");
}

}  // namespace
}  // namespace weir::config
