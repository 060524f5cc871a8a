#include "model/message_editor.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "model/fields.h"

namespace weir::model {

std::string StringValue(std::string_view value) {
  std::string out;
  AppendBytesField(out, fields::AnyValue::kString, value);
  return out;
}
std::string BytesValue(std::string_view value) {
  std::string out;
  AppendBytesField(out, fields::AnyValue::kBytes, value);
  return out;
}
std::string BoolValue(bool value) {
  std::string out;
  AppendVarintField(out, fields::AnyValue::kBool, value ? 1 : 0);
  return out;
}
std::string IntValue(int64_t value) {
  std::string out;
  AppendVarintField(out, fields::AnyValue::kInt, static_cast<uint64_t>(value));
  return out;
}
std::string DoubleValue(double value) {
  std::string out;
  AppendDoubleField(out, fields::AnyValue::kDouble, value);
  return out;
}

char* EditArena::Allocate(size_t size) {
  if (blocks_.empty() || blocks_.back().size - used_ < size) {
    const size_t block = std::max<size_t>(size, 4096);
    blocks_.push_back({std::make_unique<char[]>(block), block});
    used_ = 0;
  }
  char* memory = blocks_.back().bytes.get() + used_;
  used_ += size;
  return memory;
}

std::string_view EditArena::Copy(std::string_view bytes) {
  char* memory = Allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(memory, bytes.data(), bytes.size());
  return {memory, bytes.size()};
}

void EditArena::Reset() {
  if (blocks_.size() > 1) blocks_.resize(1);
  used_ = 0;
}

std::string_view AttributeEditor::KeyValueOf(std::string_view field) {
  WireReader in(field);
  return in.Next() ? in.bytes() : std::string_view();
}

AnyValueView AttributeEditor::value(size_t index) const {
  return KeyValueView(KeyValueOf(entries_[index].field)).value();
}

size_t AttributeEditor::Find(std::string_view key) const {
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].key == key) return i;
  }
  return kNone;
}

std::optional<AnyValueView> AttributeEditor::Get(std::string_view key) const {
  const size_t index = Find(key);
  if (index == kNone) return std::nullopt;
  return value(index);
}

std::string_view AttributeEditor::MakeField(std::string_view key, std::string_view value) {
  const size_t message_size =
      2 + VarintSize(key.size()) + key.size() + VarintSize(value.size()) + value.size();
  const uint32_t tag = BytesTag(number_);
  const size_t size = VarintSize(tag) + VarintSize(message_size) + message_size;
  char* const memory = arena_->Allocate(size);
  auto* p = reinterpret_cast<uint8_t*>(memory);
  p = PutVarint(p, tag);
  p = PutVarint(p, message_size);
  *p++ = BytesTag(fields::KeyValue::kKey);
  p = PutVarint(p, key.size());
  if (!key.empty()) std::memcpy(p, key.data(), key.size());
  p += key.size();
  *p++ = BytesTag(fields::KeyValue::kValue);
  p = PutVarint(p, value.size());
  if (!value.empty()) std::memcpy(p, value.data(), value.size());
  return {memory, size};
}

void AttributeEditor::Append(std::string_view key, std::string_view value) {
  const std::string_view field = MakeField(key, value);
  entries_.push_back({KeyValueView(KeyValueOf(field)).key, field});
  changed_ = true;
}

void AttributeEditor::SetValue(size_t index, std::string_view value) {
  entries_[index].field = MakeField(entries_[index].key, value);
  entries_[index].key = KeyValueView(KeyValueOf(entries_[index].field)).key;
  changed_ = true;
}

void AttributeEditor::SetKey(size_t index, std::string_view key) {
  const std::string_view value = KeyValueView(KeyValueOf(entries_[index].field)).value_message;
  entries_[index].field = MakeField(key, value);
  entries_[index].key = KeyValueView(KeyValueOf(entries_[index].field)).key;
  changed_ = true;
}

void AttributeEditor::Upsert(std::string_view key, std::string_view value) {
  const size_t index = Find(key);
  if (index == kNone) {
    Append(key, value);
  } else {
    SetValue(index, value);
  }
}

bool AttributeEditor::Insert(std::string_view key, std::string_view value) {
  if (Has(key)) return false;
  Append(key, value);
  return true;
}

bool AttributeEditor::Update(std::string_view key, std::string_view value) {
  const size_t index = Find(key);
  if (index == kNone) return false;
  SetValue(index, value);
  return true;
}

bool AttributeEditor::Remove(std::string_view key) {
  const size_t index = Find(key);
  if (index == kNone) return false;
  entries_[index] = entries_.back();
  entries_.pop_back();
  changed_ = true;
  return true;
}

