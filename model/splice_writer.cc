#include "model/splice_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "model/wire.h"

namespace weir::model {

void SpliceWriter::Begin(std::string_view framed, std::string_view content) {
  frames_.clear();
  opened_ = 0;
  pending_ = framed.data();
  Push(framed, content);
}

void SpliceWriter::Push(std::string_view framed, std::string_view content) {
  uint64_t tag = 0;
  const auto* p = reinterpret_cast<const uint8_t*>(framed.data());
  ReadVarint(p, p + framed.size(), &tag);
  frames_.push_back({framed.data(), content.data(), content.data() + content.size(),
                     static_cast<uint32_t>(tag), 0, 0});
}

void SpliceWriter::Grow(size_t size) {
  const size_t used = this->size();
  const size_t capacity = std::max({used + size, expected_, out_.capacity() * 3 / 2});
  out_.SetSize(used);
  if (!out_) {
    out_ = MutableBuffer(capacity, budget_ ? budget_->ForceReserve(capacity) : Charge());
  } else if (!out_.TryGrow(capacity)) {
    MutableBuffer larger(capacity, budget_->ForceReserve(capacity));
    larger.Append({reinterpret_cast<const char*>(out_.data()), used});
    out_ = std::move(larger);
  }
  begin_ = out_.data();
  p_ = begin_ + used;
  limit_ = begin_ + out_.capacity();
}

void SpliceWriter::Open() {
  while (opened_ < frames_.size()) OpenFrame(frames_[opened_++]);
}

void SpliceWriter::OpenFrame(Frame& frame) {
  CopyTo(frame.begin);
  frame.out_begin = size();
  const size_t width = VarintSize(static_cast<size_t>(frame.end - frame.content));
  uint8_t* begin = Room(5 + width);
  const auto tag_size = static_cast<size_t>(PutVarint(begin, frame.tag) - begin);
  frame.out_content = frame.out_begin + tag_size + width;
  p_ = begin_ + frame.out_content;
  pending_ = frame.content;
}

void SpliceWriter::SetLength(const Frame& frame) {
  const size_t size = this->size() - frame.out_content;
  const size_t reserved = VarintSize(static_cast<size_t>(frame.end - frame.content));
  const size_t width = VarintSize(size);
  if (width > reserved) Room(width - reserved);
  uint8_t* content = begin_ + frame.out_content;
  uint8_t* length = content - reserved;
  if (width != reserved) {
    std::memmove(length + width, content, size);
    p_ = length + width + size;
  }
  PutVarint(length, size);
}

bool SpliceWriter::Pop() {
  const Frame frame = frames_.back();
  const bool was_opened = opened();
  if (was_opened) {
    CopyTo(frame.end);
    SetLength(frame);
    --opened_;
  }
  frames_.pop_back();
  return was_opened;
}

void SpliceWriter::Drop() {
  const Frame frame = frames_.back();
  if (opened()) {
    p_ = begin_ + frame.out_begin;
    --opened_;
    frames_.pop_back();
  } else {
    frames_.pop_back();
    if (!frames_.empty()) {
      Open();
      CopyTo(frame.begin);
    }
  }
  pending_ = frame.end;
}

Slice SpliceWriter::Finish() {
  if (!out_) return {};
  out_.SetSize(size());
  begin_ = p_ = limit_ = nullptr;
  // Much was dropped: do not hold (and charge) the room for it.
  if (out_.size() < out_.capacity() / 2) {
    const bool shrunk = out_.TryGrow(std::max<size_t>(out_.size(), 1));
    CHECK(shrunk) << "a block cannot shrink";
  }
  return std::exchange(out_, MutableBuffer()).Freeze();
}

}  // namespace weir::model
