// One gRPC message as it arrives on a stream of a unary call.
//
//   | compressed (1) | length, big endian (4) | message (length) |
//
// The length is known five bytes into the body, before the message: its owner makes room for
// exactly that much (SetRoom), and the rest may be received straight into the room, at tail(). The
// prefix stays in front, so that what arrived can be sent on as it is. One owner, one thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/slice.h"

namespace weir::bench {

class UnaryMessage {
 public:
  static constexpr size_t kPrefixBytes = 5;

  // Of the message without its prefix. Requires has_length().
  bool has_length() const { return prefix_bytes_ == kPrefixBytes; }
  size_t length() const {
    return size_t{prefix_[1]} << 24 | size_t{prefix_[2]} << 16 | size_t{prefix_[3]} << 8 |
           size_t{prefix_[4]};
  }
  bool is_compressed() const { return prefix_[0] != 0; }
  // Prefix and message.
  size_t size_bytes() const { return kPrefixBytes + length(); }
  bool is_complete() const { return has_length() && room_.size() == size_bytes(); }

  // Memory for the message, or for as much of it as the peer may send so far; what has arrived
  // moves into it. Requires has_length() and a capacity not below what has arrived.
  void SetRoom(MutableBuffer room) {
    room.Append(
        room_ ? View()
              : std::string_view(reinterpret_cast<const char*>(prefix_.data()), kPrefixBytes));
    room_ = std::move(room);
  }

  // Where the next bytes belong, and how many fit there; none before SetRoom().
  uint8_t* tail() { return room_.data() + room_.size(); }
  size_t room() const { return room_.capacity() - room_.size(); }

  // Takes bytes from the front of `data` and returns how many: no further than the end of the
  // prefix before SetRoom(), no further than the room after it. Free of charge when data is tail().
  size_t Append(const uint8_t* data, size_t size) {
    if (!room_) {
      const size_t taken = std::min(size, kPrefixBytes - prefix_bytes_);
      std::memcpy(prefix_.data() + prefix_bytes_, data, taken);
      prefix_bytes_ += taken;
      return taken;
    }
    const size_t taken = std::min(size, room());
    if (data != tail()) std::memcpy(tail(), data, taken);
    room_.SetSize(room_.size() + taken);
    return taken;
  }

  // The message without its prefix, until Take(). Requires is_complete().
  std::string_view body() { return View().substr(kPrefixBytes); }
  // The whole of it with its prefix. Requires is_complete().
  Slice Take() { return std::move(room_).Freeze(); }

 private:
  std::string_view View() { return {reinterpret_cast<const char*>(room_.data()), room_.size()}; }

  std::array<uint8_t, kPrefixBytes> prefix_{};
  size_t prefix_bytes_ = 0;
  MutableBuffer room_;
};

}  // namespace weir::bench
