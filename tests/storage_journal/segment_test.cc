// Scanning a segment: what is found of a file that was damaged in every way.
#include "storage/journal/segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "storage/journal/catalog.h"
#include "storage/journal/recovery.h"
#include "tests/storage_journal/support.h"

namespace weir::tests {
namespace {

using storage::journal::Found;
using storage::journal::FrameSize;
using storage::journal::kSegmentHeaderSize;
using storage::journal::ParseSegmentName;
using storage::journal::ReadSegment;
using ::testing::ElementsAre;

// A segment of ten records of 100 bytes, each synced by itself and none sealed.
struct SegmentFile {
  SegmentFile() {
    JournalFixture f;
    EXPECT_TRUE(f.Open().ok());
    for (char c = 'a'; c < 'a' + 10; ++c) EXPECT_TRUE(f.Append(std::string(100, c)).has_value());
    name = f.Segments().front();
    bytes = f.fs->Contents(kJournalPath, name);
  }
  // Where record `i` (from 0) begins.
  static size_t FrameAt(size_t i) { return kSegmentHeaderSize + i * FrameSize(100); }

  static Found Read(const std::string& name, const std::string& bytes) {
    SimFs fs;
    const auto directory = std::move(fs.OpenDirectory("/d", true, 0).value());
    fs.SetContents("/d", name, bytes);
    const auto file = std::move(directory->Open(name, storage::io::OpenMode::kRead).value());
    return ReadSegment(*file, *ParseSegmentName(name));
  }
  Found Read() const { return Read(name, bytes); }

