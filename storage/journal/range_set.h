// A set of record numbers as few ranges: what one cursor has delivered. Numbers arrive nearly in
// order, so a set of a million is one range and the few that overtook it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace weir::storage::journal {

class RangeSet {
 public:
  // Adds `first` to `last`, both inside; false when all of them were in the set.
  bool Insert(uint64_t first, uint64_t last);
  bool Insert(uint64_t value) { return Insert(value, value); }
  bool Contains(uint64_t value) const { return ContainsAll(value, value); }
  bool ContainsAll(uint64_t first, uint64_t last) const;
  bool ContainsAny(uint64_t first, uint64_t last) const;
  // The smallest number at or above `value` that is not in the set.
  uint64_t NextAbsent(uint64_t value) const;
  // 0 when empty.
  uint64_t Last() const { return ranges_.empty() ? 0 : ranges_.rbegin()->second; }
  // First and last of each range.
  const std::map<uint64_t, uint64_t>& ranges() const { return ranges_; }
  bool operator==(const RangeSet&) const = default;

 private:
  std::map<uint64_t, uint64_t> ranges_;  // disjoint, with a gap between any two
};

}  // namespace weir::storage::journal
