#include "model/json/value_text.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/fields.h"
#include "model/message_editor.h"
#include "model/wire.h"

namespace weir::model::json {
namespace {

std::string TextOf(const std::string& any_value) { return ValueText(AnyValueView(any_value)); }

std::string List(const std::vector<std::string>& elements) {
  std::string values;
  for (const auto& element : elements) AppendBytesField(values, fields::Values::kValues, element);
  std::string out;
  AppendBytesField(out, fields::AnyValue::kArray, values);
  return out;
}

std::string Map(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string values;
  for (const auto& [key, value] : entries) {
    std::string entry;
    AppendBytesField(entry, fields::KeyValue::kKey, key);
    AppendBytesField(entry, fields::KeyValue::kValue, value);
    AppendBytesField(values, fields::Values::kValues, entry);
  }
  std::string out;
  AppendBytesField(out, fields::AnyValue::kKvlist, values);
  return out;
}

TEST(ValueText, ShowsScalarsAsTheyAre) {
  EXPECT_EQ(TextOf(""), "");
  EXPECT_EQ(TextOf(StringValue("a\"b")), "a\"b");
  EXPECT_EQ(TextOf(BoolValue(true)), "true");
  EXPECT_EQ(TextOf(IntValue(-7)), "-7");
  EXPECT_EQ(TextOf(DoubleValue(2)), "2");
  EXPECT_EQ(TextOf(DoubleValue(1e-7)), "1e-7");
  EXPECT_EQ(TextOf(DoubleValue(-INFINITY)), "-Infinity");
  EXPECT_EQ(TextOf(BytesValue("\1\2")), "AQI=");
}

TEST(ValueText, ShowsListsAndMapsAsJson) {
  EXPECT_EQ(TextOf(List({})), "[]");
  EXPECT_EQ(TextOf(List({StringValue("[\""), IntValue(1), "", BytesValue("\1\2")})),
            R"(["[\"",1,null,"AQI="])");
  EXPECT_EQ(TextOf(Map({})), "{}");
  EXPECT_EQ(TextOf(Map({{"b", List({Map({})})}, {"a", DoubleValue(NAN)}})),
            R"({"a":"NaN","b":[{}]})");
  EXPECT_EQ(TextOf(Map({{"k", IntValue(1)}, {"k", IntValue(2)}})), R"({"k":2})");
}

}  // namespace
}  // namespace weir::model::json
