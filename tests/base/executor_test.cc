#include "base/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace weir {
namespace {

TEST(ThreadPool, RunsPostedTasksAndTimersInOrder) {
  ThreadPool pool("test", 2);
  std::promise<void> first;
  std::promise<void> second;
  pool.PostAfter(std::chrono::milliseconds(1), [&] { second.set_value(); });
  pool.Post([&] { first.set_value(); });
  first.get_future().get();
  second.get_future().get();
}

TEST(ThreadPool, CancelledTimerNeverRuns) {
  std::atomic<bool> ran = false;
  {
    ThreadPool pool("test", 1);
    const auto timer = pool.PostAfter(std::chrono::hours(1), [&] { ran = true; });
    EXPECT_TRUE(pool.Cancel(timer));
    EXPECT_FALSE(pool.Cancel(timer));
  }
  EXPECT_FALSE(ran);
}

TEST(ThreadPool, DestructorFinishesWhatWasPosted) {
  std::atomic<int> ran = 0;
  {
    ThreadPool pool("test", 1);
    for (int i = 0; i < 100; ++i) pool.Post([&] { ++ran; });
  }
  EXPECT_EQ(ran, 100);
}

}  // namespace
}  // namespace weir
