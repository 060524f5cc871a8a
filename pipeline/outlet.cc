#include "pipeline/outlet.h"

#include <utility>

#include "base/check.h"

namespace weir::pipeline {
namespace {

void Settle(EdgeCounters& counters, size_t items, const Status& status) {
  std::atomic<uint64_t>& outcome = status.ok()          ? counters.accepted_items
                                   : status.permanent() ? counters.rejected_items
                                                        : counters.refused_items;
  outcome.fetch_add(items, std::memory_order_relaxed);
}

}  // namespace

Outlet::Way::~Way() {
  if (left) left();
}

void Outlet::Connect(std::shared_ptr<Consumer> target, UniqueFunction<void()> left) {
  std::shared_ptr<Way> former = std::make_shared<Way>(std::move(target));
  {
    MutexLock lock(mutex_);
    former.swap(way_);
  }
  if (former == nullptr) {
    if (left) left();
    return;
  }
  // Nobody but its destructor looks at it, which runs no earlier than this function returns.
  former->left = std::move(left);
}

void Outlet::Consume(model::Batch batch, const Context& context, Done done) {
  const std::shared_ptr<Way> way = CurrentWay();
  CHECK(way != nullptr) << "the outlet of " << name_ << " leads nowhere";
  const size_t items = batch.items();
  counters_.items.fetch_add(items, std::memory_order_relaxed);
  counters_.bytes.fetch_add(batch.size_bytes(), std::memory_order_relaxed);
  way->consumer->Consume(
      std::move(batch), context,
      [this, items, target = way->consumer, done = std::move(done)](Status status) mutable {
        Settle(counters_, items, status);
        done(std::move(status));
      });
}

Status Outlet::Reserve(const BatchSize& size, Reservations& reservations) {
  const std::shared_ptr<Way> way = CurrentWay();
  return way ? way->consumer->Reserve(size, reservations) : Status();
}

}  // namespace weir::pipeline
