#include "storage/journal/range_set.h"

#include <algorithm>
#include <iterator>

namespace weir::storage::journal {

bool RangeSet::Insert(uint64_t first, uint64_t last) {
  if (ContainsAll(first, last)) return false;
  auto next = ranges_.upper_bound(first);
  if (next != ranges_.begin()) {
    const auto before = std::prev(next);
    if (before->second >= first || before->second + 1 == first) {
      first = before->first;
      last = std::max(last, before->second);
      ranges_.erase(before);
    }
  }
  while (next != ranges_.end() && (next->first <= last || next->first - 1 == last)) {
    last = std::max(last, next->second);
    next = ranges_.erase(next);
  }
  ranges_.emplace_hint(next, first, last);
  return true;
}

bool RangeSet::ContainsAll(uint64_t first, uint64_t last) const {
  const auto next = ranges_.upper_bound(first);
  return next != ranges_.begin() && std::prev(next)->second >= last;
}

bool RangeSet::ContainsAny(uint64_t first, uint64_t last) const {
  const auto next = ranges_.upper_bound(last);
  return next != ranges_.begin() && std::prev(next)->second >= first;
}

uint64_t RangeSet::NextAbsent(uint64_t value) const {
  const auto next = ranges_.upper_bound(value);
  if (next == ranges_.begin() || std::prev(next)->second < value) return value;
  return std::prev(next)->second + 1;
}

}  // namespace weir::storage::journal
