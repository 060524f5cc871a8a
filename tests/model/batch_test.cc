#include "model/batch.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/wire.h"

namespace weir::model {
namespace {

// Framed resources whose messages have these sizes; resource i has i + 1 items.
weir::model::Run Resources(const std::vector<size_t>& sizes) {
  std::string bytes;
  std::vector<ResourceExtent> extents;
  for (const size_t size : sizes) {
    const size_t before = bytes.size();
    AppendBytesField(bytes, 1, std::string(size, static_cast<char>('a' + extents.size())));
    extents.push_back(
        {static_cast<uint32_t>(bytes.size() - before), static_cast<uint32_t>(extents.size() + 1)});
  }
  return weir::model::Run(Slice::Copy(bytes),
                          std::make_shared<const std::vector<ResourceExtent>>(std::move(extents)));
}

std::vector<std::string> Messages(const Batch& batch) {
  std::vector<std::string> messages;
  batch.ForEachResource([&](std::string_view message, uint32_t items, const Slice& framed) {
    EXPECT_EQ(framed.view().substr(FrameHeaderSize(framed.view())), message);
    messages.push_back(std::string(message.substr(0, 1)) + std::to_string(message.size()) + "/" +
                       std::to_string(items));
  });
  return messages;
}

TEST(Batch, VisitsResourcesInOrderWithTheirItems) {
  const Batch batch(Signal::kLogs, Resources({0, 5, 127, 128, 20000}));
  EXPECT_EQ(Messages(batch),
            (std::vector<std::string>{"0/1", "b5/2", "c127/3", "d128/4", "e20000/5"}));
  EXPECT_EQ(batch.items(), 15u);
  EXPECT_EQ(batch.resource_count(), 5u);
}

TEST(Batch, AppendingAddsUpAndForgetsTheCompressedForm) {
  Batch batch(Signal::kLogs, Resources({3}));
  batch.SetCompressed(Codec::kZstd, Slice::Copy("z"));
  Batch other(Signal::kLogs, Resources({4, 5}));
  const size_t size = batch.size_bytes() + other.size_bytes();
  batch.Append(std::move(other));
  EXPECT_EQ(batch.compressed_codec(), Codec::kNone);
  EXPECT_EQ(batch.items(), 4u);
  EXPECT_EQ(batch.size_bytes(), size);
  EXPECT_EQ(Messages(batch), (std::vector<std::string>{"a3/1", "a4/1", "b5/2"}));
}

TEST(Batch, AppendedToAnEmptyOneKeepsTheCompressedForm) {
  Batch whole(Signal::kLogs, Resources({3}));
  whole.SetCompressed(Codec::kZstd, Slice::Copy("z"));
  Batch batch(Signal::kLogs);
  batch.Append(std::move(whole));
  EXPECT_EQ(batch.compressed_codec(), Codec::kZstd);
}

TEST(Batch, FlattenSharesOneRunAndCopiesSeveral) {
  Batch batch(Signal::kLogs, Resources({3, 4}));
  EXPECT_EQ(batch.Flatten().data(), batch.runs()[0].bytes().data());
  batch.Append(Resources({5}));
  const Slice flat = batch.Flatten();
  EXPECT_EQ(flat.size(), batch.size_bytes());
  EXPECT_NE(flat.data(), batch.runs()[0].bytes().data());
  EXPECT_TRUE(Batch(Signal::kLogs).Flatten().empty());
}

TEST(BatchRun, PartsShareBytesAndMayBeCutAgain) {
  const weir::model::Run run = Resources({1, 2, 3, 4});
  const weir::model::Run part = run.Part(1, 3);
  EXPECT_EQ(part.items(), 9u);
  const weir::model::Run inner = part.Part(1, 1);
  EXPECT_EQ(inner.items(), 3u);
  EXPECT_EQ(inner.extent(0).items, 3u);
  EXPECT_EQ(Messages(Batch(Signal::kLogs, inner)), (std::vector<std::string>{"c3/3"}));
  EXPECT_EQ(inner.bytes().data(), run.bytes().data() + 3 + 4);
}

}  // namespace
}  // namespace weir::model
