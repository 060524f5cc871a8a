// The memory that a connection reads request heads into, with what came behind a head.
//
//   [ head of this request | taken by its body | ahead: not looked at yet | room ]
//
// One block serves all requests of a connection, one after the other. Not thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/byte_budget.h"

namespace weir::net {

class HttpHeadBlock {
 public:
  // Heads may be this large; the blank line behind them included, a little more.
  static constexpr size_t kMaxBytes = 1 << 20;

  // Makes room to read into. False when the head is too large or, beyond 16 KiB, the budget has
  // no memory for it.
  bool Grow(ByteBudget& budget);
  std::span<char> room() { return std::span(bytes_).subspan(filled_); }
  void Fill(size_t size) { filled_ += size; }

  // The size of the head with its blank line; 0 while it is not whole. No byte is searched twice.
  size_t FindHead();
  void SetHead(size_t size) { taken_ = size; }

  std::string_view filled() const { return {bytes_.data(), filled_}; }
  std::string_view ahead() const { return filled().substr(taken_); }
  void Take(size_t size) { taken_ += size; }
  void SetAhead(std::string_view bytes);

  // Begins the next request with what is ahead. A large block is not kept for it.
  void Next();
  // Gives back what is charged.
  void Release() { charge_.Release(); }

 private:
  std::vector<char> bytes_;
  Charge charge_;
  size_t filled_ = 0;
  size_t taken_ = 0;
  size_t searched_ = 0;  // the head's end is not before this
};

}  // namespace weir::net
