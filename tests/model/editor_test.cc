// The parts of editing one by one; edit_test.cc compares the whole with libprotobuf.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "model/edit.h"
#include "model/fields.h"
#include "model/message_editor.h"
#include "model/writer.h"
#include "tests/support/otlp_random.h"

namespace weir::model {
namespace {

using testing::ElementsAre;

// A span with its attributes "a", "b", ... between its name and its status.
std::string Span(std::initializer_list<std::string_view> keys) {
  std::string out;
  MessageWriter span(out);
  span.Bytes(fields::Span::kName, "op");
  for (const std::string_view key : keys) {
    span.Attribute(fields::Span::kAttributes, key, StringValue("v"));
  }
  span.BytesPresent(fields::Span::kStatus, "");
  return out;
}

std::string Edited(std::string_view message, const std::function<void(MessageEditor&)>& edit) {
  MessageEditor editor;
  editor.Reset(message, fields::Span::kAttributes);
  edit(editor);
  std::string out;
  editor.AppendTo(out);
  return out;
}

std::vector<std::string> Keys(const std::string& span) {
  std::vector<std::string> keys;
  for (const KeyValueView entry : SpanView(span).attributes) keys.emplace_back(entry.key);
  return keys;
}

TEST(AttributeEditor, RemovesByMovingTheLastEntryIntoThePlace) {
  const std::string span = Edited(Span({"a", "b", "c", "d"}), [](MessageEditor& editor) {
    EXPECT_TRUE(editor.attributes().Remove("b"));
    EXPECT_FALSE(editor.attributes().Remove("x"));
  });
  EXPECT_THAT(Keys(span), ElementsAre("a", "d", "c"));
}

TEST(AttributeEditor, RemoveIfKeepsTheOrder) {
  const std::string span = Edited(Span({"a", "b", "c", "d"}), [](MessageEditor& editor) {
    EXPECT_EQ(editor.attributes().RemoveIf(
                  [](std::string_view key, const AnyValueView&) { return key == "b"; }),
              1u);
  });
  EXPECT_EQ(span, Span({"a", "c", "d"}));
}

TEST(AttributeEditor, InsertUpdateAndUpsertDifferInWhatMustBeThere) {
  const std::string span = Edited(Span({"a"}), [](MessageEditor& editor) {
    AttributeEditor& attributes = editor.attributes();
    EXPECT_FALSE(attributes.Insert("a", IntValue(1)));
    EXPECT_TRUE(attributes.Insert("i", IntValue(-1)));
    EXPECT_FALSE(attributes.Update("u", IntValue(2)));
    EXPECT_TRUE(attributes.Update("a", DoubleValue(2.5)));
    attributes.Upsert("n", BoolValue(true));
    attributes.Upsert("n", BytesValue("\x01"));
    EXPECT_EQ(attributes.size(), 3u);
    EXPECT_EQ(attributes.Get("a")->double_value, 2.5);
    EXPECT_EQ(attributes.Get("i")->int_value, -1);
  });
  EXPECT_THAT(Keys(span), ElementsAre("a", "i", "n"));
  EXPECT_EQ(Find(SpanView(span).attributes, "n")->bytes, "\x01");
  EXPECT_EQ(SpanView(span).name, "op");
  EXPECT_TRUE(SpanView(span).has_status);
}

TEST(AttributeEditor, RenamesAKeyInPlace) {
  const std::string span = Edited(
      Span({"a", "b"}), [](MessageEditor& editor) { editor.attributes().SetKey(0, "renamed"); });
  EXPECT_EQ(span, Span({"renamed", "b"}));
}

TEST(MessageEditor, PutsFirstAttributesWhereTheyBelong) {
  const std::string span = Edited(
      Span({}), [](MessageEditor& editor) { editor.attributes().Append("a", StringValue("v")); });
  EXPECT_EQ(span, Span({"a"}));
}

TEST(MessageEditor, GathersAttributesThatStoodApart) {
  std::string message;
  MessageWriter writer(message);
  writer.Attribute(fields::Span::kAttributes, "a", StringValue("1"));
  writer.Bytes(fields::Span::kName, "op");
  writer.Attribute(fields::Span::kAttributes, "b", StringValue("2"));
  const std::string span = Edited(
      message, [](MessageEditor& editor) { editor.attributes().Append("c", StringValue("3")); });
  EXPECT_THAT(Keys(span), ElementsAre("a", "b", "c"));
  EXPECT_EQ(SpanView(span).name, "op");
}

TEST(MessageEditor, ReplacesFieldsAtTheirPlaceInOrder) {
  const std::string span = Edited(Span({"a"}), [](MessageEditor& editor) {
    editor.SetVarint(fields::Span::kKind, 3);
    editor.SetBytes(fields::Span::kTraceState, "k=v");
    editor.SetFixed64(fields::Span::kStartTime, 7);
    editor.SetFixed32(fields::Span::kFlags, 1);
    editor.SetBytes(fields::Span::kName, "first");
    editor.SetBytes(fields::Span::kName, "renamed");
    editor.Clear(fields::Span::kStatus);
    editor.attributes().Append("b", StringValue("v"));
  });
  std::string expected;
  MessageWriter writer(expected);
  writer.Bytes(fields::Span::kTraceState, "k=v");
  writer.Bytes(fields::Span::kName, "renamed");
  writer.Varint(fields::Span::kKind, 3);
  writer.Fixed64(fields::Span::kStartTime, 7);
  writer.Attribute(fields::Span::kAttributes, "a", StringValue("v"));
  writer.Attribute(fields::Span::kAttributes, "b", StringValue("v"));
  writer.Fixed32(fields::Span::kFlags, 1);
  EXPECT_EQ(span, expected);
}

TEST(MessageEditor, EditsEachMessageOfARepeatedField) {
  std::string message;
  MessageWriter writer(message);
  for (const std::string_view name : {"keep", "drop", "change"}) {
    MessageWriter event = writer.Message(fields::Span::kEvents);
    event.Bytes(fields::SpanEvent::kName, name);
  }
  const std::string span = Edited(message, [](MessageEditor& editor) {
    editor.EditEach(fields::Span::kEvents, fields::SpanEvent::kAttributes,
                    [](MessageEditor& event) {
                      const SpanEventView view(event.message());
                      if (view.name == "drop") event.Drop();
                      if (view.name == "change") event.attributes().Append("a", IntValue(1));
                    });
  });
  std::vector<std::string> seen;
  for (const SpanEventView event : SpanView(span).events) {
    seen.push_back(std::string(event.name) + std::to_string(event.attributes.size()));
  }
  EXPECT_THAT(seen, ElementsAre("keep0", "change1"));
}

// A visitor made of functions.
class Visitor : public BatchVisitor {
 public:
  std::function<void(MessageEditor&)> entry = [](MessageEditor&) {};
  std::function<void(MessageEditor&)> item = [](MessageEditor&) {};
  std::function<void(MessageEditor&)> metric;
  Descend descend = Descend::kInto;

