#include "model/writer.h"

#include <cstring>
#include <memory>
#include <utility>

#include "base/check.h"
#include "model/fields.h"

namespace weir::model {
namespace {

// Room for a length of four bytes: messages up to 256 MiB are not moved to be longer, only shorter.
constexpr size_t kFrameWidth = 4;

// Writes the length of the message from `content` to the end of `out` into the `width` bytes in
// front of it, moving the message when its length takes another width.
void SetLength(std::string& out, size_t content, size_t width) {
  const size_t size = out.size() - content;
  const size_t needed = VarintSize(size);
  if (needed > width) out.append(needed - width, '\0');
  char* length = out.data() + content - width;
  if (needed != width) std::memmove(length + needed, out.data() + content, size);
  PutVarint(reinterpret_cast<uint8_t*>(length), size);
  if (needed < width) out.resize(out.size() - (width - needed));
}

}  // namespace

MessageWriter::MessageWriter(std::string& out, uint32_t number, size_t expected_bytes)
    : out_(out), content_(0), width_(VarintSize(expected_bytes)) {
  AppendVarint(out_, BytesTag(number));
  out_.append(width_, '\0');
  content_ = out_.size();
}

void MessageWriter::Close() {
  if (width_ == 0) return;
  SetLength(out_, content_, width_);
  width_ = 0;
}

void MessageWriter::PackedFixed64(uint32_t number, std::span<const uint64_t> values) {
  Bytes(number, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

void MessageWriter::PackedDoubles(uint32_t number, std::span<const double> values) {
  Bytes(number, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

void MessageWriter::PackedVarints(uint32_t number, std::span<const uint64_t> values) {
  if (values.empty()) return;
  size_t size = 0;
  for (const uint64_t value : values) size += VarintSize(value);
  AppendVarint(out_, BytesTag(number));
  AppendVarint(out_, size);
  for (const uint64_t value : values) AppendVarint(out_, value);
}

void MessageWriter::Attribute(uint32_t number, std::string_view key, std::string_view any_value) {
  const size_t size =
      2 + VarintSize(key.size()) + key.size() + VarintSize(any_value.size()) + any_value.size();
  AppendVarint(out_, BytesTag(number));
  AppendVarint(out_, size);
  AppendBytesField(out_, fields::KeyValue::kKey, key);
  AppendBytesField(out_, fields::KeyValue::kValue, any_value);
}

void BatchBuilder::Open(Frame& frame, uint32_t number, std::string_view schema_url) {
  frame.begin = bytes_.size();
  AppendVarint(bytes_, BytesTag(number));
  bytes_.append(kFrameWidth, '\0');
  frame.content = bytes_.size();
  frame.schema_url = schema_url;
  frame.open = true;
}

void BatchBuilder::Close(Frame& frame, uint32_t schema_url_number) {
  if (!frame.open) return;
  if (!frame.schema_url.empty()) AppendBytesField(bytes_, schema_url_number, frame.schema_url);
  SetLength(bytes_, frame.content, kFrameWidth);
  frame.open = false;
}

void BatchBuilder::BeginResource(std::string_view resource, std::string_view schema_url) {
  EndResource();
  Open(resource_, fields::Request::kResources, schema_url);
  if (!resource.empty()) AppendBytesField(bytes_, fields::ResourceItems::kResource, resource);
}

void BatchBuilder::BeginScope(std::string_view scope, std::string_view schema_url) {
  CHECK(resource_.open) << "a scope outside a resource";
  Close(scope_, fields::ScopeItems::kSchemaUrl);
  Open(scope_, fields::ResourceItems::kScopes, schema_url);
  if (!scope.empty()) AppendBytesField(bytes_, fields::ScopeItems::kScope, scope);
}

void BatchBuilder::EndResource() {
  if (!resource_.open) return;
  Close(scope_, fields::ScopeItems::kSchemaUrl);
  Close(resource_, fields::ResourceItems::kSchemaUrl);
  extents_.push_back(
      {static_cast<uint32_t>(bytes_.size() - resource_.begin), static_cast<uint32_t>(items_)});
  total_items_ += items_;
  items_ = 0;
}

Batch BatchBuilder::Finish(ByteBudget* budget) {
  EndResource();
  Batch batch(signal_);
  if (extents_.size() == 1) {
    batch.Append(Run(Slice::Copy(bytes_, budget), extents_[0].items));
  } else if (!extents_.empty()) {
    batch.Append(Run(Slice::Copy(bytes_, budget),
                     std::make_shared<const std::vector<ResourceExtent>>(std::move(extents_))));
  }
  bytes_.clear();
  extents_.clear();
  total_items_ = 0;
  return batch;
}

}  // namespace weir::model
