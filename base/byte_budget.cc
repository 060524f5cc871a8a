#include "base/byte_budget.h"

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

Charge ByteBudget::TryReserve(size_t bytes) {
  return TryAdd(bytes) ? Charge(this, bytes) : Charge();
}

Charge ByteBudget::ForceReserve(size_t bytes) {
  Add(bytes);
  return Charge(this, bytes);
}

bool ByteBudget::TryAdd(size_t bytes) {
  size_t used = used_bytes_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_bytes() || used > limit_bytes() - bytes) {
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
