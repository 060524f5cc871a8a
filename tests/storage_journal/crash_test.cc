// Random histories of a journal on a disk that fails, loses power and is started again, compared
// with a model that knows only what was promised.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <random>
#include <set>

#include "tests/storage_journal/support.h"

namespace weir::tests {
namespace {

using storage::journal::Options;
using storage::journal::Sequence;

// What the journal has promised about one record.
struct Promise {
  bool acknowledged = false;
  std::vector<bool> delivered;           // by cursor: said to the journal
  std::vector<bool> delivered_for_good;  // and so long ago that the cursors are written
};

class History {
 public:
  explicit History(uint64_t seed) : seed_(seed), random_(seed), f_(OptionsOf(seed)) {}

  void Run() {
    for (int life = 0; life < 4; ++life) {
      Live();
      if (::testing::Test::HasFailure()) return;
      auto disk = Chance(2) ? f_.fs->Kill() : f_.fs->Crash(random_());
      gone_ = true;  // what the old journal answers now nobody hears
      f_.Restart(std::move(disk));
      gone_ = false;
      CheckAfterStart();
      if (::testing::Test::HasFailure()) return;
    }
  }

 private:
  static Options OptionsOf(uint64_t seed) {
    Options options = SmallOptions();
    options.segment_size_bytes = seed % 3 == 0 ? 1024 : 4096;
    options.ballast_size_bytes = seed % 2 == 0 ? 0 : 1024;
    options.cursors = {"a", "b"};
    return options;
  }
  bool Chance(uint64_t one_in) { return random_() % one_in == 0; }

  // Some appends, deliveries and pauses; the power may go at any change in between.
  void Live() {
    f_.fs->SetDirect(Chance(2));
    ASSERT_TRUE(f_.Open().ok()) << seed_;
    BreakSomething();
    const auto steps = 20 + random_() % 60;
    for (uint64_t i = 0; i < steps && !f_.fs->powered_off(); ++i) Step();
    f_.fs->SetFailures(nullptr);
  }

  void BreakSomething() {
    f_.fs->SetShortCounts(Chance(3));
    if (Chance(3)) f_.fs->SetCapacity(f_.fs->used_bytes() + 2000 + random_() % 12000);
    if (!Chance(2)) f_.fs->PowerOffAt(f_.fs->changes() + random_() % 300);
    if (!Chance(3)) return;
    const uint64_t one_in = 4 + random_() % 20;
    f_.fs->SetFailures([this, one_in](SimCall call, const std::string&) {
      const bool fails = call == SimCall::kSyncFile || call == SimCall::kWrite ||
                         call == SimCall::kSyncDirectory || call == SimCall::kAllocate;
      return fails && faults_() % one_in == 0 ? EIO : 0;
    });
  }

  void Step() {
    switch (random_() % 6) {
      case 0:
      case 1:
      case 2:
        for (uint64_t i = 0, n = 1 + random_() % 8; i < n; ++i) Append();
        if (!Chance(4)) f_.executor.RunPosted();
        break;
      case 3:
        DeliverSome(random_() % 2);
        break;
      case 4:
        f_.executor.RunPosted();
        CheckReads(random_() % 2);
        break;
      case 5:
        Settle();
        break;
    }
  }

  void Append() {
    const std::string text = std::to_string(promises_.size()) + ":" +
                             std::string(random_() % (Chance(20) ? 6000 : 200), 'p');
    const size_t id = promises_.size();
    promises_.push_back({false, {false, false}, {false, false}});
    texts_.push_back(text);
    std::vector<Slice> parts;
    const size_t cut = random_() % (text.size() + 1);
    parts.push_back(Slice::Copy(text.substr(0, cut)));
    parts.push_back(Slice::Copy(text.substr(cut)));
    f_.journal->Append(std::move(parts), 1, [this, id](Result<Sequence> result) {
      if (!gone_) promises_[id].acknowledged = result.has_value();
    });
  }

  void DeliverSome(size_t cursor) {
    const auto records = f_.journal->Read(cursor, 0, random_() % 3000, &f_.budget);
    if (!records) return;
    for (const auto& record : *records) {
      if (Chance(5)) continue;
      promises_[IdOf(record.bytes.view())].delivered[cursor] = true;
      f_.journal->Delivered(cursor, record.sequence);
    }
  }

  // After a second without a fault what was delivered stays so.
  void Settle() {
    f_.Settle();
    if (f_.fs->powered_off()) return;
    f_.fs->SetFailures(nullptr);
    f_.fs->SetCapacity(~uint64_t{0});
    f_.Settle();
    f_.Settle();
    if (f_.fs->powered_off()) return;
    for (Promise& promise : promises_) promise.delivered_for_good = promise.delivered;
  }

