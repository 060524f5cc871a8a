#include "storage/journal/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <map>

#include "tests/storage_journal/support.h"

namespace weir::tests {
namespace {

using storage::journal::Options;
using storage::journal::Sequence;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kText = [](int i) { return "record " + std::to_string(i); };

std::vector<std::string> Texts(int first, int last) {
  std::vector<std::string> texts;
  for (int i = first; i <= last; ++i) texts.push_back(kText(i));
  return texts;
}

TEST(Journal, ReadsBackWhatWasAppendedInOrder) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  for (int i = 1; i <= 200; ++i) EXPECT_EQ(f.Append(kText(i)).value(), static_cast<uint64_t>(i));
  EXPECT_GT(f.Segments().size(), 1U);
  EXPECT_EQ(f.ReadAll(), Texts(1, 200));
  EXPECT_EQ(f.journal->undelivered(0).records, 200U);
}

TEST(Journal, KeepsTypeAndPartsOfARecord) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  f.journal->Append({Slice::Copy("one"), Slice(), Slice::Copy(" two"), Slice::Copy("!")}, 7,
                    [](auto) {});
  f.journal->Append({}, 8, [](auto) {});
  f.executor.RunPosted();
  const auto records = f.journal->Read(0, 0, 1000, nullptr).value();
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].type, 7);
  EXPECT_EQ(records[0].bytes.view(), "one two!");
  EXPECT_EQ(records[1].type, 8);
  EXPECT_EQ(records[1].bytes.size(), 0U);
}

TEST(Journal, SharesOneSyncAmongAllThatWait) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  ASSERT_TRUE(f.Append("first").has_value());
  int syncs = 0;
  f.fs->SetFailures([&](SimCall call, const std::string&) {
    syncs += call == SimCall::kSyncFile;
    return 0;
  });
  int answers = 0;
  for (int i = 0; i < 20; ++i) {
    f.journal->Append({Slice::Copy("x")}, 1, [&](auto result) { answers += result.has_value(); });
  }
  EXPECT_EQ(answers, 0);  // Append itself does nothing on the disk
  f.executor.RunPosted();
  EXPECT_EQ(answers, 20);
  EXPECT_EQ(syncs, 1);
}

TEST(Journal, ComesBackAfterClosing) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  for (int i = 1; i <= 100; ++i) ASSERT_TRUE(f.Append(kText(i)).has_value());
  f.Deliver(1, 30);
  ASSERT_TRUE(f.Open().ok());
  EXPECT_EQ(f.journal->undelivered(0).records, 70U);
  EXPECT_EQ(f.journal->first_undelivered(0), 31U);
  EXPECT_EQ(f.ReadAll(), Texts(31, 100));
  EXPECT_EQ(f.Append("next").value(), 101U);
}

TEST(Journal, ReadsOnlyTheLastSegmentWholeWhenOpened) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  for (int i = 1; i <= 300; ++i) ASSERT_TRUE(f.Append(kText(i)).has_value());
  const std::vector<std::string> segments = f.Segments();
  ASSERT_GT(segments.size(), 4U);
  f.Restart(f.fs->Crash(1));
  std::map<std::string, int> reads;
  f.fs->SetFailures([&](SimCall call, const std::string& name) {
    reads[name] += call == SimCall::kRead;
    return 0;
  });
  ASSERT_TRUE(f.Open().ok());
  // Header, seal, index header, index: no frame of a record.
  for (size_t i = 0; i + 1 < segments.size(); ++i) EXPECT_LE(reads[segments[i]], 4) << i;
  EXPECT_EQ(f.journal->undelivered(0).records, 300U);
}

TEST(Journal, RemovesSegmentsThatEveryCursorHasPassed) {
  Options options = SmallOptions();
  options.cursors = {"a", "b"};
  JournalFixture f(options);
  ASSERT_TRUE(f.Open().ok());
  for (int i = 1; i <= 300; ++i) ASSERT_TRUE(f.Append(kText(i)).has_value());
  const size_t all = f.Segments().size();
  f.Deliver(1, 300, 0);
  f.Settle();
  EXPECT_EQ(f.Segments().size(), all);
  f.Deliver(1, 150, 1);
  f.Settle();
  EXPECT_LT(f.Segments().size(), all);
  EXPECT_EQ(f.ReadAll(0), Texts(1, 0));
  EXPECT_EQ(f.ReadAll(1), Texts(151, 300));
  f.Deliver(151, 300, 1);
  f.Settle();
  EXPECT_THAT(f.Segments(), SizeIs(1));  // the one being written
}

