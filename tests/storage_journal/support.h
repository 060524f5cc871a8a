// A journal on a simulated disk, driven by hand.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "storage/journal/journal.h"
#include "tests/support/captured_log.h"
#include "tests/support/manual_executor.h"
#include "tests/support/sim_fs.h"

namespace weir::tests {

inline constexpr char kJournalPath[] = "/queue";

// Small segments, so that a few records fill one.
inline storage::journal::Options SmallOptions() {
  storage::journal::Options options;
  options.segment_size_bytes = 4096;
  options.ballast_size_bytes = 0;
  options.next_mark = [mark = std::make_shared<uint32_t>(0x1000)] { return ++*mark; };
  return options;
}

struct JournalFixture {
  explicit JournalFixture(storage::journal::Options o = SmallOptions()) : options(std::move(o)) {}
  ~JournalFixture() {
    fs->SetFailures(nullptr);  // what it looks at may be gone
    journal.reset();
    executor.RunPosted();
  }

  Status Open() {
    journal.reset();
    executor.RunPosted();
    auto opened =
        storage::journal::Journal::Open(*fs, kJournalPath, options, executor, Logger(log));
    if (!opened) return opened.error();
    journal = std::move(*opened);
    return {};
  }
  // The machine loses power (seed) or the process is killed (no seed), and starts again.
  void Restart(std::unique_ptr<SimFs> disk) {
    journal.reset();
    executor.RunPosted();
    old_disks.push_back(std::move(fs));
    fs = std::move(disk);
  }
  // Appends and waits for the answer.
  Result<storage::journal::Sequence> Append(const std::string& text, uint8_t type = 1) {
    Result<storage::journal::Sequence> answer = Fail(Status::Retryable("no answer"));
    journal->Append({Slice::Copy(text)}, type,
                    [&](Result<storage::journal::Sequence> result) { answer = std::move(result); });
    executor.RunPosted();
    return answer;
  }
  // Everything that cursor has not delivered.
  std::vector<std::string> ReadAll(storage::journal::CursorId cursor = 0, size_t bytes_max = 1000) {
    std::vector<std::string> texts;
    storage::journal::Sequence from = 0;
    while (true) {
      const auto records = journal->Read(cursor, from, bytes_max, &budget);
      if (!records || records->empty()) return texts;
      for (const auto& record : *records) {
        texts.emplace_back(record.bytes.view());
        from = record.sequence + 1;
      }
    }
  }
  void Deliver(storage::journal::Sequence first, storage::journal::Sequence last,
               storage::journal::CursorId cursor = 0) {
    for (auto s = first; s <= last; ++s) journal->Delivered(cursor, s);
  }
  // Lets the cursors be written.
  void Settle() { executor.Advance(std::chrono::seconds(2)); }
  std::vector<std::string> Segments() const {
    std::vector<std::string> names;
    for (const std::string& name : fs->List(kJournalPath)) {
      if (name.ends_with(".segment")) names.push_back(name);
    }
    return names;
  }

  std::vector<std::unique_ptr<SimFs>> old_disks;
  std::unique_ptr<SimFs> fs = std::make_unique<SimFs>();
  std::shared_ptr<CapturedLog> log = std::make_shared<CapturedLog>();
  ByteBudget budget{64 << 20};
  ManualExecutor executor;
  storage::journal::Options options;
  std::unique_ptr<storage::journal::Journal> journal;
};

}  // namespace weir::tests