  static size_t IdOf(std::string_view text) { return std::stoul(std::string(text)); }

  // Order, content, nothing invented, nothing delivered, nothing acknowledged missing.
  void CheckReads(size_t cursor) {
    if (f_.fs->powered_off()) return;
    std::set<size_t> seen;
    size_t last = 0;
    for (const std::string& text : f_.ReadAll(cursor, 1 + random_() % 4000)) {
      const size_t id = IdOf(text);
      ASSERT_LT(id, texts_.size()) << seed_;
      ASSERT_EQ(text, texts_[id]) << seed_;
      ASSERT_TRUE(seen.insert(id).second) << seed_ << ": twice " << id;
      ASSERT_TRUE(id >= last) << seed_ << ": " << id << " behind " << last;
      ASSERT_FALSE(promises_[id].delivered[cursor]) << seed_ << ": again " << id;
      last = id;
    }
    for (size_t id = 0; id < promises_.size(); ++id) {
      const Promise& promise = promises_[id];
      if (!promise.acknowledged || promise.delivered[cursor]) continue;
      ASSERT_TRUE(seen.count(id)) << seed_ << ": lost " << id;
    }
    ASSERT_EQ(f_.journal->undelivered(cursor).records, seen.size()) << seed_;
  }

  void CheckAfterStart() {
    ASSERT_TRUE(f_.Open().ok()) << seed_;
    ASSERT_EQ(f_.journal->damaged_records(), 0U) << seed_;
    for (size_t cursor = 0; cursor < 2; ++cursor) {
      // A delivery that was not written down in time is forgotten.
      std::set<size_t> back;
      for (const std::string& text : f_.ReadAll(cursor)) back.insert(IdOf(text));
      for (size_t id = 0; id < promises_.size(); ++id) {
        Promise& promise = promises_[id];
        if (promise.delivered_for_good[cursor]) {
          ASSERT_FALSE(back.count(id)) << seed_ << ": came back for good " << id;
        } else if (promise.delivered[cursor] && back.count(id)) {
          promise.delivered[cursor] = false;
        }
      }
      CheckReads(cursor);
    }
  }

  const uint64_t seed_;
  std::mt19937_64 random_;
  std::mt19937_64 faults_{seed_ + 1};
  std::vector<Promise> promises_;
  std::vector<std::string> texts_;
  bool gone_ = false;
  JournalFixture f_;  // answers into the above until it is gone
};

TEST(JournalCrash, KeepsWhatItPromisedInRandomHistories) {
  // WEIR_SEEDS=20000 for a long run.
  const char* const wanted = std::getenv("WEIR_SEEDS");
  const uint64_t seeds = wanted == nullptr ? 200 : std::strtoull(wanted, nullptr, 10);
  for (uint64_t seed = 1; seed <= seeds && !::testing::Test::HasFailure(); ++seed) {
    History(seed).Run();
  }
}

// Appends, rotations, deliveries and removals, the power going at each change once.
TEST(JournalCrash, KeepsWhatItPromisedAtEveryChange) {
  for (uint64_t at = 1;; ++at) {
    JournalFixture f;
    f.options.segment_size_bytes = 1024;
    f.fs->PowerOffAt(at);
    std::vector<std::string> acknowledged;
    size_t delivered = 0;
    if (f.Open().ok()) {
      for (int i = 0; i < 40; ++i) {
        const std::string text = "record " + std::to_string(i) + std::string(60, '.');
        if (f.Append(text).has_value()) acknowledged.push_back(text);
        if (i % 10 == 9) {
          f.Deliver(1, static_cast<Sequence>(i - 4));
          delivered = std::max(delivered, static_cast<size_t>(i - 4));
          f.Settle();
        }
      }
    }
    if (!f.fs->powered_off()) {
      EXPECT_GT(at, 60U);
      break;
    }
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      JournalFixture after;
      after.Restart(f.fs->Crash(seed));
      ASSERT_TRUE(after.Open().ok()) << at;
      const std::vector<std::string> back = after.ReadAll();
      for (size_t i = delivered; i < acknowledged.size(); ++i) {
        ASSERT_THAT(back, ::testing::Contains(acknowledged[i])) << at << " " << seed;
      }
      ASSERT_TRUE(after.Append("next").has_value());
      ASSERT_EQ(after.ReadAll().back(), "next") << at << " " << seed;
      ASSERT_EQ(after.ReadAll().size(), back.size() + 1) << at << " " << seed;
    }
  }
}

}  // namespace
}  // namespace weir::tests
