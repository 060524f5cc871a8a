// A request's body in chunks (RFC 9112 §7.1), collected into one charged block while it arrives.
//
//   body.Begin(...)  ─►  room() ◄── socket  ─►  Feed(size) ─┬─ kMore: again
//                                                           ├─ kDone: Take(), rest()
//                                                           └─ kBad, kRefused: Clear()
//
// Used by one connection's loop.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/byte_budget.h"
#include "base/slice.h"
#include "base/status.h"
#include "net/http_head_parser.h"

namespace weir::net {

class ChunkedBody {
 public:
  enum class Progress : uint8_t {
    kMore,
    kDone,
    kBad,      // these bytes are no chunks
    kRefused,  // see refusal()
  };

  // `parser` has read the head and outlives the body; `ahead` came together with the head. False
  // when there is no memory.
  bool Begin(HttpHeadParser& parser, std::string_view ahead, size_t size_max, ByteBudget& budget);
  // Where the next bytes of the connection go.
  std::span<char> room() { return std::span(block_).subspan(filled_); }
  // Takes in what `ahead` or room() hold by now: `size` bytes more.
  Progress Feed(size_t size);
  // Too large (kInvalidArgument) or out of memory (retryable).
  const Status& refusal() const { return refusal_; }
  // What came behind the last chunk: the next request's. Until Take or Clear.
  std::string_view rest() const { return {block_.data(), filled_}; }
  MutableBuffer Take();
  void Clear() { Take(); }

 private:
  bool Append(std::string_view bytes);

  HttpHeadParser* parser_ = nullptr;
  size_t size_max_ = 0;
  MutableBuffer body_;
  std::vector<char> block_;  // [0, filled_) is not decoded yet
  size_t filled_ = 0;
  Status refusal_;
};

// What a client is told about a body above the limit, and about one that finds no memory.
Status BodyTooLarge();
Status NoMemoryForBody();

}  // namespace weir::net
