// A server's memory under memory_limiter, without sockets: threads that receive messages of 100 to
// 500 kB in pieces of 8 KiB and flatten them into charged buffers, a queue, threads that send. The
// backend works, stalls, and works again. Printed: peak RSS of each phase, and how long goodput
// takes to come back.
//
//   memory_limit_bench [limit_mib [arena_max [mmap_threshold_kib]]]     0: glibc's own setting
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "base/byte_budget.h"
#include "base/mutex.h"
#include "base/slice.h"
#include "pipeline/memory_limit.h"

namespace weir {
namespace {

using std::chrono::milliseconds;

constexpr size_t kPieceBytes = 8192;
constexpr size_t kMiB = size_t{1} << 20;
constexpr int kReceivers = 4;
constexpr int kSenders = 2;

struct Server {
  ByteBudget budget{1024 * kMiB};
  std::shared_ptr<pipeline::MemoryLimit> limit;
  Mutex mutex;
  std::deque<Slice> queue GUARDED_BY(mutex);
  std::atomic<bool> stalled{false};
  std::atomic<bool> stopping{false};
  std::atomic<uint64_t> sent{0}, refused{0};
};

// One message as gRPC hands it over, copied into one charged block.
bool Receive(Server& server, size_t size) {
  std::vector<std::unique_ptr<char[]>> pieces;
  MutableBuffer buffer = MutableBuffer::TryAllocate(size, server.budget);
  if (!buffer) return false;
  for (size_t got = 0; got < size; got += kPieceBytes) {
    pieces.emplace_back(new char[kPieceBytes]);
    std::memset(pieces.back().get(), 'x', kPieceBytes);
  }
  for (const auto& piece : pieces) {
    buffer.Append({piece.get(), std::min(kPieceBytes, size - buffer.size())});
  }
  pieces.clear();
  if (server.limit->MustRefuse()) return false;
  MutexLock lock(server.mutex);
  server.queue.push_back(std::move(buffer).Freeze());
  return true;
}

void RunReceiver(Server& server, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<size_t> size(100'000, 500'000);
  while (!server.stopping) {
    if (Receive(server, size(random))) continue;
    ++server.refused;
    std::this_thread::sleep_for(milliseconds(5));  // the other clients' turn
  }
}

void RunSender(Server& server) {
  uint64_t sum = 0;
  while (!server.stopping) {
    Slice slice;
    if (!server.stalled) {
      MutexLock lock(server.mutex);
      if (!server.queue.empty()) {
        slice = std::move(server.queue.front());
        server.queue.pop_front();
      }
    }
    if (slice.empty()) {
      std::this_thread::sleep_for(milliseconds(1));
      continue;
    }
    for (const char c : slice.view()) sum += static_cast<unsigned char>(c);
    server.sent += slice.size();
  }
  if (sum == 1) std::puts("");
}

struct Watch {
  size_t peak = 0;
  std::vector<double> rates;  // MiB sent in each tenth of a second
};

Watch Observe(Server& server, milliseconds duration) {
  Watch watch;
  uint64_t sent = server.sent;
  for (auto left = duration; left.count() > 0; left -= milliseconds(100)) {
    for (int i = 0; i < 10; ++i) {
      std::this_thread::sleep_for(milliseconds(10));
      watch.peak = std::max(watch.peak, pipeline::ProcessMemory::Real().ResidentBytes());
    }
    const uint64_t now = server.sent;
    watch.rates.push_back(static_cast<double>(now - sent) / kMiB);
    sent = now;
  }
  return watch;
}

void Print(const char* phase, const Server& server, const Watch& watch) {
  double sum = 0;
  for (const double rate : watch.rates) sum += rate;
  std::printf("%-10s peak RSS %6.1f MiB   charged %6.1f of %6.1f MiB   %7.1f MiB/s   refused %lu\n",
              phase, static_cast<double>(watch.peak) / kMiB,
              static_cast<double>(server.budget.used_bytes()) / kMiB,
              static_cast<double>(server.budget.limit_bytes()) / kMiB,
              sum * 10 / static_cast<double>(watch.rates.size()), server.refused.load());
}

void PrintRecovery(const Watch& before, const Watch& after) {
  std::vector<double> rates = before.rates;
  std::sort(rates.begin(), rates.end());
  const double median = rates[rates.size() / 2];
  for (size_t i = 0; i < after.rates.size(); ++i) {
    if (after.rates[i] < 0.9 * median) continue;
    std::printf("90 %% of the goodput again within %.1f s\n", 0.1 * static_cast<double>(i + 1));
    return;
  }
  std::puts("goodput did not come back to 90 %");
}

void Run(uint32_t limit_mib) {
  Server server;
  {
    ThreadPool executor("bench", 2);
    pipeline::MemoryLimitConfig config;
    config.check_interval = std::chrono::seconds(1);
    config.limit_mib = limit_mib;
    server.limit = pipeline::MemoryLimit::Make(config, server.budget, executor, Logger());
    server.limit->Start();
    std::vector<std::thread> threads;
    for (int i = 0; i < kReceivers; ++i) {
      threads.emplace_back([&server, i] { RunReceiver(server, static_cast<unsigned>(i)); });
    }
    for (int i = 0; i < kSenders; ++i) threads.emplace_back([&server] { RunSender(server); });
    const Watch well = Observe(server, std::chrono::seconds(5));
    Print("well", server, well);
    server.stalled = true;
    Print("stalled", server, Observe(server, std::chrono::seconds(8)));
    server.stalled = false;
    const Watch again = Observe(server, std::chrono::seconds(5));
    Print("again", server, again);
    PrintRecovery(well, again);
    server.stopping = true;
    for (std::thread& thread : threads) thread.join();
    server.limit->Stop();
  }
  MutexLock lock(server.mutex);
  server.queue.clear();
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  const auto argument = [&](int i, int otherwise) {
    return argc > i ? std::atoi(argv[i]) : otherwise;
  };
  if (const int arenas = argument(2, 0)) mallopt(M_ARENA_MAX, arenas);
  if (const int kib = argument(3, 0)) mallopt(M_MMAP_THRESHOLD, kib * 1024);
  weir::Run(static_cast<uint32_t>(argument(1, 128)));
  return 0;
}
