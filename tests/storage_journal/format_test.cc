// The bytes on the disk, as docs/formats/journal.md has them. A change here is a new version of the
// format.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "storage/journal/bytes.h"
#include "storage/journal/cursors.h"
#include "tests/storage_journal/support.h"

namespace weir::tests {
namespace {

using storage::journal::Cursors;
using storage::journal::DecodeCursors;
using storage::journal::DecodeFrameHeader;
using storage::journal::DecodeSegmentHeader;
using storage::journal::EncodeCursors;
using storage::journal::EncodeFrameHeader;
using storage::journal::EncodeSegmentHeader;
using storage::journal::FrameHeader;
using storage::journal::kFrameHeaderSize;
using storage::journal::ParseSegmentName;
using storage::journal::SegmentHeader;
using storage::journal::SegmentName;
using ::testing::ElementsAre;

// "0000: 57 45 ...": sixteen bytes a line; lines that begin with '#' are comment.
std::string ReadHex(const std::string& path) {
  std::ifstream in(path);
  std::string bytes;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line.substr(line.find(':') + 1));
    for (std::string word; words >> word;) {
      bytes += static_cast<char>(std::stoi(word, nullptr, 16));
    }
  }
  return bytes;
}

std::string WriteHex(const std::string& bytes) {
  std::string text;
  char word[32];
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i % 16 == 0) {
      std::snprintf(word, sizeof word, "%s%04zx:", i == 0 ? "" : "\n", i);
      text += word;
    }
    std::snprintf(word, sizeof word, " %02x", static_cast<unsigned char>(bytes[i]));
    text += word;
  }
  return text + "\n";
}

std::string Golden(const std::string& name) {
  return ReadHex(std::string(WEIR_TEST_FOLDER) + "/" + name);
}

// The journal that the golden files were taken from: three records, the first delivered.
void Fill(JournalFixture& f) {
  ASSERT_TRUE(f.Open().ok());
  ASSERT_TRUE(f.Append("one", 1).has_value());
  f.journal->Append({Slice::Copy("twotwo")}, 2, [](auto) {});
  f.journal->Append({Slice::Copy("thr"), Slice::Copy("ee")}, 1, [](auto) {});
  f.executor.RunPosted();
  f.Deliver(1, 1);
  f.journal->Close();
}

TEST(JournalFormat, IsTheGoldenFile) {
  JournalFixture f;
  Fill(f);
  ASSERT_THAT(f.Segments(), ElementsAre("0000000000000001-00001001.segment"));
  const std::string segment = f.fs->Contents(kJournalPath, f.Segments()[0]);
  EXPECT_EQ(segment, Golden("segment.hex")) << WriteHex(segment);
  const std::string cursors = f.fs->Contents(kJournalPath, "cursors");
  EXPECT_EQ(cursors, Golden("cursors.hex")) << WriteHex(cursors);
}

TEST(JournalFormat, IsReadFromTheGoldenFile) {
  JournalFixture f;
  ASSERT_TRUE(f.fs->OpenDirectory(kJournalPath, true, 0).has_value());
  f.fs->SetContents(kJournalPath, "0000000000000001-00001001.segment", Golden("segment.hex"));
  f.fs->SetContents(kJournalPath, "cursors", Golden("cursors.hex"));
  ASSERT_TRUE(f.Open().ok());
  EXPECT_THAT(f.ReadAll(), ElementsAre("twotwo", "three"));
}

TEST(JournalFormat, RefusesAFrameWithAnyBitFlipped) {
  FrameHeader header;
  header.type = 3;
  header.unsynced = 7;
  header.length = 1234;
  header.sequence = 99;
  header.payload_crc = 0xABCDEF01;
  char bytes[kFrameHeaderSize];
  EncodeFrameHeader(header, 42, bytes);
  const auto read = DecodeFrameHeader(bytes, 42);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->type, 3);
  EXPECT_EQ(read->unsynced, 7);
  EXPECT_EQ(read->length, 1234U);
  EXPECT_EQ(read->sequence, 99U);
  EXPECT_EQ(read->payload_crc, 0xABCDEF01U);
  EXPECT_FALSE(DecodeFrameHeader(bytes, 43).has_value());
  for (size_t bit = 0; bit < kFrameHeaderSize * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(DecodeFrameHeader(bytes, 42).has_value()) << bit;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  }
}

TEST(JournalFormat, RefusesASegmentHeaderWithAnyBitFlipped) {
  SegmentHeader header;
  header.mark = 5;
  header.number = 6;
  header.first_sequence = 7;
  header.created_unix_nanos = 8;
  std::string bytes = EncodeSegmentHeader(header);
  ASSERT_EQ(DecodeSegmentHeader(bytes)->first_sequence, 7U);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(DecodeSegmentHeader(bytes).has_value()) << bit;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  }
}

TEST(JournalFormat, NamesSegmentsByNumberAndMark) {
  EXPECT_EQ(SegmentName(42, 0x9F3B0C11), "000000000000002a-9f3b0c11.segment");
  const auto id = ParseSegmentName("000000000000002a-9f3b0c11.segment");
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->number, 42U);
  EXPECT_EQ(id->mark, 0x9F3B0C11U);
  for (const char* other :
       {"", "cursors", "000000000000002a-9f3b0c11.segment.damaged",
        "00000000000000xx-9f3b0c11.segment", "000000000000002a_9f3b0c11.segment",
        "000000000000002a-9f3b0c1.segment"}) {
    EXPECT_FALSE(ParseSegmentName(other).has_value()) << other;
  }
}

TEST(JournalFormat, RefusesCursorsWithAnyByteChangedOrMissing) {
  Cursors cursors;
  cursors["a"].Insert(1, 5);
  cursors["a"].Insert(8);
  cursors["empty"];
  const std::string bytes = EncodeCursors(cursors);
  EXPECT_EQ(DecodeCursors(bytes).value(), cursors);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    EXPECT_EQ(DecodeCursors(changed).error().code(), StatusCode::kDataLoss) << i;
    EXPECT_FALSE(DecodeCursors(bytes.substr(0, i)).has_value()) << i;
  }
}

}  // namespace
}  // namespace weir::tests
