#include "model/split.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/otlp_random.h"

namespace weir::model {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using test::BatchOf;
using test::BytesOf;
using test::RandomRequest;
using test::RequestOf;

// Every item with the messages around it (without their other children), as one string each: two
// batches carry the same when these are the same, however they are cut.
void CollectItems(const Message& message, const std::string& around,
                  std::vector<std::string>* out) {
  const std::string& name = message.GetDescriptor()->name();
  const bool item = name == "Span" || name == "LogRecord" || name.ends_with("DataPoint");
  if (item) {
    out->push_back(around + message.SerializeAsString());
    return;
  }
  std::unique_ptr<Message> shell(message.New());
  shell->CopyFrom(message);
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::vector<const FieldDescriptor*> children;
  for (const FieldDescriptor* field : fields) {
    const std::string& child = field->name();
    if (child == "attributes" || child == "metadata" || field->message_type() == nullptr ||
        child == "resource" || child == "scope") {
      continue;
    }
    children.push_back(field);
    shell->GetReflection()->ClearField(shell.get(), field);
  }
  const std::string inside = around + name + shell->SerializeAsString();
  for (const FieldDescriptor* field : children) {
    if (!field->is_repeated()) {
      CollectItems(message.GetReflection()->GetMessage(message, field), inside, out);
      continue;
    }
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      CollectItems(message.GetReflection()->GetRepeatedMessage(message, field, i), inside, out);
    }
  }
}

std::vector<std::string> Items(const Batch& batch) {
  std::vector<std::string> items;
  CollectItems(*RequestOf(batch), "", &items);
  EXPECT_EQ(items.size(), batch.items());
  size_t counted = 0;
  batch.ForEachResource([&](std::string_view, uint32_t count, const Slice&) { counted += count; });
  EXPECT_EQ(counted, batch.items());
  // The counts a fresh check finds are those the parts carry.
  EXPECT_EQ(BatchOf(batch.signal(), BytesOf(batch)).items(), batch.items());
  return items;
}

class SplitBatch : public testing::TestWithParam<Signal> {};

TEST_P(SplitBatch, KeepsABatchWithinTheLimit) {
  std::mt19937_64 random(1);
  const Batch batch = BatchOf(GetParam(), *RandomRequest(GetParam(), random, {.full = true}));
  const SplitResult result = Split(batch, batch.items(), SizedBy::kItems);
  EXPECT_EQ(BytesOf(result.front), BytesOf(batch));
  EXPECT_TRUE(result.rest.empty());
  EXPECT_EQ(result.front.runs()[0].bytes().data(), batch.runs()[0].bytes().data());
}

TEST_P(SplitBatch, CutsOffExactlyTheItemsAskedFor) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 60; ++round) {
    const Batch batch = BatchOf(
        GetParam(), *RandomRequest(GetParam(), random, {.list_max = 4, .unknown_fields = true}));
    if (batch.items() < 2) continue;
    const auto all = Items(batch);
    const size_t limit = random() % (batch.items() - 1) + 1;
    const SplitResult result = Split(batch, limit, SizedBy::kItems);
    EXPECT_EQ(result.front.items(), limit);
    EXPECT_EQ(result.rest.items(), batch.items() - limit);
    auto parts = Items(result.front);
    const auto rest = Items(result.rest);
    parts.insert(parts.end(), rest.begin(), rest.end());
    EXPECT_EQ(parts, all);
  }
}

TEST_P(SplitBatch, CutsByBytesWithinTheLimitUnlessARecordIsAlone) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 60; ++round) {
    const Batch batch = BatchOf(GetParam(), *RandomRequest(GetParam(), random, {.list_max = 4}));
    if (batch.items() == 0) continue;
    const size_t limit = random() % (batch.size_bytes() * 2) + 1;
    std::vector<std::string> parts;
    for (const Batch& part : SplitAll(batch, limit, SizedBy::kBytes)) {
      EXPECT_FALSE(part.empty());
      if (part.items() > 1) {
        EXPECT_LE(part.size_bytes(), limit);
      }
      const auto items = Items(part);
      parts.insert(parts.end(), items.begin(), items.end());
    }
    EXPECT_EQ(parts, Items(batch));
  }
}

TEST_P(SplitBatch, SplitAllCutsAsSplitInALoop) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 40; ++round) {
    Batch batch(GetParam());
    for (int i = 0; i < 3; ++i) {
      batch.Append(BatchOf(GetParam(), *RandomRequest(GetParam(), random, {.list_max = 3})));
    }
    if (batch.items() == 0) continue;
    for (SizedBy by : {SizedBy::kItems, SizedBy::kBytes}) {
      const size_t limit =
          by == SizedBy::kItems ? random() % batch.items() + 1 : random() % batch.size_bytes() + 1;
      const std::vector<Batch> all = SplitAll(batch, limit, by);
      SplitResult step{Batch(GetParam()), batch};
      size_t i = 0;
      for (; !step.rest.empty() && i < all.size(); ++i) {
        step = Split(step.rest, limit, by);
        EXPECT_EQ(step.front.items(), all[i].items());
      }
      EXPECT_TRUE(step.rest.empty());
      EXPECT_EQ(i, all.size());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Signals, SplitBatch, testing::ValuesIn(kSignals),
                         [](const auto& info) { return std::string(SignalName(info.param)); });

}  // namespace
}  // namespace weir::model
