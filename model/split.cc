#include "model/split.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "model/fields.h"
#include "model/metric_view.h"
#include "model/wire.h"

namespace weir::model {
namespace {

// The messages between a request and its items, outermost first.
enum class Level : uint8_t { kResource, kScope, kMetric, kData, kItem };

Level Inside(Level level, Signal signal) {
  if (level == Level::kScope && signal != Signal::kMetrics) return Level::kItem;
  return static_cast<Level>(static_cast<uint8_t>(level) + 1);
}

// The tag of a message's children: nothing else in it is divided.
uint32_t ChildTag(Level level, std::string_view message) {
  switch (level) {
    case Level::kResource:
      return BytesTag(fields::ResourceItems::kScopes);
    case Level::kScope:
      return BytesTag(fields::ScopeItems::kItems);
    case Level::kData:
      return BytesTag(fields::MetricData::kDataPoints);
    case Level::kItem:
      return 0;
    case Level::kMetric:
      break;
  }
  switch (MetricView(message).kind) {
    case MetricKind::kGauge:
      return BytesTag(fields::Metric::kGauge);
    case MetricKind::kSum:
      return BytesTag(fields::Metric::kSum);
    case MetricKind::kHistogram:
      return BytesTag(fields::Metric::kHistogram);
    case MetricKind::kExponentialHistogram:
      return BytesTag(fields::Metric::kExponentialHistogram);
    case MetricKind::kSummary:
      return BytesTag(fields::Metric::kSummary);
    case MetricKind::kNone:
      break;
  }
  return 0;
}

class Cutter {
 public:
  explicit Cutter(Signal signal) : signal_(signal) {}

  size_t Count(Level level, std::string_view message) const;

  // Appends to `out` the `message` with its items [first, end) alone. `last` tells that no part
  // follows, so that empty children at the end go with this one.
  void Extract(Level level, std::string_view message, size_t first, size_t end, bool last,
               std::string& out) const;

  struct Fitting {
    size_t items;
    size_t bytes;  // of the message with these items, at most
  };
  // How many items from `first` on make a message of at most `room` bytes.
  Fitting Fit(Level level, std::string_view message, size_t first, size_t room) const;

 private:
  Signal signal_;
};

size_t Cutter::Count(Level level, std::string_view message) const {
  if (level == Level::kItem) return 1;
  if (level == Level::kMetric) return MetricView(message).data_points.size();
  const Level inside = Inside(level, signal_);
  const uint32_t tag = ChildTag(level, message);
  size_t count = 0;
  for (WireReader in(message); in.Next();) {
    if (in.tag() == tag) count += Count(inside, in.bytes());
  }
  return count;
}

void Cutter::Extract(Level level, std::string_view message, size_t first, size_t end, bool last,
                     std::string& out) const {
  const Level inside = Inside(level, signal_);
  const uint32_t tag = ChildTag(level, message);
  size_t position = 0;
  for (WireReader in(message); in.Next();) {
    if (in.tag() != tag) {
      out.append(in.field());
      continue;
    }
    const size_t begin = position;
    const size_t count = Count(inside, in.bytes());
    position += count;
    const size_t from = std::max(first, begin);
    const size_t to = std::min(end, position);
    const bool empty_here = count == 0 && begin >= first && (begin < end || last);
    if (empty_here || (count > 0 && from == begin && to == position)) {
      out.append(in.field());
    } else if (from < to) {
      std::string part;
      part.reserve(in.bytes().size());
      Extract(inside, in.bytes(), from - begin, to - begin, last && to == position, part);
      AppendBytesField(out, in.number(), part);
    }
  }
}

Cutter::Fitting Cutter::Fit(Level level, std::string_view message, size_t first,
                            size_t room) const {
  const Level inside = Inside(level, signal_);
  const uint32_t tag = ChildTag(level, message);
  Fitting fitting{0, 0};
  for (WireReader in(message); in.Next();) {
    if (in.tag() != tag) fitting.bytes += in.field().size();
  }
  if (fitting.bytes > room) return {0, 0};
  size_t position = 0;
  for (WireReader in(message); in.Next();) {
    if (in.tag() != tag) continue;
    const size_t begin = position;
    const size_t count = Count(inside, in.bytes());
    position += count;
    if (begin < first && position <= first) continue;
    const size_t left = room - fitting.bytes;
    if (begin >= first && in.field().size() <= left) {
      fitting.bytes += in.field().size();
      fitting.items += count;
      continue;
    }
    const size_t frame = in.field().size() - in.bytes().size();
    if (inside == Level::kItem || count == 0 || frame > left) break;
    const size_t skip = begin < first ? first - begin : 0;
    const Fitting part = Fit(inside, in.bytes(), skip, left - frame);
    fitting.items += part.items;
    fitting.bytes += frame + part.bytes;
    if (skip + part.items < count) break;
  }
  return fitting;
}

// Fills one part after the other.
class Parts {
 public:
  Parts(Signal signal, size_t limit, SizedBy by)
      : signal_(signal), limit_(limit), by_(by), cutter_(signal), current_(signal) {}

  // Adds the resource of `run` at `offset`. False when it must be cut or does not fit.
  bool AddWhole(const Run& run, size_t offset, ResourceExtent extent);
  // Adds items [first, ...) of a resource of `count`, as many as fit and at least one when the part
  // is empty; the first one that is left.
  size_t AddPart(std::string_view message, size_t first, size_t count);
  bool Empty() const { return current_.empty() && whole_count_ == 0; }
  Batch Take();

 private:
  size_t Used() const {
    return by_ == SizedBy::kItems ? current_.items() + whole_items_
                                  : current_.size_bytes() + whole_bytes_;
  }
  void FlushWhole();
  void AddExtract(std::string_view message, size_t first, size_t end, size_t count);

