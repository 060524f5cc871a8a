#include "base/byte_budget.h"

#include <algorithm>

#include "base/check.h"

namespace weir {

bool Charge::TryResize(size_t bytes) {
  CHECK(budget_ != nullptr) << "resize of an empty charge";
  if (bytes > bytes_) {
    if (!budget_->TryAdd(bytes - bytes_)) return false;
  } else {
    budget_->Subtract(bytes_ - bytes);
  }
  bytes_ = bytes;
  return true;
}

void Charge::ForceResize(size_t bytes) {
  CHECK(budget_ != nullptr) << "resize of an empty charge";
  if (bytes > bytes_) {
    budget_->Add(bytes - bytes_);
  } else {
    budget_->Subtract(bytes_ - bytes);
  }
  bytes_ = bytes;
}

void Charge::Release() {
  if (budget_ != nullptr) budget_->Subtract(bytes_);
  budget_ = nullptr;
  bytes_ = 0;
}

ByteBudget::~ByteBudget() {
  CHECK(used_bytes() == 0) << used_bytes() << " bytes are still charged";
}

BudgetCeiling::~BudgetCeiling() {
  if (budget_ != nullptr) budget_->RemoveCeiling(id_);
}

void BudgetCeiling::Set(size_t limit_bytes) {
  CHECK(budget_ != nullptr) << "an empty ceiling";
  budget_->SetCeiling(id_, limit_bytes);
}

void ByteBudget::SetLimit(size_t limit_bytes) {
  MutexLock lock(mutex_);
  own_limit_ = limit_bytes;
  ApplyLimit();
}

BudgetCeiling ByteBudget::AddCeiling(size_t limit_bytes) {
  MutexLock lock(mutex_);
  ceilings_.push_back({++last_ceiling_, limit_bytes});
  ApplyLimit();
  return BudgetCeiling(this, last_ceiling_);
}

void ByteBudget::SetCeiling(uint64_t id, size_t limit_bytes) {
  MutexLock lock(mutex_);
  for (Ceiling& ceiling : ceilings_) {
    if (ceiling.id == id) ceiling.limit_bytes = limit_bytes;
  }
  ApplyLimit();
}

void ByteBudget::RemoveCeiling(uint64_t id) {
  MutexLock lock(mutex_);
  ceilings_.erase(std::remove_if(ceilings_.begin(), ceilings_.end(),
                                 [id](const Ceiling& ceiling) { return ceiling.id == id; }),
                  ceilings_.end());
  ApplyLimit();
}

void ByteBudget::ApplyLimit() {
  size_t limit = ceilings_.empty() ? own_limit_ : ceilings_.front().limit_bytes;
  for (const Ceiling& ceiling : ceilings_) limit = std::min(limit, ceiling.limit_bytes);
  limit_bytes_.store(limit, std::memory_order_relaxed);
}

Charge ByteBudget::TryReserve(size_t bytes) {
  return TryAdd(bytes) ? Charge(this, bytes) : Charge();
}

Charge ByteBudget::ForceReserve(size_t bytes) {
  Add(bytes);
  return Charge(this, bytes);
}

bool ByteBudget::TryAdd(size_t bytes) {
  const size_t limit = limit_bytes();
  size_t used = used_bytes_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit || used > limit - bytes) {
      refusals_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
  } while (!used_bytes_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  NotePeak(used + bytes);
  return true;
}

void ByteBudget::Add(size_t bytes) {
  NotePeak(used_bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes);
}

void ByteBudget::NotePeak(size_t used) {
  size_t peak = peak_bytes_.load(std::memory_order_relaxed);
  while (used > peak && !peak_bytes_.compare_exchange_weak(peak, used, std::memory_order_relaxed)) {
  }
}

}  // namespace weir
