#include "model/edit.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "model/fields.h"
#include "model/splice_writer.h"

namespace weir::model {

Descend BatchVisitor::OnResource(MessageEditor&, MessageEditor&) { return Descend::kInto; }
Descend BatchVisitor::OnScope(MessageEditor&, MessageEditor&) { return Descend::kInto; }
void BatchVisitor::OnItem(MessageEditor&) {}
Descend BatchVisitor::OnMetric(MessageEditor&) { return Descend::kInto; }
void BatchVisitor::OnDataPoint(MetricKind, MessageEditor&) {}

namespace {

// An unchanged resource up to this size is copied behind a changed one rather than sliced.
constexpr size_t kCopyBelowBytes = 1024;

// The first occurrence of a singular submessage beside the children: a resource's entry with its
// Resource, a scope's entry with its InstrumentationScope.
std::string_view SubMessage(std::string_view message, uint32_t number) {
  std::string_view found;
  for (WireReader in(message); in.Next();) {
    if (in.tag() == BytesTag(number)) {
      found = in.bytes();
    } else if (found.data() != nullptr) {
      break;  // walking on would be over all the children
    }
  }
  return found;
}

uint64_t CountItemsOfScope(Signal signal, std::string_view message) {
  const ScopeItemsView scope(message);
  if (signal != Signal::kMetrics) return scope.items.size();
  uint64_t items = 0;
  for (const MetricView metric : scope.items.As<MetricView>()) items += metric.data_points.size();
  return items;
}

uint64_t CountItemsOfResource(Signal signal, std::string_view message) {
  uint64_t items = 0;
  const ResourceItemsView resource(message);
  for (auto scope = resource.scopes.begin(); scope != resource.scopes.end(); ++scope) {
    items += CountItemsOfScope(signal, scope.bytes());
  }
  return items;
}

uint64_t CountPoints(std::string_view metric) { return MetricView(metric).data_points.size(); }

class BatchEditor {
 public:
  BatchEditor(Signal signal, BatchVisitor& visitor, const EditOptions& options)
      : signal_(signal), visitor_(visitor), options_(options), writer_(options.budget) {}

  Batch Edit(const Batch& batch);

 private:
  // Resources of one run that stay, or of the fresh buffer.
  struct Segment {
    const Run* run;  // null: fresh
    size_t offset;
    size_t size;
    std::vector<ResourceExtent> extents;
  };

  enum class Fate : uint8_t { kKept, kChanged, kDropped };
  struct Outcome {
    Fate fate;
    uint64_t items;  // left in it
  };

  Outcome EditResource(std::string_view message, std::string_view framed, uint64_t items);
  // Each edits the innermost message of the writer, leaves it, and returns the items left in it.
  uint64_t EditScope(std::string_view message);
  uint64_t EditItem(std::string_view message);
  uint64_t EditMetric(std::string_view message);
  uint64_t EditData(MetricKind kind, std::string_view message);
  template <typename EditChild>
  uint64_t EditChildren(MessageEditor& entry, uint32_t number, EditChild&& edit_child);
  // Pops the innermost message, or drops it when nothing is left and that is wanted.
  void Leave(uint64_t items);
  // Applies an editor that has no children to visit to the innermost message.
  void Apply(MessageEditor& editor);
  // The same for one that may have changed how many items it has: count(message) says.
  template <typename Count>
  uint64_t ApplyCounted(MessageEditor& editor, Count&& count);

  void Keep(const Run& run, size_t offset, ResourceExtent extent, std::string_view framed);
  void AddFresh(size_t begin, uint64_t items);
  Batch Assemble();

