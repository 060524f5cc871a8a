// Writes a changed copy of nested protobuf messages in one pass: untouched ranges of the source are
// copied as they are, lengths of the enclosing messages are set when they close.
//
//   source   [ resource [ scope [ item ][ item ][ item ] ] ]
//                                    ▲ pending: not copied yet
//
// Nothing is written before the first change: until then the source may turn out to be unchanged.
// The room for a length is what the source's length took; when the new one needs another width the
// message's bytes are moved, which is rare.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/byte_budget.h"
#include "base/slice.h"

namespace weir::model {

class SpliceWriter {
 public:
  // The output's capacity is charged to `budget` when there is one, past its limit if need be: the
  // bytes replace others that are charged already.
  explicit SpliceWriter(ByteBudget* budget) : budget_(budget) {}

  // Room for this much at the first write.
  void Expect(size_t size_bytes) { expected_ = size_bytes; }
  size_t size() const { return static_cast<size_t>(p_ - begin_); }

  // Starts a source: `framed` is one field whose value is the message `content` inside it.
  void Begin(std::string_view framed, std::string_view content);
  // Enters the message field `framed` of the innermost open message.
  void Push(std::string_view framed, std::string_view content);

  // From here to Pop: the innermost message is changed. Writes the beginnings of all messages
  // around.
  void Open();
  bool opened() const { return opened_ == frames_.size(); }
  // Only after Open(). Copies the source up to `p`; jumps to `p` in the source; adds bytes
  // (Append also between two sources).
  void CopyTo(const char* p) {
    Append({pending_, static_cast<size_t>(p - pending_)});
    pending_ = p;
  }
  void SkipTo(const char* p) { pending_ = p; }
  void Append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(Room(bytes.size()), bytes.data(), bytes.size());
    p_ += bytes.size();
  }

  // Leaves the innermost message: with the rest of it copied when it was opened, else as pending.
  // True when it was opened.
  bool Pop();
  // Leaves it and removes it from its parent, which is opened for that; without a parent the source
  // writes nothing.
  void Drop();

  // What has been written; the writer is empty afterwards.
  Slice Finish();

 private:
  struct Frame {
    const char* begin;  // of the field in the source
    const char* content;
    const char* end;
    uint32_t tag;
    size_t out_begin;  // set when opened
    size_t out_content;
  };
  // Makes sure that `size` bytes fit at p_; p_.
  uint8_t* Room(size_t size) {
    if (static_cast<size_t>(limit_ - p_) < size) Grow(size);
    return p_;
  }
  void Grow(size_t size);
  void OpenFrame(Frame& frame);
  void SetLength(const Frame& frame);

  ByteBudget* budget_;
  size_t expected_ = 0;
  MutableBuffer out_;
  uint8_t* begin_ = nullptr;  // of out_
  uint8_t* p_ = nullptr;      // behind the last byte written
  uint8_t* limit_ = nullptr;  // end of out_'s capacity
  std::vector<Frame> frames_;
  size_t opened_ = 0;  // how many of the outer frames are open
  const char* pending_ = nullptr;
};

}  // namespace weir::model
