#include "base/bounded_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace weir {
namespace {

TEST(QueueRoom, TakesBothOrNothing) {
  QueueRoom room({.items = 2, .bytes = 100});
  EXPECT_TRUE(room.TryReserve({1, 60}));
  EXPECT_FALSE(room.TryReserve({1, 41}));
  EXPECT_EQ(room.used().items, 1u);
  EXPECT_EQ(room.used().bytes, 60u);
  EXPECT_TRUE(room.TryReserve({1, 40}));
  EXPECT_FALSE(room.TryReserve({1, 0}));
  room.Release({1, 60});
  EXPECT_TRUE(room.TryReserve({1, 60}));
  EXPECT_FALSE(room.CouldFit({3, 0}));
  EXPECT_TRUE(room.CouldFit({2, 100}));
}

TEST(QueueRoom, MayBeForcedPastItsLimit) {
  QueueRoom room({.items = 1, .bytes = QueueLoad::kNoLimit});
  room.ForceReserve({3, 5});
  EXPECT_FALSE(room.TryReserve({1, 1}));
  room.Release({3, 5});
  EXPECT_TRUE(room.TryReserve({1, SIZE_MAX - 1}));
}

TEST(QueueRoom, RefusesToReleaseWhatWasNotReserved) {
  QueueRoom room({.items = 2, .bytes = 2});
  EXPECT_TRUE(room.TryReserve({1, 1}));
  EXPECT_DEATH(room.Release({2, 1}), "more room than was reserved");
}

TEST(BoundedQueue, RefusesPastItsRoomAndKeepsTheValue) {
  QueueRoom room({.items = 1, .bytes = 10});
  BoundedQueue<std::unique_ptr<int>> queue(room);
  EXPECT_TRUE(queue.TryPush(std::make_unique<int>(1), {1, 5}));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.TryPush(std::move(second), {1, 5}));
  ASSERT_NE(second, nullptr);
  std::unique_ptr<int> out;
  EXPECT_TRUE(queue.TryPop(out));
  EXPECT_EQ(*out, 1);
  EXPECT_FALSE(queue.TryPush(std::move(second), {1, 5})) << "room is kept until it is released";
  room.Release({1, 5});
  EXPECT_TRUE(queue.TryPush(std::move(second), {1, 5}));
  EXPECT_TRUE(queue.TryPop(out));
  EXPECT_FALSE(queue.TryPop(out));
}

// Scenario: producers and consumers over a small queue, each consumer releasing what it popped.
// Guarantees: every element arrives once, in the order of its producer as any one consumer sees
// it, and the room is never exceeded and all back in the end.
TEST(BoundedQueue, LosesNothingBetweenThreads) {
  constexpr int kProducers = 3, kConsumers = 3, kEach = 20'000;
  QueueRoom room({.items = 50, .bytes = 500});
  BoundedQueue<int> queue(room);
  std::atomic<int> taken{0};
  std::atomic<bool> exceeded{false};
  std::vector<std::vector<int>> seen(kConsumers);
  std::vector<std::thread> threads;
  threads.reserve(kProducers + kConsumers);
  for (int p = 0; p < kProducers; ++p) {
    threads.emplace_back([&, p] {
      for (int i = 0; i < kEach; ++i) {
        const int value = p * kEach + i;
        while (!queue.TryPush(int{value}, {1, 10})) std::this_thread::yield();
      }
    });
  }
  for (int c = 0; c < kConsumers; ++c) {
    threads.emplace_back([&, c] {
      while (taken.load() < kProducers * kEach) {
        int value = 0;
        if (!queue.TryPop(value)) {
          std::this_thread::yield();
          continue;
        }
        if (room.used().items > 50 || room.used().bytes > 500) exceeded = true;
        seen[static_cast<size_t>(c)].push_back(value);
        room.Release({1, 10});
        taken.fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(room.used().items, 0u);
  EXPECT_EQ(room.used().bytes, 0u);
  std::vector<int> all;
  for (const std::vector<int>& one : seen) {
    std::vector<int> last(kProducers, -1);
    for (const int value : one) {
      int& before = last[static_cast<size_t>(value / kEach)];
      EXPECT_LT(before, value);
      before = value;
    }
    all.insert(all.end(), one.begin(), one.end());
  }
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), static_cast<size_t>(kProducers) * kEach);
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

// Scenario: a count of promises raised behind each push, as a dispatcher keeps it.
// Guarantees: a promised element is always there.
TEST(BoundedQueue, KeepsPromises) {
  constexpr int kThreads = 4, kEach = 20'000;
  QueueRoom room({QueueLoad::kNoLimit, QueueLoad::kNoLimit});
  BoundedQueue<int> queue(room);
  std::atomic<int> promises{0};
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 1; i <= kEach; ++i) {
        queue.Push(int{i});
        promises.fetch_add(1, std::memory_order_acq_rel);
        int now = promises.load();
        while (now > 0 && !promises.compare_exchange_weak(now, now - 1)) {
        }
        if (now > 0) sum.fetch_add(queue.PopPromised());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (; promises.load() > 0; promises.fetch_sub(1)) sum.fetch_add(queue.PopPromised());
  EXPECT_EQ(sum.load(), int64_t{kThreads} * kEach * (kEach + 1) / 2);
}

}  // namespace
}  // namespace weir
