#include "net/http_head_block.h"

#include <algorithm>
#include <cstring>

namespace weir::net {
namespace {

constexpr size_t kFirstBytes = 4096;
// Blocks beyond this are charged to the budget.
constexpr size_t kFreeBytes = 16 * 1024;

}  // namespace

bool HttpHeadBlock::Grow(ByteBudget& budget) {
  if (filled_ < bytes_.size()) return true;
  if (bytes_.size() > kMaxBytes) return false;
  const size_t size = std::max(kFirstBytes, bytes_.size() * 2);
  if (size > kFreeBytes) {
    if (!charge_) charge_ = budget.TryReserve(1);
    if (!charge_ || !charge_.TryResize(size)) return false;
  }
  bytes_.resize(size);
  return true;
}

size_t HttpHeadBlock::FindHead() {
  const size_t end = filled().find("\r\n\r\n", searched_);
  if (end != std::string_view::npos) return end + 4;
  searched_ = filled_ - std::min<size_t>(filled_, 3);
  return 0;
}

void HttpHeadBlock::SetAhead(std::string_view bytes) {
  bytes_.resize(std::max(bytes_.size(), taken_ + bytes.size()));
  std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(taken_));
  filled_ = taken_ + bytes.size();
}

void HttpHeadBlock::Next() {
  filled_ -= taken_;
  std::memmove(bytes_.data(), bytes_.data() + taken_, filled_);
  taken_ = 0;
  searched_ = 0;
  if (bytes_.size() > kFreeBytes && filled_ < kFirstBytes) {
    bytes_.resize(kFirstBytes);
    bytes_.shrink_to_fit();
    charge_.Release();
  }
}

}  // namespace weir::net
