#include "model/batch.h"

#include <numeric>
#include <utility>

#include "base/check.h"

namespace weir::model {

Run::Run(Slice bytes, uint32_t items) : bytes_(std::move(bytes)), items_(items) {}

Run::Run(Slice bytes, std::shared_ptr<const std::vector<ResourceExtent>> extents)
    : bytes_(std::move(bytes)), extents_(std::move(extents)), count_(extents_->size()) {
  size_t size = 0;
  for (const ResourceExtent& extent : *extents_) {
    size += extent.size_bytes;
    items_ += extent.items;
  }
  CHECK(size == bytes_.size()) << "extents of " << size << " bytes over " << bytes_.size();
}

ResourceExtent Run::extent(size_t index) const {
  CHECK(index < count_) << "resource " << index << " of " << count_;
  if (extents_) return (*extents_)[first_ + index];
  return {static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(items_)};
}

Run Run::Part(size_t first, size_t count) const {
  CHECK(count >= 1 && first <= count_ && count <= count_ - first)
      << "resources " << first << "+" << count << " of " << count_;
  if (count == count_) return *this;
  Run part(*this);
  size_t offset = 0;
  for (size_t i = 0; i < first; ++i) offset += extent(i).size_bytes;
  size_t size = 0;
  part.items_ = 0;
  for (size_t i = first; i < first + count; ++i) {
    size += extent(i).size_bytes;
    part.items_ += extent(i).items;
  }
  part.bytes_ = bytes_.Sub(offset, size);
  part.first_ = first_ + first;
  part.count_ = count;
  return part;
}

Batch::Batch(Signal signal, Run run) : signal_(signal) { Append(std::move(run)); }

void Batch::Append(Run run) {
  DropCompressed();
  items_ += run.items();
  size_bytes_ += run.size_bytes();
  resource_count_ += run.resource_count();
  runs_.push_back(std::move(run));
}

void Batch::Append(Batch other) {
  CHECK(other.signal_ == signal_) << "a batch of " << SignalName(other.signal_) << " into one of "
                                  << SignalName(signal_);
  if (runs_.empty()) {
    *this = std::move(other);
    return;
  }
  for (Run& run : other.runs_) Append(std::move(run));
}

Slice Batch::Flatten() const {
  if (runs_.empty()) return {};
  if (runs_.size() == 1) return runs_.front().bytes();
  MutableBuffer buffer(size_bytes_);
  for (const Run& run : runs_) buffer.Append(run.bytes().view());
  return std::move(buffer).Freeze();
}

void Batch::SetCompressed(Codec codec, Slice body) {
  codec_ = codec;
  compressed_ = std::move(body);
}

void Batch::DropCompressed() {
  codec_ = Codec::kNone;
  compressed_ = Slice();
}

size_t FrameHeaderSize(std::string_view framed) {
  size_t position = 1;  // the tag of field 1
  while (position < framed.size() && (static_cast<uint8_t>(framed[position]) & 0x80) != 0)
    ++position;
  return position + 1;
}

}  // namespace weir::model
