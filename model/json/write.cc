#include "model/json/write.h"

#include <array>
#include <bit>
#include <span>

#include "model/json/encoding.h"
#include "model/json/text.h"
#include "model/wire.h"

namespace weir::model::json {
namespace {

// What a message says about one of its fields.
struct Found {
  uint32_t count = 0;
  uint64_t value = 0;      // the last one, of scalars
  std::string_view bytes;  // the last one, of messages, strings and bytes
  std::string_view range;  // from the first occurrence to the end of the last
};

bool IsBytesType(FieldType type) {
  return type == FieldType::kMessage || type == FieldType::kString || type == FieldType::kBytes ||
         type == FieldType::kTraceId || type == FieldType::kSpanId;
}

WireType WireTypeOf(FieldType type) {
  if (IsBytesType(type)) return WireType::kBytes;
  switch (type) {
    case FieldType::kFixed32:
      return WireType::kFixed32;
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
    case FieldType::kDouble:
      return WireType::kFixed64;
    default:
      return WireType::kVarint;
  }
}

void AppendQuotedUint(uint64_t value, std::string& out) {
  out += '"';
  AppendUint(value, out);
  out += '"';
}

void AppendQuotedInt(int64_t value, std::string& out) {
  out += '"';
  AppendInt(value, out);
  out += '"';
}

// The value of a scalar as it stands on the wire.
void AppendScalar(FieldType type, uint64_t value, std::string& out) {
  switch (type) {
    case FieldType::kBool:
      out += value != 0 ? "true" : "false";
      return;
    case FieldType::kEnum:
    case FieldType::kInt32:
      return AppendInt(static_cast<int32_t>(value), out);
    case FieldType::kSint32:
      return AppendInt(DecodeZigZag(static_cast<uint32_t>(value)), out);
    case FieldType::kUint32:
    case FieldType::kFixed32:
      return AppendUint(static_cast<uint32_t>(value), out);
    case FieldType::kInt64:
    case FieldType::kSfixed64:
      return AppendQuotedInt(static_cast<int64_t>(value), out);
    case FieldType::kDouble:
      return AppendDouble(std::bit_cast<double>(value), DoubleStyle::kProtoJson, out);
    default:
      return AppendQuotedUint(value, out);
  }
}

void AppendBytesValue(const Field& field, std::string_view bytes, std::string& out) {
  switch (field.type) {
    case FieldType::kMessage:
      return AppendJsonMessage(*field.message, bytes, out);
    case FieldType::kString:
      return AppendString(bytes, out);
    case FieldType::kBytes:
      out += '"';
      AppendBase64(bytes, out);
      out += '"';
      return;
    default:
      out += '"';
      AppendHex(bytes, out);
      out += '"';
  }
}

// The numbers packed into `bytes`.
void AppendPacked(FieldType type, std::string_view bytes, std::string& out) {
  const auto* p = reinterpret_cast<const uint8_t*>(bytes.data());
  const uint8_t* const end = p + bytes.size();
  while (p != nullptr && p < end) {
    uint64_t value = 0;
    if (WireTypeOf(type) == WireType::kVarint) {
      p = ReadVarint(p, end, &value);
      if (p == nullptr) return;
    } else {
      if (end - p < 8) return;
      value = LoadLittle<uint64_t>(p);
      p += 8;
    }
    AppendScalar(type, value, out);
    out += ',';
  }
}

void AppendList(const Field& field, std::string_view range, std::string& out) {
  out += '[';
  for (WireReader in(range); in.Next();) {
    if (in.number() != field.number) continue;
    if (IsBytesType(field.type)) {
      AppendBytesValue(field, in.bytes(), out);
      out += ',';
    } else if (in.type() == WireType::kBytes) {
      AppendPacked(field.type, in.bytes(), out);
    } else {
      AppendScalar(field.type, in.value(), out);
      out += ',';
    }
  }
  if (out.back() == ',') {
    out.back() = ']';
  } else {
    out += ']';
  }
}

bool IsZeroId(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

// Whether the value is shown although nothing distinguishes it from an absent one.
bool IsShown(const Field& field, const Found& found) {
  if (field.rule == FieldRule::kShown) return true;
  if (found.count == 0) return false;
  switch (field.rule) {
    case FieldRule::kOptional:
    case FieldRule::kOneof:
    case FieldRule::kRepeated:
      return true;
    default:
      break;
  }
  if (field.type == FieldType::kTraceId || field.type == FieldType::kSpanId) {
    return !IsZeroId(found.bytes);
  }
  if (field.type == FieldType::kMessage) return true;
  if (IsBytesType(field.type)) return !found.bytes.empty();
  // A negative zero is no zero on the wire, yet equal to it.
  if (field.type == FieldType::kDouble) return std::bit_cast<double>(found.value) != 0;
  return found.value != 0;
}

// Index of the field with `number`, searched from `guess` on; the size when there is none.
size_t IndexOf(std::span<const Field> fields, uint32_t number, size_t guess) {
  for (size_t i = guess; i < fields.size(); ++i) {
    if (fields[i].number == number) return i;
  }
  for (size_t i = 0; i < guess; ++i) {
    if (fields[i].number == number) return i;
  }
  return fields.size();
}

// Whether `type` can carry the field: its own wire type, or packed numbers.
bool Fits(const Field& field, WireType type) {
  return type == WireTypeOf(field.type) ||
         (field.rule == FieldRule::kRepeated && type == WireType::kBytes);
}

// Notes where every field of the message is. Of a oneof only the last member that is set counts.
void FindFields(const Message& message, std::string_view bytes, std::span<Found> found) {
  const std::span<const Field> fields = message.fields;
  size_t guess = 0;
  size_t chosen = fields.size();
  for (WireReader in(bytes); in.Next();) {
    const size_t index = IndexOf(fields, in.number(), guess < fields.size() ? guess : 0);
    if (index == fields.size() || !Fits(fields[index], in.type())) continue;
    guess = index;
    const bool is_packed = in.type() == WireType::kBytes && !IsBytesType(fields[index].type);
    if (is_packed && in.bytes().empty()) continue;
    Found& f = found[index];
    const std::string_view whole = in.field();
    const char* const first = f.count++ == 0 ? whole.data() : f.range.data();
    f.range = {first, static_cast<size_t>(whole.data() + whole.size() - first)};
    if (in.type() == WireType::kBytes) {
      f.bytes = in.bytes();
    } else {
      f.value = in.value();
    }
    if (fields[index].rule != FieldRule::kOneof || chosen == index) continue;
    if (chosen != fields.size()) found[chosen] = Found();
    chosen = index;
  }
}

// `separator`, the name in quotes and a colon.
void AppendKey(char separator, std::string_view name, std::string& out) {
  constexpr size_t kNameMax = 28;
  std::array<char, kNameMax + 4> key;
  key[0] = separator;
  key[1] = '"';
  const size_t size = name.copy(key.data() + 2, kNameMax);
  key[size + 2] = '"';
  key[size + 3] = ':';
  out.append(key.data(), size + 4);
}

// `kFieldsMax`: at least the number of fields; small messages are many, so they shall not pay for
// the slots of large ones.
template <size_t kFieldsMax>
void AppendFields(const Message& message, std::string_view bytes, std::string& out) {
  std::array<Found, kFieldsMax> slots;
  const std::span<Found> found(slots.data(), message.fields.size());
  FindFields(message, bytes, found);
  char separator = '{';
  for (size_t i = 0; i < found.size(); ++i) {
    const Field& field = message.fields[i];
    if (!IsShown(field, found[i])) continue;
    AppendKey(separator, field.name, out);
    separator = ',';
    if (field.rule == FieldRule::kRepeated) {
      AppendList(field, found[i].range, out);
    } else if (IsBytesType(field.type)) {
      AppendBytesValue(field, found[i].bytes, out);
    } else {
      AppendScalar(field.type, found[i].value, out);
    }
  }
  if (separator == '{') out += '{';
  out += '}';
}

}  // namespace

void AppendJsonMessage(const Message& message, std::string_view bytes, std::string& out) {
  const size_t fields = message.fields.size();
  if (fields <= 3) {
    AppendFields<3>(message, bytes, out);
  } else if (fields <= 8) {
    AppendFields<8>(message, bytes, out);
  } else {
    AppendFields<kMessageFieldsMax>(message, bytes, out);
  }
}

void AppendJsonRequest(const Batch& batch, std::string& out) {
  if (batch.resource_count() == 0) {
    out += "{}";
    return;
  }
  const Field& resources = RequestMessage(batch.signal()).fields[0];
  // Names and quotes make the text two to three times as long.
  out.reserve(out.size() + batch.size_bytes() * 3);
  out += "{\"";
  out += resources.name;
  out += "\":";
  char separator = '[';
  batch.ForEachResource([&](std::string_view message, uint32_t, const Slice&) {
    out += separator;
    separator = ',';
    AppendJsonMessage(*resources.message, message, out);
  });
  out += "]}";
}

}  // namespace weir::model::json