  const Signal signal_;
  const size_t limit_;
  const SizedBy by_;
  const Cutter cutter_;
  Batch current_;
  // Whole resources of one run that have been taken but not appended: they go as one slice.
  const Run* whole_run_ = nullptr;
  size_t whole_offset_ = 0;
  size_t whole_count_ = 0;
  size_t whole_bytes_ = 0;
  size_t whole_items_ = 0;
  std::vector<ResourceExtent> whole_extents_;
};

bool Parts::AddWhole(const Run& run, size_t offset, ResourceExtent extent) {
  const size_t size = by_ == SizedBy::kItems ? extent.items : extent.size_bytes;
  const bool oversized_alone = Empty() && extent.items <= 1;
  if (!oversized_alone && (Used() > limit_ || size > limit_ - Used())) return false;
  if (whole_run_ != &run || whole_offset_ + whole_bytes_ != offset) FlushWhole();
  if (whole_count_ == 0) {
    whole_run_ = &run;
    whole_offset_ = offset;
  }
  ++whole_count_;
  whole_bytes_ += extent.size_bytes;
  whole_items_ += extent.items;
  whole_extents_.push_back(extent);
  return true;
}

void Parts::FlushWhole() {
  if (whole_count_ == 0) return;
  Slice bytes = whole_run_->bytes().Sub(whole_offset_, whole_bytes_);
  if (whole_count_ == 1) {
    current_.Append(Run(std::move(bytes), whole_extents_[0].items));
  } else if (whole_count_ == whole_run_->resource_count()) {
    current_.Append(*whole_run_);
  } else {
    current_.Append(
        Run(std::move(bytes), std::make_shared<const std::vector<ResourceExtent>>(whole_extents_)));
  }
  whole_run_ = nullptr;
  whole_count_ = 0;
  whole_bytes_ = 0;
  whole_items_ = 0;
  whole_extents_.clear();
}

void Parts::AddExtract(std::string_view message, size_t first, size_t end, size_t count) {
  FlushWhole();
  std::string part;
  cutter_.Extract(Level::kResource, message, first, end, end == count, part);
  const size_t room = limit_ > Used() ? limit_ - Used() : 0;
  if (by_ == SizedBy::kBytes && end == count && end - first > 1 && part.size() + 6 > room) {
    // Fit counted the items, not what is empty behind the last of them.
    part.clear();
    cutter_.Extract(Level::kResource, message, first, end, false, part);
  }
  std::string head;
  AppendVarint(head, BytesTag(fields::Request::kResources));
  AppendVarint(head, part.size());
  MutableBuffer framed(head.size() + part.size());
  framed.Append(head);
  framed.Append(part);
  current_.Append(Run(std::move(framed).Freeze(), static_cast<uint32_t>(end - first)));
}

size_t Parts::AddPart(std::string_view message, size_t first, size_t count) {
  if (count == 0) return 0;
  const size_t room = limit_ > Used() ? limit_ - Used() : 0;
  size_t take = room;
  if (by_ == SizedBy::kBytes) {
    const size_t frame = 1 + VarintSize(message.size());
    take = room > frame ? cutter_.Fit(Level::kResource, message, first, room - frame).items : 0;
  }
  if (take == 0 && Empty()) take = 1;
  if (take == 0) return first;
  const size_t end = first + std::min(take, count - first);
  AddExtract(message, first, end, count);
  return end;
}

Batch Parts::Take() {
  FlushWhole();
  return std::exchange(current_, Batch(signal_));
}

bool Within(const Batch& batch, size_t limit, SizedBy by) {
  return (by == SizedBy::kItems ? batch.items() : batch.size_bytes()) <= limit;
}

// Cuts `batch` into at most `parts_max` parts, the last of which takes all that is left.
std::vector<Batch> SplitInto(const Batch& batch, size_t limit, SizedBy by, size_t parts_max) {
  CHECK(limit > 0) << "a limit of nothing";
  std::vector<Batch> out;
  if (Within(batch, limit, by)) {
    out.push_back(batch);
    return out;
  }
  Parts parts(batch.signal(), limit, by);
  Parts rest(batch.signal(), std::numeric_limits<size_t>::max(), by);
  Parts* current = &parts;
  const auto next_part = [&] {
    if (current->Empty()) return;
    out.push_back(current->Take());
    if (out.size() + 1 >= parts_max) current = &rest;
  };
  for (const Run& run : batch.runs()) {
    size_t offset = 0;
    for (size_t i = 0; i < run.resource_count(); ++i) {
      const ResourceExtent extent = run.extent(i);
      const std::string_view framed = run.bytes().view().substr(offset, extent.size_bytes);
      const std::string_view message = framed.substr(FrameHeaderSize(framed));
      bool done = current->AddWhole(run, offset, extent);
      for (size_t first = 0; !done;) {
        first = current->AddPart(message, first, extent.items);
        done = first == extent.items && first > 0;
        if (!done) next_part();
        if (first == 0) done = current->AddWhole(run, offset, extent);
      }
      offset += extent.size_bytes;
    }
  }
  if (!current->Empty()) out.push_back(current->Take());
  return out;
}

}  // namespace

SplitResult Split(const Batch& batch, size_t limit, SizedBy by) {
  std::vector<Batch> parts = SplitInto(batch, limit, by, 2);
  SplitResult result{Batch(batch.signal()), Batch(batch.signal())};
  if (!parts.empty()) result.front = std::move(parts[0]);
  if (parts.size() > 1) result.rest = std::move(parts[1]);
  return result;
}

std::vector<Batch> SplitAll(const Batch& batch, size_t limit, SizedBy by) {
  return SplitInto(batch, limit, by, std::numeric_limits<size_t>::max());
}

}  // namespace weir::model
