#include "processors/probabilistic_sampler/trace_state.h"

#include <gtest/gtest.h>

namespace weir::processors::probabilistic_sampler {
namespace {

// What comes out of what went in; "!" in front when it is malformed.
std::string Through(const std::string& text) {
  TraceState state;
  const bool good = state.Parse(text).empty();
  return (good ? "" : "!") + state.ToText();
}

TEST(TraceState, KeepsWhatIsNotItsOwn) {
  EXPECT_EQ(Through(""), "");
  EXPECT_EQ(Through("a=b"), "a=b");
  EXPECT_EQ(Through(" a=b ,, c=d e "), "a=b,c=d e");
  EXPECT_EQ(Through("t1@sys=x,foo=1"), "t1@sys=x,foo=1");
}

TEST(TraceState, PutsItselfInFront) {
  EXPECT_EQ(Through("a=b,ot=x:y;th:8;rv:0123456789ABCD"), "ot=rv:0123456789ABCD;th:8;x:y,a=b");
  EXPECT_EQ(Through("ot=th:8,ot=th:4"), "ot=th:4");
}

TEST(TraceState, TellsWhatIsMalformed) {
  for (const char* text : {"a", "=b", "A=b", "a=", "a=b\x01", "a=b=c", "a=\xc3\xa4", "1a=b",
                           "t@S=x", "@s=x", "t@=x"}) {
    EXPECT_EQ(Through(text), "!") << text;
  }
  EXPECT_EQ(Through("ot=th:8;"), "!");
  EXPECT_EQ(Through("ot=th"), "!");
  EXPECT_EQ(Through("ot=TH:8"), "!");
  EXPECT_EQ(Through("ot=th:g,a=b"), "!a=b");
  EXPECT_EQ(Through("ot=rv:123;th:8"), "!ot=th:8");
  EXPECT_EQ(Through(std::string(257, 'a') + "=b"), "!");
  EXPECT_EQ(Through("a=" + std::string(1100, 'b')), "!");
}

TEST(TraceState, TakesThirtyOneMembers) {
  std::string text = "k0=v";
  for (int i = 1; i < 31; ++i) text += ",k" + std::to_string(i) + "=v";
  EXPECT_EQ(Through(text), text);
  EXPECT_EQ(Through(text + ",k31=v"), "!" + text);
}

TEST(TraceState, IsChanged) {
  TraceState state;
  EXPECT_EQ(state.Parse("a=b"), "");
  state.set_threshold(Threshold::Parse("c"));
  state.set_randomness(Randomness(1));
  EXPECT_EQ(state.ToText(), "ot=rv:00000000000001;th:c,a=b");
  state.set_threshold(kNever);
  EXPECT_EQ(state.ToText(), "ot=rv:00000000000001,a=b");
}

}  // namespace
}  // namespace weir::processors::probabilistic_sampler