void AttributeEditor::Clear() {
  if (entries_.empty()) return;
  entries_.clear();
  changed_ = true;
}

void MessageEditor::Reset(std::string_view message, uint32_t attributes_number) {
  message_ = message;
  attributes_number_ = attributes_number;
  dropped_ = false;
  replaced_ = false;
  loaded_ = false;
  attributes_together_ = true;
  attributes_.changed_ = false;
  fields_.clear();
  arena_.Reset();
}

AttributeEditor& MessageEditor::attributes() {
  if (!loaded_) LoadAttributes();
  return attributes_;
}

void MessageEditor::LoadAttributes() {
  CHECK(attributes_number_ != 0) << "this message has no attributes";
  loaded_ = true;
  attributes_.arena_ = &arena_;
  attributes_.number_ = attributes_number_;
  attributes_.entries_.clear();
  attributes_begin_ = nullptr;
  const char* would_begin = nullptr;
  const uint32_t tag = BytesTag(attributes_number_);
  for (WireReader in(message_); in.Next();) {
    const std::string_view field = in.field();
    if (in.tag() == tag) {
      if (attributes_begin_ == nullptr) {
        attributes_begin_ = field.data();
      } else if (attributes_end_ != field.data()) {
        attributes_together_ = false;
      }
      attributes_end_ = field.data() + field.size();
      attributes_.entries_.push_back({KeyValueView(in.bytes()).key, field});
    } else if (would_begin == nullptr && in.number() > attributes_number_) {
      would_begin = field.data();
    }
  }
  if (attributes_begin_ == nullptr) {
    attributes_begin_ = would_begin ? would_begin : message_.data() + message_.size();
    attributes_end_ = attributes_begin_;
  }
}

void MessageEditor::SetField(uint32_t number, std::string_view bytes) {
  CHECK(number != attributes_number_) << "attributes are edited through attributes()";
  auto it = std::lower_bound(fields_.begin(), fields_.end(), number,
                             [](const FieldEdit& edit, uint32_t n) { return edit.number < n; });
  if (it != fields_.end() && it->number == number) {
    it->bytes = bytes;
  } else {
    fields_.insert(it, {number, bytes});
  }
}

void MessageEditor::SetBytes(uint32_t number, std::string_view value) {
  const size_t head = VarintSize(BytesTag(number)) + VarintSize(value.size());
  char* memory = arena_.Allocate(head + value.size());
  uint8_t* p = PutVarint(reinterpret_cast<uint8_t*>(memory), BytesTag(number));
  p = PutVarint(p, value.size());
  if (!value.empty()) std::memcpy(p, value.data(), value.size());
  SetField(number, {memory, head + value.size()});
}

void MessageEditor::SetVarint(uint32_t number, uint64_t value) {
  std::string field;
  AppendVarintField(field, number, value);
  SetFields(number, field);
}

void MessageEditor::SetFixed64(uint32_t number, uint64_t value) {
  std::string field;
  AppendFixed64Field(field, number, value);
  SetFields(number, field);
}

void MessageEditor::SetFixed32(uint32_t number, uint32_t value) {
  std::string field;
  AppendFixed32Field(field, number, value);
  SetFields(number, field);
}

void MessageEditor::SetFields(uint32_t number, std::string_view fields) {
  SetField(number, arena_.Copy(fields));
}

void MessageEditor::Replace(std::string_view message) {
  replacement_ = arena_.Copy(message);
  replaced_ = true;
}

const std::vector<MessageEditor::FieldEdit>& MessageEditor::CollectFields() {
  if (!attributes_.changed_) return fields_;
  size_t size = 0;
  for (const auto& entry : attributes_.entries_) size += entry.field.size();
  char* memory = arena_.Allocate(size);
  char* p = memory;
  for (const auto& entry : attributes_.entries_) {
    std::memcpy(p, entry.field.data(), entry.field.size());
    p += entry.field.size();
  }
  attributes_.changed_ = false;
  const uint32_t number = std::exchange(attributes_number_, 0);
  SetField(number, {memory, size});
  attributes_number_ = number;
  return fields_;
}

namespace {

// Copies from a message into a string.
class StringSink {
 public:
  StringSink(std::string& out, const char* begin) : out_(out), pending_(begin) {}
  void CopyTo(const char* p) {
    out_.append(pending_, static_cast<size_t>(p - pending_));
    pending_ = p;
  }
  void SkipTo(const char* p) { pending_ = p; }
  void Append(std::string_view bytes) { out_.append(bytes); }

 private:
  std::string& out_;
  const char* pending_;
};

}  // namespace

void MessageEditor::AppendTo(std::string& out) {
  StringSink sink(out, message_.data());
  WriteTo(sink);
  sink.CopyTo(message_.data() + message_.size());
}

}  // namespace weir::model
