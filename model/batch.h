// What flows through a pipeline: a list of shared, immutable slices of OTLP bytes (DESIGN §1.1).
//
// An OTLP export request is a protobuf message whose field 1 repeats: one ResourceSpans,
// ResourceMetrics or ResourceLogs each. So the body of a request *is* a concatenation of framed
// resources, and
//
//   request body   0a <len> ResourceLogs   0a <len> ResourceLogs   ...
//                  └──── extent 0 ─────┘   └──── extent 1 ─────┘
//
// merging requests is appending runs, splitting between resources is cutting slices, fan-out is
// copying references, and exporting is writing the slices one behind the other. Nobody decodes what
// nobody asks about.
//
// A Batch is a value: cheap to move, a few reference counts to copy. It never changes the bytes it
// refers to; processors build a new one (model/edit.h). Items are spans, log records or metric data
// points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/slice.h"
#include "model/signal.h"

namespace weir::model {

// One framed resource inside a run: its tag and length in front.
struct ResourceExtent {
  uint32_t size_bytes;  // of tag, length and message
  uint32_t items;
};

// Adjacent framed resources of one buffer: what one request left behind, or a part of it.
class Run {
 public:
  // One resource.
  Run(Slice bytes, uint32_t items);
  // Several: the extents cover `bytes` exactly, in order.
  Run(Slice bytes, std::shared_ptr<const std::vector<ResourceExtent>> extents);

  const Slice& bytes() const { return bytes_; }
  size_t size_bytes() const { return bytes_.size(); }
  size_t items() const { return items_; }
  size_t resource_count() const { return count_; }
  // Of resource `index` < resource_count().
  ResourceExtent extent(size_t index) const;

  // The resources [first, first + count) as a run of their own, sharing bytes and index. O(first +
  // count).
  Run Part(size_t first, size_t count) const;

 private:
  Slice bytes_;
  std::shared_ptr<const std::vector<ResourceExtent>> extents_;  // null when there is one resource
  size_t first_ = 0;                                            // into *extents_
  size_t count_ = 1;
  size_t items_ = 0;
};

// How a body was encoded when it arrived.
enum class Codec : uint8_t { kNone, kGzip, kZstd, kSnappy, kZlib, kLz4 };

class Batch {
 public:
  explicit Batch(Signal signal) : signal_(signal) {}
  Batch(Signal signal, Run run);

  Signal signal() const { return signal_; }
  size_t items() const { return items_; }
  size_t resource_count() const { return resource_count_; }
  // Of the request that carries this batch: the sum of its runs.
  size_t size_bytes() const { return size_bytes_; }
  bool empty() const { return runs_.empty(); }
  const std::vector<Run>& runs() const { return runs_; }

  // Adds `run` at the back; drops the compressed form.
  void Append(Run run);
  // Adds all of `other`, of the same signal.
  void Append(Batch other);

  // Calls visit(std::string_view message, uint32_t items, Slice framed) for each resource in order,
  // `message` without its tag and length.
  template <typename Visit>
  void ForEachResource(Visit&& visit) const;

  // The whole batch as one block: the slice itself when there is one run, else a copy. For
  // consumers that need contiguous bytes.
  Slice Flatten() const;

  // The body as it arrived compressed, while this batch is still exactly that request: an exporter
  // with the same codec can send it again. Empty (kNone) otherwise.
  Codec compressed_codec() const { return codec_; }
  const Slice& compressed() const { return compressed_; }
  void SetCompressed(Codec codec, Slice body);
  void DropCompressed();

 private:
  Signal signal_;
  Codec codec_ = Codec::kNone;
  size_t items_ = 0;
  size_t resource_count_ = 0;
  size_t size_bytes_ = 0;
  std::vector<Run> runs_;
  Slice compressed_;
};

// The first `size` bytes of a framed resource that are tag and length; the message follows.
size_t FrameHeaderSize(std::string_view framed);

template <typename Visit>
void Batch::ForEachResource(Visit&& visit) const {
  for (const Run& run : runs_) {
    size_t offset = 0;
    for (size_t i = 0; i < run.resource_count(); ++i) {
      const ResourceExtent extent = run.extent(i);
      Slice framed = run.bytes().Sub(offset, extent.size_bytes);
      const std::string_view bytes = framed.view();
      visit(bytes.substr(FrameHeaderSize(bytes)), extent.items, std::move(framed));
      offset += extent.size_bytes;
    }
  }
}

}  // namespace weir::model
