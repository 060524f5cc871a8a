// What a journal costs per 300 B log: records of 300 kB (1000 logs) appended, read and delivered,
// with so many appends waiting at a time; and how long a start over what is queued takes.
//
//   weir-journal-bench DIRECTORY [MEBIBYTES] [WAITING]
//
// Prints CPU of the process per log, bytes per second of wall time, and the start.
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "base/check.h"
#include "storage/journal/journal.h"

namespace weir {
namespace {

using storage::journal::Journal;
using Seconds = std::chrono::duration<double>;

constexpr size_t kRecordSize = 300'000;
constexpr double kLogsPerRecord = 1000;

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

// Prints what happened between its construction and Done.
class Phase {
 public:
  explicit Phase(const char* name) : name_(name) {}
  void Done(size_t records) const {
    const double wall = Seconds(std::chrono::steady_clock::now() - begin_).count();
    const double cpu = CpuSeconds() - cpu_;
    const auto count = static_cast<double>(records);
    std::printf("%-8s %7zu records  %6.3f us CPU per log  %7.1f us CPU per record  %7.1f MB/s\n",
                name_, records, cpu * 1e6 / count / kLogsPerRecord, cpu * 1e6 / count,
                count * kRecordSize / 1e6 / wall);
  }

 private:
  const char* const name_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  const double cpu_ = CpuSeconds();
};

void AppendAll(Journal& journal, size_t records, size_t waiting_max) {
  std::string text(kRecordSize, '\0');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7 + i / 251);
  const Slice payload = Slice::Copy(text);
  std::mutex mutex;
  std::condition_variable changed;
  size_t waiting = 0;
  const Phase phase("append");
  for (size_t i = 0; i < records; ++i) {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return waiting < waiting_max; });
      ++waiting;
    }
    journal.Append({payload.Sub(0, 100), payload.Sub(100, kRecordSize - 100)}, 1, [&](auto result) {
      CHECK(result.has_value()) << result.error().ToString();
      const std::lock_guard lock(mutex);
      --waiting;
      changed.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return waiting == 0; });
  phase.Done(records);
}

void ReadAll(Journal& journal) {
  const Phase phase("read");
  size_t count = 0;
  uint64_t from = 0;
  while (true) {
    const auto records = journal.Read(0, from, 4 << 20, nullptr);
    CHECK(records.has_value()) << records.error().ToString();
    if (records->empty()) break;
    for (const auto& record : *records) {
      journal.Delivered(0, record.sequence);
      from = record.sequence + 1;
      ++count;
    }
  }
  phase.Done(count);
}

int Run(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "weir-journal-bench DIRECTORY [MEBIBYTES] [WAITING]\n");
    return 2;
  }
  const size_t mebibytes = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1024;
  const size_t waiting = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 16;
  const std::string path = std::string(argv[1]) + "/journal-bench";
  std::filesystem::remove_all(path);
  ThreadPool writers("writer", 1);
  const auto open = [&] {
    const auto begin = std::chrono::steady_clock::now();
    auto journal = Journal::Open(storage::io::FileSystem::Real(), path, {}, writers, Logger());
    CHECK(journal.has_value()) << journal.error().ToString();
    std::printf("open     %7zu records  %.3f s\n",
                static_cast<size_t>((*journal)->undelivered(0).records),
                Seconds(std::chrono::steady_clock::now() - begin).count());
    return std::move(*journal);
  };
  AppendAll(*open(), (mebibytes << 20) / kRecordSize, waiting);
  ReadAll(*open());
  std::filesystem::remove_all(path);
  return 0;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) { return weir::Run(argc, argv); }