  Descend OnResource(MessageEditor& editor, MessageEditor&) override {
    entry(editor);
    return descend;
  }
  void OnItem(MessageEditor& editor) override { item(editor); }
  Descend OnMetric(MessageEditor& editor) override {
    if (!metric) return Descend::kInto;
    metric(editor);
    return Descend::kOver;
  }
};

// Resources of `sizes` logs, each with a body of 2000 bytes so that none is copied for its size.
Batch Logs(std::initializer_list<int> sizes) {
  BatchBuilder builder(Signal::kLogs);
  int resource = 0;
  for (const int size : sizes) {
    builder.BeginResource("", "r" + std::to_string(resource++));
    builder.BeginScope("");
    for (int i = 0; i < size; ++i) {
      MessageWriter log = builder.AddItem();
      log.BytesPresent(fields::LogRecord::kBody, StringValue(std::string(2000, 'x')));
    }
  }
  return builder.Finish();
}

TEST(EditBatch, KeepsTheSlicesOfUnchangedResources) {
  const Batch batch = Logs({1, 2, 1, 3});
  Visitor visitor;
  int resource = -1;
  visitor.entry = [&](MessageEditor&) { ++resource; };
  visitor.item = [&](MessageEditor& log) {
    if (resource == 2) log.attributes().Append("k", IntValue(1));
  };
  const Batch edited = EditBatch(batch, visitor);
  ASSERT_EQ(edited.runs().size(), 3u);
  const Slice& source = batch.runs()[0].bytes();
  EXPECT_EQ(edited.runs()[0].bytes().data(), source.data());
  EXPECT_EQ(edited.runs()[0].resource_count(), 2u);
  EXPECT_EQ(edited.runs()[1].resource_count(), 1u);
  EXPECT_EQ(edited.runs()[2].bytes().data() + edited.runs()[2].size_bytes(),
            source.data() + source.size());
  EXPECT_EQ(edited.items(), 7u);
}

TEST(EditBatch, SlicesAroundADroppedResource) {
  const Batch batch = Logs({1, 2, 1});
  Visitor visitor;
  visitor.entry = [](MessageEditor& entry) {
    if (ResourceItemsView(entry.message()).schema_url == "r1") entry.Drop();
  };
  const Batch edited = EditBatch(batch, visitor);
  EXPECT_EQ(edited.items(), 2u);
  EXPECT_EQ(edited.resource_count(), 2u);
  EXPECT_EQ(edited.runs()[0].bytes().data(), batch.runs()[0].bytes().data());
}

TEST(EditBatch, DropsEverything) {
  Visitor visitor;
  visitor.item = [](MessageEditor& log) { log.Drop(); };
  EXPECT_TRUE(EditBatch(Logs({3, 1}), visitor, {.remove_empty = true}).empty());
  const Batch emptied = EditBatch(Logs({3, 1}), visitor);
  EXPECT_EQ(emptied.items(), 0u);
  EXPECT_EQ(emptied.resource_count(), 2u);
}

TEST(EditBatch, ReplacesItemsWithLengthsOfAnotherWidth) {
  const Batch batch = Logs({3});
  for (const size_t size : {1u, 100u, 127u, 128u, 16383u, 16384u, 300000u}) {
    std::string log;
    AppendBytesField(log, fields::LogRecord::kSeverityText, std::string(size, 's'));
    Visitor visitor;
    visitor.item = [&](MessageEditor& editor) { editor.Replace(log); };
    const Batch edited = EditBatch(batch, visitor);
    const auto request = test::RequestOf(edited);
    // Canonical lengths at every level: libprotobuf writes the same bytes.
    EXPECT_EQ(test::Serialize(*request), test::BytesOf(edited)) << size;
    EXPECT_EQ(test::CountItems(*request), 3u);
  }
}

TEST(EditBatch, CountsThePointsOfAReplacedMetric) {
  BatchBuilder builder(Signal::kMetrics);
  builder.BeginResource("");
  builder.BeginScope("");
  std::string gauge;
  for (int i = 0; i < 5; ++i) AppendBytesField(gauge, fields::MetricData::kDataPoints, "");
  std::string five;
  AppendBytesField(five, fields::Metric::kGauge, gauge);
  builder.AddMetric(five, 5);
  Visitor visitor;
  visitor.metric = [](MessageEditor& metric) {
    std::string one;
    AppendBytesField(one, fields::MetricData::kDataPoints, "");
    metric.SetBytes(fields::Metric::kGauge, one);
  };
  EXPECT_EQ(EditBatch(builder.Finish(), visitor).items(), 1u);
}

TEST(EditBatch, ChargesTheFreshBufferAndGivesBackWhatItDidNotNeed) {
  ByteBudget budget(1);  // full from the start: editing must not fail for it
  const Batch batch = Logs({50});
  Visitor visitor;
  int seen = 0;
  visitor.item = [&](MessageEditor& log) {
    if (seen++ > 0) log.Drop();
  };
  {
    const Batch edited = EditBatch(batch, visitor, {.budget = &budget});
    EXPECT_EQ(edited.items(), 1u);
    EXPECT_EQ(budget.used_bytes(), edited.size_bytes());
    EXPECT_GE(budget.peak_bytes(), batch.size_bytes());
  }
  EXPECT_EQ(budget.used_bytes(), 0u);
}

}  // namespace
}  // namespace weir::model