  const Signal signal_;
  BatchVisitor& visitor_;
  const EditOptions& options_;
  SpliceWriter writer_;
  std::vector<Segment> segments_;
  MessageEditor resource_entry_, resource_, scope_entry_, scope_, metric_, item_;
};

void BatchEditor::Apply(MessageEditor& editor) {
  if (editor.dropped()) {
    writer_.Drop();
    return;
  }
  if (editor.changed()) {
    writer_.Open();
    editor.WriteTo(writer_);
  }
  writer_.Pop();
}

template <typename Count>
uint64_t BatchEditor::ApplyCounted(MessageEditor& editor, Count&& count) {
  if (editor.dropped() || !editor.changed()) {
    Apply(editor);
    return editor.dropped() ? 0 : count(editor.message());
  }
  std::string edited;
  editor.AppendTo(edited);
  writer_.Open();
  writer_.Append(edited);
  writer_.SkipTo(editor.message().data() + editor.message().size());
  writer_.Pop();
  return count(edited);
}

// Walks the innermost message, applies the field edits of `entry` and calls edit_child for each
// occurrence of field `number`; returns the items left. The caller pops or drops the message.
template <typename EditChild>
uint64_t BatchEditor::EditChildren(MessageEditor& entry, uint32_t number, EditChild&& edit_child) {
  const std::string_view message = entry.message();
  uint64_t items = 0;
  const bool fields_changed = entry.changed();
  if (fields_changed) writer_.Open();
  FieldMerge<SpliceWriter> merge(entry.CollectFields(), writer_);
  for (WireReader in(message); in.Next();) {
    if (fields_changed && merge.Field(in.number(), in.field())) continue;
    if (in.tag() != BytesTag(number)) continue;
    writer_.Push(in.field(), in.bytes());
    items += edit_child(in.bytes());
  }
  if (fields_changed) merge.Finish(message.data() + message.size());
  return items;
}

uint64_t BatchEditor::EditItem(std::string_view message) {
  item_.Reset(message, signal_ == Signal::kTraces ? fields::Span::kAttributes
                                                  : fields::LogRecord::kAttributes);
  visitor_.OnItem(item_);
  Apply(item_);
  return item_.dropped() ? 0 : 1;
}

uint64_t BatchEditor::EditData(MetricKind kind, std::string_view message) {
  uint64_t items = 0;
  const uint32_t attributes = AttributesField(kind);
  for (WireReader in(message); in.Next();) {
    if (in.tag() != BytesTag(fields::MetricData::kDataPoints)) continue;
    writer_.Push(in.field(), in.bytes());
    item_.Reset(in.bytes(), attributes);
    visitor_.OnDataPoint(kind, item_);
    Apply(item_);
    items += item_.dropped() ? 0 : 1;
  }
  writer_.Pop();
  return items;
}

uint64_t BatchEditor::EditMetric(std::string_view message) {
  metric_.Reset(message, fields::Metric::kMetadata);
  const Descend descend = visitor_.OnMetric(metric_);
  if (metric_.dropped() || descend == Descend::kOver) return ApplyCounted(metric_, CountPoints);
  const MetricView view(message);
  // The last data field is the one that counts; a former one, which no encoder writes, is kept as
  // it is.
  constexpr uint32_t kDataField[] = {0,
                                     fields::Metric::kGauge,
                                     fields::Metric::kSum,
                                     fields::Metric::kHistogram,
                                     fields::Metric::kExponentialHistogram,
                                     fields::Metric::kSummary};
  const uint32_t number = kDataField[static_cast<size_t>(view.kind)];
  const uint64_t items = EditChildren(metric_, number, [&](std::string_view data) -> uint64_t {
    if (data.data() != view.data_message.data()) {
      writer_.Pop();
      return 0;
    }
    return EditData(view.kind, data);
  });
  Leave(items);
  return items;
}

// Puts what was recorded for `sub` into field `number` of its entry.
void FoldInto(MessageEditor& entry, uint32_t number, MessageEditor& sub) {
  if (!sub.changed() || entry.dropped()) return;
  if (sub.dropped()) {
    entry.Clear(number);
    return;
  }
  std::string edited;
  sub.AppendTo(edited);
  if (edited.empty() && sub.message().empty()) return;
  entry.SetBytes(number, edited);
}

uint64_t BatchEditor::EditScope(std::string_view message) {
  scope_entry_.Reset(message, 0);
  scope_.Reset(SubMessage(message, fields::ScopeItems::kScope), fields::Scope::kAttributes);
  const Descend descend = visitor_.OnScope(scope_entry_, scope_);
  FoldInto(scope_entry_, fields::ScopeItems::kScope, scope_);
  if (scope_entry_.dropped() || descend == Descend::kOver) {
    return ApplyCounted(
        scope_entry_, [this](std::string_view scope) { return CountItemsOfScope(signal_, scope); });
  }
  const uint64_t items =
      EditChildren(scope_entry_, fields::ScopeItems::kItems, [&](std::string_view item) {
        return signal_ == Signal::kMetrics ? EditMetric(item) : EditItem(item);
      });
  Leave(items);
  return items;
}

void BatchEditor::Leave(uint64_t items) {
  if (items == 0 && options_.remove_empty) {
    writer_.Drop();
  } else {
    writer_.Pop();
  }
}

BatchEditor::Outcome BatchEditor::EditResource(std::string_view message, std::string_view framed,
                                               uint64_t items) {
  writer_.Begin(framed, message);
  resource_entry_.Reset(message, 0);
  resource_.Reset(SubMessage(message, fields::ResourceItems::kResource),
                  fields::Resource::kAttributes);
  const Descend descend = visitor_.OnResource(resource_entry_, resource_);
  FoldInto(resource_entry_, fields::ResourceItems::kResource, resource_);
  if (resource_entry_.dropped()) return {Fate::kDropped, 0};
  if (descend == Descend::kOver) {
    if (!resource_entry_.changed()) return {Fate::kKept, items};
    items = ApplyCounted(resource_entry_, [this](std::string_view resource) {
      return CountItemsOfResource(signal_, resource);
    });
    return {Fate::kChanged, items};
  }
  items = EditChildren(resource_entry_, fields::ResourceItems::kScopes,
                       [&](std::string_view scope) { return EditScope(scope); });
  if (items == 0 && options_.remove_empty) {
    writer_.Drop();
    return {Fate::kDropped, 0};
  }
  return {writer_.Pop() ? Fate::kChanged : Fate::kKept, items};
}

void BatchEditor::Keep(const Run& run, size_t offset, ResourceExtent extent,
                       std::string_view framed) {
  if (!segments_.empty()) {
    Segment& last = segments_.back();
    if (last.run == nullptr && extent.size_bytes <= kCopyBelowBytes) {
      writer_.Append(framed);
      last.size += extent.size_bytes;
      last.extents.push_back(extent);
      return;
    }
    if (last.run == &run && last.offset + last.size == offset) {
      last.size += extent.size_bytes;
      last.extents.push_back(extent);
      return;
    }
  }
  segments_.push_back({&run, offset, extent.size_bytes, {extent}});
}

void BatchEditor::AddFresh(size_t begin, uint64_t items) {
  if (segments_.empty() || segments_.back().run != nullptr) {
    segments_.push_back({nullptr, begin, 0, {}});
  }
  Segment& last = segments_.back();
  const auto size = static_cast<uint32_t>(writer_.size() - begin);
  last.size += size;
  last.extents.push_back({size, static_cast<uint32_t>(items)});
}

Batch BatchEditor::Assemble() {
  const Slice fresh = writer_.Finish();
  Batch out(signal_);
  for (Segment& segment : segments_) {
    const Slice& source = segment.run ? segment.run->bytes() : fresh;
    Slice bytes = source.Sub(segment.offset, segment.size);
    if (segment.extents.size() == 1) {
      out.Append(Run(std::move(bytes), segment.extents[0].items));
    } else {
      out.Append(Run(std::move(bytes), std::make_shared<const std::vector<ResourceExtent>>(
                                           std::move(segment.extents))));
    }
  }
  return out;
}

Batch BatchEditor::Edit(const Batch& batch) {
  bool changed = false;
  size_t left = batch.size_bytes();
  for (const Run& run : batch.runs()) {
    size_t offset = 0;
    for (size_t i = 0; i < run.resource_count(); ++i) {
      const ResourceExtent extent = run.extent(i);
      const std::string_view framed = run.bytes().view().substr(offset, extent.size_bytes);
      const size_t begin = writer_.size();
      // A little more than what may be copied, so that insertions seldom make it grow.
      if (begin == 0) writer_.Expect(left + left / 8 + 256);
      const Outcome outcome =
          EditResource(framed.substr(FrameHeaderSize(framed)), framed, extent.items);
      if (outcome.fate == Fate::kKept) {
        Keep(run, offset, extent, framed);
      } else {
        changed = true;
        if (outcome.fate == Fate::kChanged) AddFresh(begin, outcome.items);
      }
      offset += extent.size_bytes;
      left -= extent.size_bytes;
    }
  }
  return changed ? Assemble() : batch;
}

}  // namespace

Batch EditBatch(const Batch& batch, BatchVisitor& visitor, const EditOptions& options) {
  return BatchEditor(batch.signal(), visitor, options).Edit(batch);
}

}  // namespace weir::model
