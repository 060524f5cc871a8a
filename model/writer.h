// Writing OTLP messages from scratch, for receivers of other formats, scrapers and connectors.
//
// Bytes come out as libprotobuf and Go would write them when fields are written in order of their
// numbers (model/fields.h): a field with proto3's default is left out (the ...Present calls write
// it all the same: oneof members and optional fields), lengths are in their shortest form.
//
//   BatchBuilder batch(Signal::kLogs);
//   batch.BeginResource(resource);                   // a serialised Resource
//   batch.BeginScope(scope);                         // a serialised InstrumentationScope
//   {
//     MessageWriter log = batch.AddItem();
//     log.Fixed64(fields::LogRecord::kTime, now);
//     log.BytesPresent(fields::LogRecord::kBody, StringValue("hello"));
//     log.Attribute(fields::LogRecord::kAttributes, "key", IntValue(1));
//   }
//   Batch out = batch.Finish();
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_budget.h"
#include "model/batch.h"
#include "model/signal.h"
#include "model/wire.h"

namespace weir::model {

// One message being appended to a string. A nested one is closed by Close or its destructor, before
// anything else is written to its parent.
class MessageWriter {
 public:
  // The fields of a message that needs no frame: a top-level one.
  explicit MessageWriter(std::string& out) : out_(out), content_(out.size()) {}
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;
  ~MessageWriter() { Close(); }

  // A message in field `number`. `expected_bytes` saves moving its bytes when it closes: a guess of
  // its size, right when the length takes as many bytes.
  MessageWriter Message(uint32_t number, size_t expected_bytes = 0) {
    return MessageWriter(out_, number, expected_bytes);
  }
  // Sets the length; nothing more may be written through this writer.
  void Close();

  // A string, bytes or a serialised message.
  void Bytes(uint32_t number, std::string_view value) {
    if (!value.empty()) BytesPresent(number, value);
  }
  void Varint(uint32_t number, uint64_t value) {
    if (value != 0) VarintPresent(number, value);
  }
  // An int32 or enum: negative values take ten bytes.
  void Int32(uint32_t number, int32_t value) {
    Varint(number, static_cast<uint64_t>(static_cast<int64_t>(value)));
  }
  void SInt32(uint32_t number, int32_t value) {
    Varint(number, static_cast<uint32_t>(EncodeZigZag(value)));
  }
  void Bool(uint32_t number, bool value) { Varint(number, value ? 1 : 0); }
  void Fixed64(uint32_t number, uint64_t value) {
    if (value != 0) Fixed64Present(number, value);
  }
  void Fixed32(uint32_t number, uint32_t value) {
    if (value != 0) AppendFixed32Field(out_, number, value);
  }
  // -0.0 is not the default and is written.
  void Double(uint32_t number, double value) { Fixed64(number, std::bit_cast<uint64_t>(value)); }

  void BytesPresent(uint32_t number, std::string_view value) {
    AppendBytesField(out_, number, value);
  }
  void VarintPresent(uint32_t number, uint64_t value) { AppendVarintField(out_, number, value); }
  void Fixed64Present(uint32_t number, uint64_t value) { AppendFixed64Field(out_, number, value); }
  void DoublePresent(uint32_t number, double value) { AppendDoubleField(out_, number, value); }

  // Packed repeated numbers; nothing when there are none.
  void PackedFixed64(uint32_t number, std::span<const uint64_t> values);
  void PackedDoubles(uint32_t number, std::span<const double> values);
  void PackedVarints(uint32_t number, std::span<const uint64_t> values);

  // A KeyValue in field `number`; `any_value` is a serialised AnyValue (model/message_editor.h has
  // StringValue and its like).
  void Attribute(uint32_t number, std::string_view key, std::string_view any_value);
  // Whole fields, as they stand elsewhere.
  void Fields(std::string_view fields) { out_.append(fields); }

 private:
  MessageWriter(std::string& out, uint32_t number, size_t expected_bytes);

  std::string& out_;
  size_t content_;    // where the message begins in out_
  size_t width_ = 0;  // reserved for its length in front; 0: no frame, or closed
};

// A request under construction: resources, in them scopes, in them items. Not thread-safe.
class BatchBuilder {
 public:
  explicit BatchBuilder(Signal signal) : signal_(signal) {}

  // Opens a resource, with its scopes closed if one was open. `resource` is a serialised Resource;
  // empty writes none.
  void BeginResource(std::string_view resource, std::string_view schema_url = {});
  // Opens a scope in the open resource. `scope` is a serialised InstrumentationScope.
  void BeginScope(std::string_view scope, std::string_view schema_url = {});
  // A span or log record in the open scope.
  MessageWriter AddItem() {
    ++items_;
    return MessageWriter(bytes_).Message(kItems);
  }
  // A metric in the open scope that will get `data_points`.
  MessageWriter AddMetric(size_t data_points) {
    items_ += data_points;
    return MessageWriter(bytes_).Message(kItems);
  }
  // The same, serialised already.
  void AddItem(std::string_view message) {
    ++items_;
    AppendBytesField(bytes_, kItems, message);
  }
  void AddMetric(std::string_view message, size_t data_points) {
    items_ += data_points;
    AppendBytesField(bytes_, kItems, message);
  }

  size_t items() const { return total_items_ + items_; }
  size_t size_bytes() const { return bytes_.size(); }

  // The batch, its bytes charged to `budget` (never refused) when given. The builder is empty
  // afterwards.
  Batch Finish(ByteBudget* budget = nullptr);

 private:
  static constexpr uint32_t kItems = 2;  // fields::ScopeItems::kItems
  // An open message whose length is not known yet.
  struct Frame {
    size_t begin = 0;  // of its tag
    size_t content = 0;
    bool open = false;
    std::string schema_url;
  };
  void Open(Frame& frame, uint32_t number, std::string_view schema_url);
  void Close(Frame& frame, uint32_t schema_url_number);
  void EndResource();

  Signal signal_;
  std::string bytes_;
  Frame resource_;
  Frame scope_;
  size_t items_ = 0;  // of the open resource
  size_t total_items_ = 0;
  std::vector<ResourceExtent> extents_;
};

}  // namespace weir::model