  std::string name;
  std::string bytes;
};

std::set<uint64_t> Sequences(const Found& found) {
  std::set<uint64_t> sequences;
  if (!found.segment) return sequences;
  for (const auto& entry : found.segment->index) {
    sequences.insert(found.segment->sequence_of(entry));
  }
  return sequences;
}

std::set<uint64_t> Without(std::initializer_list<uint64_t> missing) {
  std::set<uint64_t> all;
  for (uint64_t s = 1; s <= 10; ++s) all.insert(s);
  for (const uint64_t s : missing) all.erase(s);
  return all;
}

TEST(JournalSegment, FindsEveryRecord) {
  const Found found = SegmentFile().Read();
  EXPECT_EQ(Sequences(found), Without({}));
  EXPECT_EQ(found.segment->held.records, 10U);
  EXPECT_EQ(found.segment->held.bytes, 1000U);
  EXPECT_EQ(found.segment->end_offset, SegmentFile::FrameAt(10));
  EXPECT_EQ(found.damaged_frames, 0U);
  EXPECT_EQ(found.torn_bytes, 0U);
}

// Guarantees: one flipped bit costs at most the record it is in, and none is changed.
TEST(JournalSegment, LosesOnlyTheRecordWithAFlippedBit) {
  SegmentFile file;
  for (size_t at = 0; at < SegmentFile::FrameAt(10); ++at) {
    file.bytes[at] = static_cast<char>(file.bytes[at] ^ (1 << at % 8));
    const Found found = file.Read();
    const size_t record = at < kSegmentHeaderSize ? 0 : (at - kSegmentHeaderSize) / FrameSize(100);
    if (at < kSegmentHeaderSize) {
      EXPECT_EQ(Sequences(found), Without({})) << at;
    } else if (const auto sequences = Sequences(found); sequences != Without({})) {
      EXPECT_EQ(sequences, Without({record + 1})) << at;
      EXPECT_EQ(found.damaged_frames, record < 9 ? 1U : 0U) << at;
    } else {
      // Only the padding of a frame is under no checksum.
      EXPECT_GE((at - kSegmentHeaderSize) % FrameSize(100), 132U) << at;
    }
    file.bytes[at] = static_cast<char>(file.bytes[at] ^ (1 << at % 8));
  }
}

TEST(JournalSegment, KeepsEveryWholeRecordWhenCutAnywhere) {
  const SegmentFile file;
  for (size_t size = 0; size <= SegmentFile::FrameAt(10); size += 3) {
    const Found found = SegmentFile::Read(file.name, file.bytes.substr(0, size));
    const size_t whole =
        size < kSegmentHeaderSize ? 0 : (size - kSegmentHeaderSize) / FrameSize(100);
    EXPECT_EQ(Sequences(found).size(), whole) << size;
    EXPECT_EQ(found.damaged_frames, 0U) << size;
  }
}

TEST(JournalSegment, GoesOnBehindZeroedAndOverwrittenSectors) {
  for (const char fill : {'\0', 'x'}) {
    SegmentFile file;
    std::memset(file.bytes.data() + 512, fill, 512);
    const Found found = file.Read();
    EXPECT_EQ(Sequences(found), Without({4, 5, 6, 7, 8}));
    EXPECT_EQ(found.damaged_frames, 2U);  // the fourth, whose header is whole, and the rest
  }
}

TEST(JournalSegment, TakesNoRecordTwice) {
  SegmentFile file;
  // The third record stands where the seventh was.
  std::memcpy(file.bytes.data() + SegmentFile::FrameAt(6),
              file.bytes.data() + SegmentFile::FrameAt(2), FrameSize(100));
  const Found found = file.Read();
  EXPECT_EQ(Sequences(found), Without({7}));
  EXPECT_EQ(found.damaged_frames, 1U);
}

TEST(JournalSegment, TakesNoFrameOfAnotherSegment) {
  SegmentFile file;
  JournalFixture other;
  other.options.next_mark = [] { return 0x77U; };
  ASSERT_TRUE(other.Open().ok());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(other.Append(std::string(100, 'z')).has_value());
  const std::string stale = other.fs->Contents(kJournalPath, other.Segments().front());
  file.bytes.replace(SegmentFile::FrameAt(4), FrameSize(100), stale, SegmentFile::FrameAt(4),
                     FrameSize(100));
  EXPECT_EQ(Sequences(file.Read()), Without({5}));
}

TEST(JournalSegment, TakesNoFrameFromInsideAPayload) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  ASSERT_TRUE(f.Append("first").has_value());
  // A sender cannot know the mark; here it does not, and the rest of the frame is perfect.
  storage::journal::FrameHeader forged;
  forged.sequence = 2;
  std::string payload(storage::journal::kFrameHeaderSize, '\0');
  EncodeFrameHeader(forged, 0x1234, payload.data());
  ASSERT_TRUE(f.Append(payload + payload).has_value());
  const std::string name = f.Segments().front();
  std::string bytes = f.fs->Contents(kJournalPath, name);
  bytes[kSegmentHeaderSize + FrameSize(5)] ^= 1;  // the frame around it is damaged
  EXPECT_THAT(Sequences(SegmentFile::Read(name, bytes)), ElementsAre(1));
}

TEST(JournalSegment, CallsNothingDamagedThatOneSyncHeld) {
  // Scenario: three records are written by one commit, and the power cut leaves only the last.
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  for (int i = 0; i < 3; ++i)
    f.journal->Append({Slice::Copy(std::string(100, 'g'))}, 1, [](auto) {});
  f.executor.RunPosted();
  const std::string name = f.Segments().front();
  std::string bytes = f.fs->Contents(kJournalPath, name);
  std::memset(bytes.data() + kSegmentHeaderSize + 40, 'x', FrameSize(100));
  const Found found = SegmentFile::Read(name, bytes);
  EXPECT_THAT(Sequences(found), ElementsAre(3));
  EXPECT_EQ(found.damaged_frames, 0U);
  EXPECT_GT(found.torn_bytes, 0U);
}

TEST(JournalSegment, SaysThatItCouldNotBeRead) {
  const SegmentFile file;
  SimFs fs;
  const auto directory = std::move(fs.OpenDirectory("/d", true, 0).value());
  fs.SetContents("/d", file.name, file.bytes);
  const auto opened = std::move(directory->Open(file.name, storage::io::OpenMode::kRead).value());
  fs.SetFailures([](SimCall call, const std::string&) { return call == SimCall::kRead ? EIO : 0; });
  EXPECT_EQ(ReadSegment(*opened, *ParseSegmentName(file.name)).error, EIO);
}

}  // namespace
}  // namespace weir::tests