TEST(Journal, DeliversInAnyOrder) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  for (int i = 1; i <= 10; ++i) ASSERT_TRUE(f.Append(kText(i)).has_value());
  for (const Sequence s : {7u, 3u, 3u, 1u, 99u}) f.journal->Delivered(0, s);
  EXPECT_EQ(f.journal->undelivered(0).records, 7U);
  ASSERT_TRUE(f.Open().ok());
  EXPECT_THAT(f.ReadAll(),
              ElementsAre(kText(2), kText(4), kText(5), kText(6), kText(8), kText(9), kText(10)));
}

TEST(Journal, WritesCursorsALittleLater) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(f.Append(kText(i)).has_value());
  f.Deliver(1, 1);
  f.Settle();
  f.Deliver(2, 2);
  f.Restart(f.fs->Crash(3));
  ASSERT_TRUE(f.Open().ok());
  EXPECT_EQ(f.ReadAll(), Texts(2, 3));
}

TEST(Journal, GivesARecordLargerThanASegmentOneOfItsOwn) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  const std::string large(100000, 'x');
  ASSERT_TRUE(f.Append("small").has_value());
  ASSERT_TRUE(f.Append(large).has_value());
  ASSERT_TRUE(f.Append("small again").has_value());
  f.Restart(f.fs->Crash(1));
  ASSERT_TRUE(f.Open().ok());
  EXPECT_THAT(f.ReadAll(), ElementsAre("small", large, "small again"));
}

TEST(Journal, RefusesAnAppendOnceClosed) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  f.journal->Close();
  const auto answer = f.Append("late");
  ASSERT_FALSE(answer.has_value());
  EXPECT_TRUE(answer.error().retryable());
  EXPECT_THAT(f.ReadAll(), IsEmpty());
}

TEST(Journal, CommitsWhatWaitsWhenItCloses) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  bool durable = false;
  f.journal->Append({Slice::Copy("last")}, 1, [&](auto result) { durable = result.has_value(); });
  f.journal->Close();
  EXPECT_TRUE(durable);
  ASSERT_TRUE(f.Open().ok());
  EXPECT_THAT(f.ReadAll(), ElementsAre("last"));
}

TEST(Journal, IsOpenOnce) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  const auto second =
      storage::journal::Journal::Open(*f.fs, kJournalPath, f.options, f.executor, Logger());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), StatusCode::kDeadlineExceeded);
  EXPECT_THAT(second.error().message(), HasSubstr("timeout: another process has /queue open"));
}

TEST(Journal, WritesToANewSegmentAfterAFailedSync) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  ASSERT_TRUE(f.Append(kText(1)).has_value());
  const std::string poisoned = f.Segments().back();
  int syncs_of_poisoned = 0;
  f.fs->SetFailures([&](SimCall call, const std::string& name) {
    if (call != SimCall::kSyncFile || name != poisoned) return 0;
    ++syncs_of_poisoned;
    return EIO;
  });
  EXPECT_EQ(f.Append(kText(2)).value(), 2U);
  EXPECT_EQ(f.Append(kText(3)).value(), 3U);
  EXPECT_EQ(syncs_of_poisoned, 1);  // never again on that descriptor
  EXPECT_EQ(f.ReadAll(), Texts(1, 3));
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    JournalFixture after;
    after.Restart(f.fs->Crash(seed));
    ASSERT_TRUE(after.Open().ok());
    EXPECT_EQ(after.ReadAll(), Texts(1, 3)) << seed;
  }
}

