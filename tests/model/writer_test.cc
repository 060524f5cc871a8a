#include "model/writer.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "model/fields.h"
#include "model/message_editor.h"
#include "tests/support/otlp_random.h"

namespace weir::model {
namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;

void WriteScalar(const pb::Message& message, const Field& field, MessageWriter& out) {
  const pb::Reflection& get = *message.GetReflection();
  const auto number = static_cast<uint32_t>(field.number());
  const bool present = field.has_presence();
  switch (field.type()) {
    case Field::TYPE_STRING:
    case Field::TYPE_BYTES:
      return out.BytesPresent(number, get.GetString(message, &field));
    case Field::TYPE_DOUBLE: {
      const double value = get.GetDouble(message, &field);
      return present ? out.DoublePresent(number, value) : out.Double(number, value);
    }
    case Field::TYPE_FIXED64:
      return out.Fixed64(number, get.GetUInt64(message, &field));
    case Field::TYPE_SFIXED64:
      return out.Fixed64Present(number, static_cast<uint64_t>(get.GetInt64(message, &field)));
    case Field::TYPE_FIXED32:
      return out.Fixed32(number, get.GetUInt32(message, &field));
    case Field::TYPE_UINT32:
      return out.Varint(number, get.GetUInt32(message, &field));
    case Field::TYPE_SINT32:
      return out.SInt32(number, get.GetInt32(message, &field));
    case Field::TYPE_ENUM:
      return out.Int32(number, get.GetEnumValue(message, &field));
    case Field::TYPE_BOOL:
      return present ? out.VarintPresent(number, get.GetBool(message, &field))
                     : out.Bool(number, get.GetBool(message, &field));
    case Field::TYPE_INT64:
      return out.VarintPresent(number, static_cast<uint64_t>(get.GetInt64(message, &field)));
    default:
      FAIL() << field.full_name();
  }
}

void WriteList(const pb::Message& message, const Field& field, MessageWriter& out) {
  const pb::Reflection& get = *message.GetReflection();
  const auto number = static_cast<uint32_t>(field.number());
  const int size = get.FieldSize(message, &field);
  if (field.type() == Field::TYPE_STRING) {
    for (int i = 0; i < size; ++i) {
      out.BytesPresent(number, get.GetRepeatedString(message, &field, i));
    }
    return;
  }
  if (field.type() == Field::TYPE_DOUBLE) {
    std::vector<double> values;
    values.reserve(static_cast<size_t>(size));
    for (int i = 0; i < size; ++i) values.push_back(get.GetRepeatedDouble(message, &field, i));
    return out.PackedDoubles(number, values);
  }
  std::vector<uint64_t> values;
  values.reserve(static_cast<size_t>(size));
  for (int i = 0; i < size; ++i) values.push_back(get.GetRepeatedUInt64(message, &field, i));
  if (field.type() == Field::TYPE_FIXED64) return out.PackedFixed64(number, values);
  out.PackedVarints(number, values);
}

// Writes any message through the writer, fields in order.
void Write(const pb::Message& message, MessageWriter& out, std::mt19937_64& random) {
  std::vector<const Field*> set;
  message.GetReflection()->ListFields(message, &set);
  std::sort(set.begin(), set.end(),
            [](const Field* a, const Field* b) { return a->number() < b->number(); });
  for (const Field* field : set) {
    if (field->cpp_type() != Field::CPPTYPE_MESSAGE) {
      field->is_repeated() ? WriteList(message, *field, out) : WriteScalar(message, *field, out);
      continue;
    }
    const int size = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      const pb::Message& child =
          field->is_repeated() ? message.GetReflection()->GetRepeatedMessage(message, field, i)
                               : message.GetReflection()->GetMessage(message, field);
      // Good and bad guesses of the size.
      MessageWriter nested = out.Message(static_cast<uint32_t>(field->number()), random() % 20000);
      Write(child, nested, random);
    }
  }
}

TEST(MessageWriter, WritesWhatLibprotobufWrites) {
  std::mt19937_64 random(31);
  for (Signal signal : kSignals) {
    for (int round = 0; round < 60; ++round) {
      const auto request = test::RandomRequest(signal, random, {.full = round % 2 == 0});
      std::string bytes;
      MessageWriter writer(bytes);
      Write(*request, writer, random);
      EXPECT_EQ(bytes, test::Serialize(*request)) << SignalName(signal) << " " << round;
    }
  }
}

TEST(BatchBuilder, BuildsCountedResources) {
  BatchBuilder builder(Signal::kLogs);
  std::string expected;
  for (int resource = 0; resource < 3; ++resource) {
    builder.BeginResource(std::string("\x10\x01"), resource == 1 ? "url" : "");
    for (int scope = 0; scope < resource; ++scope) {
      builder.BeginScope("", "scope-url");
      for (int i = 0; i < 40; ++i) {
        MessageWriter log = builder.AddItem();
        log.Fixed64(fields::LogRecord::kTime, 5);
        log.Attribute(fields::LogRecord::kAttributes, "key", StringValue("value"));
      }
      builder.AddItem(std::string_view());
    }
  }
  EXPECT_EQ(builder.items(), 123u);
  const Batch batch = builder.Finish();
  EXPECT_EQ(batch.items(), 123u);
  ASSERT_EQ(batch.resource_count(), 3u);
  EXPECT_EQ(batch.runs()[0].extent(0).items, 0u);
  EXPECT_EQ(batch.runs()[0].extent(1).items, 41u);
  EXPECT_EQ(batch.runs()[0].extent(2).items, 82u);
  // It passes the door, with the same counts, and is in canonical form.
  EXPECT_EQ(test::BatchOf(Signal::kLogs, test::BytesOf(batch)).items(), 123u);
  EXPECT_EQ(test::Serialize(*test::RequestOf(batch)), test::BytesOf(batch));
}

TEST(BatchBuilder, WithoutResourcesIsAnEmptyBatch) {
  EXPECT_TRUE(BatchBuilder(Signal::kTraces).Finish().empty());
}

}  // namespace
}  // namespace weir::model
