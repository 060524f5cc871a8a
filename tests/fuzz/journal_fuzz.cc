// Any bytes as files of a journal: the first byte says of which. Opening and reading them neither
// fails nor invents: numbers grow, a record fits its file, and an append behind it all comes back.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "storage/journal/journal.h"
#include "tests/support/manual_executor.h"
#include "tests/support/sim_fs.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr char kPath[] = "/queue";

void ReadAll(weir::storage::journal::Journal& journal, size_t size_max, std::string* last) {
  uint64_t from = 0;
  while (true) {
    const auto records = journal.Read(0, from, 1 << 16, nullptr);
    CHECK(records.has_value()) << records.error().ToString();
    if (records->empty()) return;
    for (const auto& record : *records) {
      CHECK(record.sequence >= from) << record.sequence;
      CHECK(record.bytes.size() <= size_max) << record.bytes.size();
      from = record.sequence + 1;
      *last = record.bytes.view();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using weir::storage::journal::Journal;
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  weir::tests::SimFs fs;
  static_cast<void>(fs.OpenDirectory(kPath, true, 0));
  switch (data[0] % 3) {
    case 0:
      fs.SetContents(kPath, "0000000000000001-00001001.segment", bytes);
      break;
    case 1:
      fs.SetContents(kPath, "cursors", bytes);
      break;
    default:  // two segments, cut where the input's middle is
      fs.SetContents(kPath, "0000000000000001-00001001.segment", bytes.substr(0, bytes.size() / 2));
      fs.SetContents(kPath, "0000000000000002-00001001.segment", bytes.substr(bytes.size() / 2));
      break;
  }
  weir::tests::ManualExecutor executor;
  weir::storage::journal::Options options;
  options.segment_size_bytes = 4096;
  options.ballast_size_bytes = 0;
  options.next_mark = [] { return 7U; };
  const auto opened = Journal::Open(fs, kPath, options, executor, weir::Logger());
  // Only another version refuses.
  if (!opened) return 0;
  std::string last;
  ReadAll(**opened, size, &last);
  bool durable = false;
  (*opened)->Append({weir::Slice::Copy("behind it all")}, 1,
                    [&](auto result) { durable = result.has_value(); });
  executor.RunPosted();
  CHECK(durable);
  ReadAll(**opened, size + 13, &last);
  CHECK(last == "behind it all") << last;
  return 0;
}