TEST(Journal, RefusesWhenNoFileTakesTheRecord) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  ASSERT_TRUE(f.Append(kText(1)).has_value());
  f.fs->SetFailures(
      [](SimCall call, const std::string&) { return call == SimCall::kSyncFile ? EIO : 0; });
  const auto refused = f.Append("refused");
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().retryable());
  EXPECT_THAT(refused.error().message(), HasSubstr("Input/output error"));
  EXPECT_EQ(f.journal->refused_records(), 1U);
  f.fs->SetFailures(nullptr);
  f.Settle();
  EXPECT_EQ(f.Append(kText(2)).value(), 2U);
  EXPECT_EQ(f.ReadAll(), Texts(1, 2));
  f.Restart(f.fs->Crash(5));
  ASSERT_TRUE(f.Open().ok());
  EXPECT_EQ(f.ReadAll(), Texts(1, 2));
}

TEST(Journal, RefusesOnAFullDiskAndGoesOnReadingAndRemoving) {
  Options options = SmallOptions();
  options.ballast_size_bytes = 2048;
  JournalFixture f(options);
  ASSERT_TRUE(f.Open().ok());
  int appended = 0;
  for (; appended < 200; ++appended) ASSERT_TRUE(f.Append(kText(appended + 1)).has_value());
  f.fs->SetCapacity(f.fs->used_bytes());
  auto answer = f.Append(kText(appended + 1));
  while (answer.has_value()) answer = f.Append(kText(++appended + 1));
  EXPECT_TRUE(answer.error().retryable());
  EXPECT_TRUE(answer.error().retry_after().has_value());
  EXPECT_THAT(answer.error().message(), HasSubstr("No space left on device; free space"));
  EXPECT_EQ(f.ReadAll(), Texts(1, appended));
  f.Deliver(1, static_cast<Sequence>(appended));
  f.Settle();
  EXPECT_THAT(f.Segments(), SizeIs(0));
  // The room that was freed serves new records.
  ASSERT_TRUE(f.Append("again").has_value());
  EXPECT_THAT(f.ReadAll(), ElementsAre("again"));
  EXPECT_EQ(f.log->Count("No file can be created; new records are refused until that is possible."),
            1U);
  EXPECT_EQ(f.log->Count("New records are stored again."), 1U);
}

TEST(Journal, SkipsADamagedRecordAndCountsIt) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  for (int i = 1; i <= 300; ++i) ASSERT_TRUE(f.Append(kText(i)).has_value());
  const std::string first = f.Segments().front();
  const std::string last = f.Segments().back();
  for (const std::string& name : {first, last}) {
    std::string bytes = f.fs->Contents(kJournalPath, name);
    bytes[bytes.find("record") + 2] ^= 1;
    f.fs->SetContents(kJournalPath, name, bytes);
  }
  f.Restart(f.fs->Crash(1));
  ASSERT_TRUE(f.Open().ok());
  EXPECT_THAT(f.ReadAll(), SizeIs(298));
  EXPECT_EQ(f.journal->damaged_records(), 2U);
  EXPECT_EQ(f.journal->undelivered(0).records, 298U);
}

TEST(Journal, SkipsASectorThatCannotBeRead) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(f.Append(kText(i)).has_value());
  int reads = 0;
  f.fs->SetFailures([&](SimCall call, const std::string&) {
    // The run of five, then its third record alone.
    return call == SimCall::kRead && (++reads == 1 || reads == 4) ? EIO : 0;
  });
  EXPECT_THAT(f.ReadAll(), ElementsAre(kText(1), kText(2), kText(4), kText(5)));
  EXPECT_EQ(f.journal->damaged_records(), 1U);
}

TEST(Journal, GoesOnBehindAFileThatSomebodyRemoved) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  for (int i = 1; i <= 200; ++i) ASSERT_TRUE(f.Append(kText(i)).has_value());
  f.journal->Close();
  ASSERT_TRUE(f.Open().ok());
  const auto directory = std::move(f.fs->OpenDirectory(kJournalPath, false, 0).value());
  ASSERT_EQ(directory->Remove(f.Segments()[1]), 0);
  const auto left = f.ReadAll();
  EXPECT_EQ(left.front(), kText(1));
  EXPECT_EQ(left.back(), kText(200));
  EXPECT_EQ(f.journal->damaged_records(), 200 - left.size());
  EXPECT_EQ(f.journal->undelivered(0).records, left.size());
  EXPECT_EQ(f.Append("next").value(), 201U);
}

