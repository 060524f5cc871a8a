// A bounded, lock-free queue between any number of threads, and the account of its room.
//
// Room is reserved before an element is pushed and given back when its holder says so, which may be
// long after it was popped: an exporter's queue counts a batch until the backend has answered.
//
//   TryReserve ─► Push ─► [ waiting ] ─► Pop ─► (the holder works) ─► Release
//   └──────────────── room taken, in items and in bytes ──────────────────┘
//
// The order is first-in first-out per pushing thread; between threads it is about that. The one
// door to moodycamel::ConcurrentQueue.
//
// Memory order. The counts of QueueRoom guard no other memory, but whoever waits for room announces
// itself and then tries again, while whoever releases room then looks for such an announcement; one
// of the two must see the other, so all operations on the counts are sequentially consistent (and
// so must be the announcement). The elements themselves are published by moodycamel's enqueue
// (release) and taken by its dequeue (acquire). PopPromised additionally needs that the push
// happened before: the count by which a caller knows of the element must be raised behind Push with
// release order and read with acquire order.
#pragma once

// ThreadSanitizer does not know fences, and gcc says so. Those in here order the counts by which
// consumers compete; the elements are published by release and acquire, which it sees.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wtsan"
#endif
#include <concurrentqueue/concurrentqueue.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/check.h"

namespace weir {

// What an element takes, or may take at most.
struct QueueLoad {
  size_t items = 0;
  size_t bytes = 0;
  static constexpr size_t kNoLimit = SIZE_MAX;
};

// The account of a queue's room. Thread-safe and lock-free.
class QueueRoom {
 public:
  // A limit of kNoLimit items or bytes is none; they are counted all the same.
  explicit QueueRoom(QueueLoad limit) : limit_(limit) {}
  QueueRoom(const QueueRoom&) = delete;
  QueueRoom& operator=(const QueueRoom&) = delete;

  // Takes both, or nothing and false when either would pass its limit. Two that compete for the
  // last room may both fail when one of them lacks only bytes.
  [[nodiscard]] bool TryReserve(QueueLoad load) {
    if (!TryAdd(items_, load.items, limit_.items)) return false;
    if (TryAdd(bytes_, load.bytes, limit_.bytes)) return true;
    items_.fetch_sub(load.items);
    return false;
  }
  // Takes both even past the limit, for what is inside already.
  void ForceReserve(QueueLoad load) {
    items_.fetch_add(load.items);
    bytes_.fetch_add(load.bytes);
  }
  void Release(QueueLoad load) {
    const size_t items = items_.fetch_sub(load.items);
    const size_t bytes = bytes_.fetch_sub(load.bytes);
    CHECK(items >= load.items && bytes >= load.bytes) << "released more room than was reserved";
  }
  // Whether an empty queue could take `load`.
  bool CouldFit(QueueLoad load) const {
    return load.items <= limit_.items && load.bytes <= limit_.bytes;
  }
  QueueLoad used() const { return {items_.load(), bytes_.load()}; }
  const QueueLoad& limit() const { return limit_; }

 private:
  static bool TryAdd(std::atomic<size_t>& used, size_t amount, size_t limit) {
    size_t now = used.load();
    do {
      if (amount > limit || now > limit - amount) return false;
    } while (!used.compare_exchange_weak(now, now + amount));
    return true;
  }

  const QueueLoad limit_;
  std::atomic<size_t> items_{0};
  std::atomic<size_t> bytes_{0};
};

// The queue. `room` outlives it and may be shared with whoever admits elements. T is movable.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(QueueRoom& room) : room_(room) {}

  // Reserves room for `value` and adds it; false, and `value` untouched, when there is none.
  [[nodiscard]] bool TryPush(T&& value, QueueLoad load) {
    if (!room_.TryReserve(load)) return false;
    Push(std::move(value));
    return true;
  }
  // Adds `value`, for which room is reserved.
  void Push(T&& value) {
    CHECK(queue_.enqueue(std::move(value))) << "a queue without memory for its blocks";
  }
  // Takes an element out; its room stays taken. False when none was found, which other threads'
  // pushes and pops may make wrong at once.
  [[nodiscard]] bool TryPop(T& value) { return queue_.try_dequeue(value); }
  // Takes an element out of which the caller knows that it is there and that nobody else takes it:
  // it holds one of as many promises as elements were pushed before. Another thread's dequeue may
  // hide it for a moment, so this looks again until it shows.
  T PopPromised() {
    T value;
    while (!queue_.try_dequeue(value)) {
    }
    return value;
  }
  QueueRoom& room() { return room_; }

 private:
  QueueRoom& room_;
  moodycamel::ConcurrentQueue<T> queue_;
};

}  // namespace weir
