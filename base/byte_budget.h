// The memory that telemetry may occupy in this process, charged before it is read (DESIGN,
// "Memory").
//
// A receiver reserves room before it reads or inflates a body; the buffer that holds the body
// carries the charge and gives it back when the last reference goes. What cannot be reserved is not
// read: the client is refused with a delay, or its transport window stays shut. Capacity is
// charged, not length.
//
//   limit ───────────── Reserve fails above this
//   used  ───────────── sum of live charges
//
// Thread-safe; charging is lock-free. A budget outlives every charge taken from it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace weir {

class ByteBudget;

// A part of a budget, given back on destruction. Move-only.
class Charge {
 public:
  Charge() = default;
  Charge(Charge&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Charge& operator=(Charge&& other) noexcept {
    if (this != &other) {
      Release();
      budget_ = std::exchange(other.budget_, nullptr);
      bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
  }
  ~Charge() { Release(); }

  size_t bytes() const { return bytes_; }
  explicit operator bool() const { return budget_ != nullptr; }
  // Grows or shrinks to `bytes`. Growing may fail, and then nothing changes.
  [[nodiscard]] bool TryResize(size_t bytes);
  // As TryResize, but never fails: the budget may pass its limit. For bytes that are already in
  // memory.
  void ForceResize(size_t bytes);
  void Release();

 private:
  friend class ByteBudget;
  Charge(ByteBudget* budget, size_t bytes) : budget_(budget), bytes_(bytes) {}
  ByteBudget* budget_ = nullptr;
  size_t bytes_ = 0;
};

// A limit that someone sets for a budget while it exists (pipeline/memory_limit.h). As long as a
// budget has any, the smallest of them holds in place of its own limit. Move-only; goes before the
// budget.
class BudgetCeiling {
 public:
  BudgetCeiling() = default;
  BudgetCeiling(BudgetCeiling&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), id_(other.id_) {}
  BudgetCeiling& operator=(BudgetCeiling&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(id_, other.id_);
    return *this;
  }
  ~BudgetCeiling();

  void Set(size_t limit_bytes);

 private:
  friend class ByteBudget;
  BudgetCeiling(ByteBudget* budget, uint64_t id) : budget_(budget), id_(id) {}
  ByteBudget* budget_ = nullptr;
  uint64_t id_ = 0;
};

class ByteBudget {
 public:
  explicit ByteBudget(size_t limit_bytes) : limit_bytes_(limit_bytes), own_limit_(limit_bytes) {}
  ByteBudget(const ByteBudget&) = delete;
  ByteBudget& operator=(const ByteBudget&) = delete;
  ~ByteBudget();  // CHECKs that every charge is back

  // An empty Charge (operator bool false) when `bytes` would pass the limit; the refusal is
  // counted.
  [[nodiscard]] Charge TryReserve(size_t bytes);
  // Always succeeds; used may pass the limit.
  [[nodiscard]] Charge ForceReserve(size_t bytes);

  // Sets the budget's own limit; charges above a lowered limit stay until they are released.
  void SetLimit(size_t limit_bytes) EXCLUDES(mutex_);
  // Lowers or raises the limit until the ceiling goes.
  [[nodiscard]] BudgetCeiling AddCeiling(size_t limit_bytes) EXCLUDES(mutex_);

  // The limit in force.
  size_t limit_bytes() const { return limit_bytes_.load(std::memory_order_relaxed); }
  size_t used_bytes() const { return used_bytes_.load(std::memory_order_relaxed); }
  size_t peak_bytes() const { return peak_bytes_.load(std::memory_order_relaxed); }
  uint64_t refusals() const { return refusals_.load(std::memory_order_relaxed); }

 private:
  friend class Charge;
  friend class BudgetCeiling;
  struct Ceiling {
    uint64_t id;
    size_t limit_bytes;
  };
  void SetCeiling(uint64_t id, size_t limit_bytes) EXCLUDES(mutex_);
  void RemoveCeiling(uint64_t id) EXCLUDES(mutex_);
  void ApplyLimit() REQUIRES(mutex_);
  bool TryAdd(size_t bytes);
  void Add(size_t bytes);
  void Subtract(size_t bytes) { used_bytes_.fetch_sub(bytes, std::memory_order_relaxed); }
  void NotePeak(size_t used);

  // Relaxed order everywhere: the numbers guard no other memory.
  std::atomic<size_t> limit_bytes_;
  std::atomic<size_t> used_bytes_{0};
  std::atomic<size_t> peak_bytes_{0};
  std::atomic<uint64_t> refusals_{0};

  Mutex mutex_;
  size_t own_limit_ GUARDED_BY(mutex_);
  uint64_t last_ceiling_ GUARDED_BY(mutex_) = 0;
  std::vector<Ceiling> ceilings_ GUARDED_BY(mutex_);
};

}  // namespace weir