TEST(Journal, FindsRecordsOfASegmentWhoseIndexIsDamaged) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  for (int i = 1; i <= 200; ++i) ASSERT_TRUE(f.Append(kText(i)).has_value());
  const std::string first = f.Segments().front();
  std::string bytes = f.fs->Contents(kJournalPath, first);
  bytes[bytes.size() - 50] ^= 1;
  f.fs->SetContents(kJournalPath, first, bytes);
  f.Restart(f.fs->Crash(1));
  ASSERT_TRUE(f.Open().ok());
  EXPECT_EQ(f.ReadAll(), Texts(1, 200));
}

TEST(Journal, BeginsWithoutCursorsWhenTheirFileIsDamaged) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(f.Append(kText(i)).has_value());
  f.Deliver(1, 3);
  f.journal->Close();
  f.fs->SetContents(kJournalPath, "cursors", "garbage");
  ASSERT_TRUE(f.Open().ok());
  EXPECT_EQ(f.ReadAll(), Texts(1, 5));
}

TEST(Journal, RefusesToOpenANewerFormat) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  ASSERT_TRUE(f.Append("x").has_value());
  const std::string name = f.Segments().front();
  f.journal->Close();
  storage::journal::SegmentHeader header;
  header.version = 9;
  f.fs->SetContents(kJournalPath, name, EncodeSegmentHeader(header));
  const Status status = f.Open();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("has version 9, this program reads version 1"));
}

TEST(Journal, PutsAFileOfGarbageAside) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  for (int i = 1; i <= 100; ++i) ASSERT_TRUE(f.Append(kText(i)).has_value());
  const std::string first = f.Segments().front();
  f.journal->Close();
  f.fs->SetContents(kJournalPath, first, std::string(5000, 'g'));
  ASSERT_TRUE(f.Open().ok());
  EXPECT_THAT(f.ReadAll(), ::testing::Contains(kText(100)));
  EXPECT_EQ(f.journal->damaged_records(), 1U);
  EXPECT_EQ(f.fs->Contents(kJournalPath, first + ".damaged").size(), 5000U);
}

TEST(Journal, ChargesWhatItReads) {
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  ASSERT_TRUE(f.Append(std::string(1000, 'x')).has_value());
  {
    const auto records = f.journal->Read(0, 0, 4096, &f.budget).value();
    EXPECT_GE(f.budget.used_bytes(), 1000U);
  }
  EXPECT_EQ(f.budget.used_bytes(), 0U);
  f.budget.SetLimit(500);
  const auto refused = f.journal->Read(0, 0, 4096, &f.budget);
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().retryable());
  EXPECT_EQ(f.journal->damaged_records(), 0U);
}

TEST(Journal, WritesNothingTwiceUnderShortCounts) {
  JournalFixture f;
  f.fs->SetShortCounts(true);
  ASSERT_TRUE(f.Open().ok());
  for (int i = 1; i <= 100; ++i) ASSERT_TRUE(f.Append(kText(i)).has_value());
  EXPECT_EQ(f.ReadAll(), Texts(1, 100));
  f.fs->SetShortCounts(false);
  f.Restart(f.fs->Crash(1));
  ASSERT_TRUE(f.Open().ok());
  EXPECT_EQ(f.ReadAll(), Texts(1, 100));
}

TEST(Journal, NeverReusesANumberThatACursorHasPassed) {
  // Scenario: the process is killed with a record written and not synced; the next one reads and
  // delivers it, and the power goes. The record is lost, its number must not come again.
  JournalFixture f;
  ASSERT_TRUE(f.Open().ok());
  ASSERT_TRUE(f.Append(kText(1)).has_value());
  f.fs->SetFailures(
      [](SimCall call, const std::string&) { return call == SimCall::kSyncFile ? EIO : 0; });
  ASSERT_FALSE(f.Append(kText(2)).has_value());
  f.Restart(f.fs->Kill());
  ASSERT_TRUE(f.Open().ok());
  const auto before = f.ReadAll();
  f.Deliver(1, 2);
  f.Settle();
  f.Restart(f.fs->Crash(2));
  ASSERT_TRUE(f.Open().ok());
  ASSERT_TRUE(f.Append("new").has_value());
  EXPECT_THAT(f.ReadAll(), ElementsAre("new"));
}

}  // namespace
}  // namespace weir::tests
