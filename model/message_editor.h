// Changes to one OTLP message, recorded while a processor looks at it and applied when it is done.
//
// A processor gets a MessageEditor per resource, scope, span, log record, metric or data point
// (model/edit.h). It reads the message through a view, records what it wants changed, and returns;
// the fields it did not touch are copied byte for byte, unknown ones too. Editors are reused from
// one message to the next, so editing does not allocate per message.
//
// Not thread-safe; valid inside the callback that got it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/view.h"
#include "model/wire.h"

namespace weir::model {

// Serialised AnyValues, for AttributeEditor. Constants are best made once.
std::string StringValue(std::string_view value);
std::string BytesValue(std::string_view value);
std::string BoolValue(bool value);
std::string IntValue(int64_t value);
std::string DoubleValue(double value);

// Memory for the new bytes of one message: grows in blocks, so what it gave stays in place until
// Reset, which keeps the first block.
class EditArena {
 public:
  char* Allocate(size_t size);
  std::string_view Copy(std::string_view bytes);
  void Reset();

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };
  std::vector<Block> blocks_;
  size_t used_ = 0;  // of the last block
};

// The attributes of one message, in order. Behaves as Go's pcommon.Map: lookups find the first
// entry with a key, new entries go to the end, removing one moves the last into its place, RemoveIf
// keeps the order. `value` parameters are serialised AnyValues; keys and values are copied.
class AttributeEditor {
 public:
  static constexpr size_t kNone = ~size_t{0};

  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  // Of entry `index` < size().
  std::string_view key(size_t index) const { return entries_[index].key; }
  AnyValueView value(size_t index) const;

  // The first entry with `key`, or kNone.
  size_t Find(std::string_view key) const;
  bool Has(std::string_view key) const { return Find(key) != kNone; }
  std::optional<AnyValueView> Get(std::string_view key) const;

  // Adds or replaces.
  void Upsert(std::string_view key, std::string_view value);
  // Adds, unless there is one already; whether it did.
  bool Insert(std::string_view key, std::string_view value);
  // Replaces, if there is one; whether it did.
  bool Update(std::string_view key, std::string_view value);
  // Replaces the value of entry `index`.
  void SetValue(size_t index, std::string_view value);
  // Gives entry `index` another key.
  void SetKey(size_t index, std::string_view key);
  // Adds at the end without looking for the key.
  void Append(std::string_view key, std::string_view value);
  bool Remove(std::string_view key);
  void Clear();
  // Removes every entry for which remove(key, AnyValueView) is true; how many.
  template <typename Predicate>
  size_t RemoveIf(Predicate&& remove);

  bool changed() const { return changed_; }

 private:
  friend class MessageEditor;
  struct Entry {
    std::string_view key;
    std::string_view field;  // tag, length and KeyValue: in the source or in the arena
  };
  std::string_view MakeField(std::string_view key, std::string_view value);
  static std::string_view KeyValueOf(std::string_view field);

  EditArena* arena_ = nullptr;
  uint32_t number_ = 0;
  bool changed_ = false;
  std::vector<Entry> entries_;
};

class MessageEditor {
 public:
  MessageEditor() = default;
  MessageEditor(const MessageEditor&) = delete;
  MessageEditor& operator=(const MessageEditor&) = delete;

  // The message as it came, for its view. Recorded changes do not show in it.
  std::string_view message() const { return message_; }

  // Its attributes, with the changes recorded so far. Read from the message at the first call. For
  // a metric this is its metadata; a resource's or scope's entry has none (CHECK).
  AttributeEditor& attributes();

  // Replaces all occurrences of field `number` by one with this value (a string, bytes, or a
  // serialised message), at its place in field order. Not for the attributes' field.
  void SetBytes(uint32_t number, std::string_view value);
  void SetVarint(uint32_t number, uint64_t value);
  void SetFixed64(uint32_t number, uint64_t value);
  void SetFixed32(uint32_t number, uint32_t value);
  // By whole fields with their tags, any number of them: for repeated fields.
  void SetFields(uint32_t number, std::string_view fields);
  void Clear(uint32_t number) { SetFields(number, {}); }

  // Puts `message` in the place of this one; other changes are forgotten.
  void Replace(std::string_view message);
  // Removes the message from its parent; an item that goes is counted.
  void Drop() { dropped_ = true; }

  // Edits the messages of a repeated field, such as a span's events: calls edit(MessageEditor&) for
  // each. `attributes_number` is the attributes' field in them, 0 for none.
  template <typename Edit>
  void EditEach(uint32_t number, uint32_t attributes_number, Edit&& edit);

  // ---- For who applies the changes (model/edit.cc) ----

  // Takes `message`, which must stay in place; attributes are its field `attributes_number`.
  void Reset(std::string_view message, uint32_t attributes_number);
  bool dropped() const { return dropped_; }
  bool changed() const { return dropped_ || replaced_ || !fields_.empty() || attributes_.changed_; }
  // The changed message, appended to `out`. Not for a dropped one.
  void AppendTo(std::string& out);
  // Writes the changed message to a sink that copies from the source:
  //   sink.CopyTo(const char*), sink.SkipTo(const char*), sink.Append(string_view)
  // The rest behind the last change is left to the sink.
  template <typename Sink>
  void WriteTo(Sink& sink);

  struct FieldEdit {
    uint32_t number;
    std::string_view bytes;  // whole fields; empty to clear
  };
  // The recorded fields in order of number, with the attributes as one of them.
  const std::vector<FieldEdit>& CollectFields();

 private:
  void LoadAttributes();
  template <typename Sink>
  void WriteAttributes(Sink& sink);
  void SetField(uint32_t number, std::string_view bytes);

  std::string_view message_;
  uint32_t attributes_number_ = 0;
  bool dropped_ = false;
  bool replaced_ = false;
  bool loaded_ = false;
  // Where the attributes are in the message: from the first to the last, or where they would go.
  const char* attributes_begin_ = nullptr;
  const char* attributes_end_ = nullptr;
  bool attributes_together_ = true;  // no other field between them
  std::string_view replacement_;
  AttributeEditor attributes_;
  std::vector<FieldEdit> fields_;
  EditArena arena_;
};

// Walks a message's fields and merges edits into it by field number; `sink` as for WriteTo. Call
// Field for each field of the message in order, then Finish.
template <typename Sink>
class FieldMerge {
 public:
  FieldMerge(const std::vector<MessageEditor::FieldEdit>& edits, Sink& sink)
      : edits_(edits), sink_(sink) {}

  // True when the field is one that was edited, and so is gone from the source.
  bool Field(uint32_t number, std::string_view field) {
    while (next_ < edits_.size() && edits_[next_].number <= number) {
      sink_.CopyTo(field.data());
      sink_.Append(edits_[next_++].bytes);
    }
    for (const auto& edit : edits_) {
      if (edit.number != number) continue;
      sink_.CopyTo(field.data());
      sink_.SkipTo(field.data() + field.size());
      return true;
    }
    return false;
  }
  void Finish(const char* end) {
    if (next_ == edits_.size()) return;
    sink_.CopyTo(end);
    while (next_ < edits_.size()) sink_.Append(edits_[next_++].bytes);
  }

 private:
  const std::vector<MessageEditor::FieldEdit>& edits_;
  Sink& sink_;
  size_t next_ = 0;
};

template <typename Predicate>
size_t AttributeEditor::RemoveIf(Predicate&& remove) {
  size_t kept = 0;
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (remove(entries_[i].key, value(i))) continue;
    if (kept != i) entries_[kept] = entries_[i];
    ++kept;
  }
  const size_t removed = entries_.size() - kept;
  entries_.resize(kept);
  if (removed > 0) changed_ = true;
  return removed;
}

template <typename Sink>
void MessageEditor::WriteAttributes(Sink& sink) {
  sink.CopyTo(attributes_begin_);
  const auto& entries = attributes_.entries_;
  for (size_t i = 0; i < entries.size();) {
    // Neighbours in the source are copied together.
    const char* begin = entries[i].field.data();
    const char* end = begin + entries[i].field.size();
    for (++i; i < entries.size() && entries[i].field.data() == end; ++i) {
      end += entries[i].field.size();
    }
    sink.Append({begin, static_cast<size_t>(end - begin)});
  }
  sink.SkipTo(attributes_end_);
}

template <typename Sink>
void MessageEditor::WriteTo(Sink& sink) {
  const char* end = message_.data() + message_.size();
  if (replaced_) {
    sink.Append(replacement_);
    sink.SkipTo(end);
  } else if (fields_.empty() && attributes_together_) {
    if (attributes_.changed_) WriteAttributes(sink);
  } else {
    FieldMerge<Sink> merge(CollectFields(), sink);
    for (WireReader in(message_); in.Next();) merge.Field(in.number(), in.field());
    merge.Finish(end);
  }
}

template <typename Edit>
void MessageEditor::EditEach(uint32_t number, uint32_t attributes_number, Edit&& edit) {
  MessageEditor child;
  std::string fields;
  std::string message;
  bool any = false;
  for (WireReader in(message_); in.Next();) {
    if (in.number() != number) continue;
    child.Reset(in.bytes(), attributes_number);
    edit(child);
    any = any || child.changed();
    if (child.dropped()) continue;
    if (!child.changed()) {
      fields.append(in.field());
      continue;
    }
    message.clear();
    child.AppendTo(message);
    AppendBytesField(fields, number, message);
  }
  if (any) SetFields(number, fields);
}

}  // namespace weir::model
