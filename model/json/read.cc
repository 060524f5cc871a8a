#include "model/json/read.h"

#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

#include "model/json/encoding.h"
#include "model/json/scanner.h"
#include "model/json/schema.h"
#include "model/json/wire_buffer.h"
#include "model/wire.h"

namespace weir::model::json {
namespace {

// Walks one text along the tables of schema.h. A function is false after a mistake, which the
// scanner knows, or after the budget refused, which refused_ knows.
class JsonReader {
 public:
  JsonReader(std::string_view text, ByteBudget* budget)
      : text_(text), scanner_(text), out_(budget) {}

  Result<Slice> Read(const Message& message);

 private:
  bool ReadFields(const Message& message, int depth);
  bool ReadMembers(const Message& message, int depth);
  bool ReadKey(const Message& message, size_t guess, const Field** field);
  bool ReadField(const Field& field, bool seen, int depth);
  bool ReadList(const Field& field, int depth);
  bool ReadItem(const Field& field, int depth);
  bool ReadPacked(const Field& field);
  bool ReadMessage(const Field& field, int depth);
  bool ReadString(const Field& field, bool keep_empty);
  bool ReadBytes(const Field& field);
  bool ReadId(const Field& field, size_t size, bool keep_empty);
  bool ReadScalar(const Field& field, bool keep_zero);
  bool ReadNumeric(const Field& field, uint64_t* bits);
  bool ReadEnum(const Field& field, uint64_t* bits);
  template <typename T>
  bool ReadInteger(uint64_t* bits);
  bool ReadDouble(double* value);
  Status Failure() const;

  // Notes where a mistake was, on the way out of the recursion. Always false.
  bool At(std::string_view name, std::string_view separator = ".") {
    path_.insert(0, std::string(separator) + std::string(name));
    return false;
  }
  bool Written(bool ok) {
    refused_ = refused_ || !ok;
    return ok;
  }

  const std::string_view text_;
  Scanner scanner_;
  WireBuffer out_;
  std::string path_;  // of the mistake, with a dot in front
  bool refused_ = false;
};

const Field* FindField(const Message& message, std::string_view name) {
  for (const Field& field : message.fields) {
    if (field.name == name || field.snake_name == name) return &field;
  }
  return nullptr;
}

Result<Slice> JsonReader::Read(const Message& message) {
  // The usual result is a third to a half of the text; lists of small numbers may outgrow it.
  if (!out_.Reserve(text_.size() / 2 + 64)) {
    refused_ = true;
    return Fail(Failure());
  }
  bool null = false;
  if (!scanner_.TakeNull(&null)) return Fail(Failure());
  if (!null && !ReadFields(message, 0)) return Fail(Failure());
  return std::move(out_).Freeze();
}

Status JsonReader::Failure() const {
  if (refused_) {
    return Status::Retryable("data refused due to high memory usage", std::chrono::seconds(1));
  }
  std::string message = path_.empty() ? std::string() : path_.substr(1) + ": ";
  message += scanner_.error() + " (byte " + std::to_string(scanner_.error_offset()) + ")";
  return {StatusCode::kInvalidArgument, std::move(message)};
}

// An object, the braces included.
bool JsonReader::ReadFields(const Message& message, int depth) {
  if (!scanner_.Take('{', "an object")) return false;
  if (scanner_.TryTake('}')) return true;
  return ReadMembers(message, depth);
}

// The key of a member and its colon. `*field` is null when the message has no such field. The
// search begins at the field numbered `guess`, and so rarely looks at a second one.
bool JsonReader::ReadKey(const Message& message, size_t guess, const Field** field) {
  const std::span<const Field> fields = message.fields;
  scanner_.Peek();
  for (size_t i = guess; i < fields.size(); ++i) {
    if (scanner_.TryTakeKey(fields[i].name)) return *field = &fields[i], true;
  }
  for (size_t i = 0; i < guess; ++i) {
    if (scanner_.TryTakeKey(fields[i].name)) return *field = &fields[i], true;
  }
  std::string_view name;
  if (!scanner_.ReadString(&name)) return false;
  *field = FindField(message, name);
  return scanner_.Take(':', "`:`");
}

bool JsonReader::ReadMembers(const Message& message, int depth) {
  uint32_t seen = 0;
  size_t guess = 0;
  do {
    const Field* field = nullptr;
    if (!ReadKey(message, guess, &field)) return false;
    if (field == nullptr) {
      if (!scanner_.SkipValue()) return false;
      continue;
    }
    guess = static_cast<size_t>(field - message.fields.data());
    const uint32_t bit = uint32_t{1} << guess++;
    if (!ReadField(*field, (seen & bit) != 0, depth)) return At(field->name);
    seen |= bit;
  } while (scanner_.TryTake(','));
  return scanner_.Take('}', "`,` or `}`");
}

// `seen`: an earlier value is to be overwritten, so that a zero has to be written too.
bool JsonReader::ReadField(const Field& field, bool seen, int depth) {
  const bool keep_zero = seen || field.rule == FieldRule::kOneof;
  if (field.rule == FieldRule::kRepeated) return ReadList(field, depth);
  switch (field.type) {
    case FieldType::kMessage:
      return ReadMessage(field, depth);
    case FieldType::kString:
      return ReadString(field, keep_zero);
    case FieldType::kBytes:
      return ReadBytes(field);
    case FieldType::kTraceId:
      return ReadId(field, kTraceIdSize, keep_zero);
    case FieldType::kSpanId:
      return ReadId(field, kSpanIdSize, keep_zero);
    default:
      return ReadScalar(field, keep_zero || field.rule == FieldRule::kOptional);
  }
}

bool JsonReader::ReadList(const Field& field, int depth) {
  bool null = false;
  if (!scanner_.TakeNull(&null)) return false;
  if (null) return true;
  if (!scanner_.Take('[', "a list")) return false;
  if (scanner_.TryTake(']')) return true;
  if (field.type != FieldType::kMessage && field.type != FieldType::kString) {
    return ReadPacked(field);
  }
  size_t index = 0;
  do {
    if (!ReadItem(field, depth)) return At(std::to_string(index) + "]", "[");
    ++index;
  } while (scanner_.TryTake(','));
  return scanner_.Take(']', "`,` or `]`");
}

bool JsonReader::ReadItem(const Field& field, int depth) {
  if (field.type == FieldType::kString) return ReadString(field, true);
  return ReadMessage(field, depth);
}

bool JsonReader::ReadPacked(const Field& field) {
  constexpr uint8_t kLengthBytes = 2;
  WireBuffer::Mark mark;
  if (!Written(out_.Begin(field.number, kLengthBytes, &mark))) return false;
  size_t index = 0;
  do {
    uint64_t bits = 0;
    if (!ReadNumeric(field, &bits)) return At(std::to_string(index) + "]", "[");
    const bool fixed = field.type != FieldType::kUint64;
    if (!Written(fixed ? out_.PackedFixed(bits) : out_.PackedVarint(bits))) return false;
    ++index;
  } while (scanner_.TryTake(','));
  return scanner_.Take(']', "`,` or `]`") && Written(out_.End(mark));
}

// A null message that can be absent is absent; in a list or oneof it is there and empty.
bool JsonReader::ReadMessage(const Field& field, int depth) {
  bool null = false;
  if (!scanner_.TakeNull(&null)) return false;
  if (null) {
    const bool absent = field.rule == FieldRule::kPlain || field.rule == FieldRule::kShown;
    return absent || Written(out_.Bytes(field.number, {}));
  }
  if (field.message == &kAnyValue && ++depth > kValueDepthMax) {
    return scanner_.Fail("values are nested deeper than " + std::to_string(kValueDepthMax));
  }
  WireBuffer::Mark mark;
  if (!Written(out_.Begin(field.number, field.message->length_bytes_hint, &mark))) return false;
  return ReadFields(*field.message, depth) && Written(out_.End(mark));
}

bool JsonReader::ReadString(const Field& field, bool keep_empty) {
  bool null = false;
  if (!scanner_.TakeNull(&null)) return false;
  Scanner::RawString raw{};
  if (!null && !scanner_.ReadRawString(&raw)) return false;
  if (raw.text.empty()) return !keep_empty || Written(out_.Bytes(field.number, {}));
  if (!raw.escaped) return Written(out_.Bytes(field.number, raw.text));
  const uint8_t length_bytes = raw.text.size() < 0x80 ? 1 : 2;
  WireBuffer::Mark mark;
  if (!Written(out_.Begin(field.number, length_bytes, &mark))) return false;
  uint8_t* const room = out_.Room(raw.text.size());
  if (!Written(room != nullptr)) return false;
  const ptrdiff_t size = scanner_.Unescape(raw.text, reinterpret_cast<char*>(room));
  if (size < 0) return false;
  out_.Advance(static_cast<size_t>(size));
  return Written(out_.End(mark));
}

// The one bytes field of OTLP is a value in a oneof: empty bytes are written.
bool JsonReader::ReadBytes(const Field& field) {
  std::string_view text;
  if (!scanner_.ReadString(&text)) return false;
  WireBuffer::Mark mark;
  const uint8_t length_bytes = text.size() < 0x80 ? 1 : 2;
  if (!Written(out_.Begin(field.number, length_bytes, &mark))) return false;
  uint8_t* const room = out_.Room(text.size());
  if (!Written(room != nullptr)) return false;
  const ptrdiff_t size = DecodeBase64(text, room);
  if (size < 0) return scanner_.Fail("bytes must be padded standard base64");
  out_.Advance(static_cast<size_t>(size));
  return Written(out_.End(mark));
}

bool JsonReader::ReadId(const Field& field, size_t size, bool keep_empty) {
  std::string_view text;
  if (!scanner_.ReadString(&text)) return false;
  uint8_t id[kTraceIdSize] = {};
  if (!text.empty()) {
    if (text.size() != size * 2) {
      return scanner_.Fail("an id must have " + std::to_string(size * 2) +
                           " hexadecimal digits, found " + std::to_string(text.size()));
    }
    if (!DecodeHex(text, id)) return scanner_.Fail("an id must be hexadecimal");
  }
  constexpr uint8_t kZeros[kTraceIdSize] = {};
  const bool none = std::memcmp(id, kZeros, size) == 0;
  if (none) return !keep_empty || Written(out_.Bytes(field.number, {}));
  return Written(out_.Bytes(field.number, {reinterpret_cast<const char*>(id), size}));
}

bool JsonReader::ReadScalar(const Field& field, bool keep_zero) {
  uint64_t bits = 0;
  if (!ReadNumeric(field, &bits)) return false;
  if (bits == 0 && !keep_zero) return true;
  switch (field.type) {
    case FieldType::kFixed32:
      return Written(out_.Fixed(field.number, static_cast<uint32_t>(bits)));
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
    case FieldType::kDouble:
      return Written(out_.Fixed(field.number, bits));
    default:
      return Written(out_.Varint(field.number, bits));
  }
}

// The bits that go on the wire, varints widened as protobuf widens them.
bool JsonReader::ReadNumeric(const Field& field, uint64_t* bits) {
  switch (field.type) {
    case FieldType::kBool: {
      bool value = false;
      if (!scanner_.ReadBool(&value)) return false;
      *bits = value ? 1 : 0;
      return true;
    }
    case FieldType::kEnum:
      return ReadEnum(field, bits);
    case FieldType::kInt32:
      return ReadInteger<int32_t>(bits);
    case FieldType::kSint32:
      if (!ReadInteger<int32_t>(bits)) return false;
      *bits = static_cast<uint32_t>(EncodeZigZag(static_cast<int64_t>(*bits)));
      return true;
    case FieldType::kUint32:
    case FieldType::kFixed32:
      return ReadInteger<uint32_t>(bits);
    case FieldType::kInt64:
    case FieldType::kSfixed64:
      return ReadInteger<int64_t>(bits);
    case FieldType::kDouble: {
      double value = 0;
      if (!ReadDouble(&value)) return false;
      *bits = std::bit_cast<uint64_t>(value);
      return true;
    }
    default:
      return ReadInteger<uint64_t>(bits);
  }
}

bool JsonReader::ReadEnum(const Field& field, uint64_t* bits) {
  if (scanner_.Peek() != '"') return ReadInteger<int32_t>(bits);
  std::string_view name;
  if (!scanner_.ReadString(&name)) return false;
  for (const EnumValue& value : field.values) {
    if (value.name == name) {
      *bits = static_cast<uint64_t>(value.number);
      return true;
    }
  }
  return scanner_.Fail("unknown name \"" + std::string(name) +
                       "\" (numbers are written without quotes)");
}

// An integer of type T, sign-extended.
template <typename T>
bool JsonReader::ReadInteger(uint64_t* bits) {
  std::string_view digits;
  if (scanner_.Peek() == '"') {
    if (!scanner_.ReadString(&digits)) return false;
    const bool plus = digits.starts_with('+') && !digits.starts_with("+-");
    if (plus) digits.remove_prefix(1);
  } else {
    if (!scanner_.ReadNumber(&digits)) return false;
  }
  const char* const end = digits.data() + digits.size();
  T value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error == std::errc() && stop == end) {
    *bits = static_cast<uint64_t>(value);
    return true;
  }
  if (std::is_unsigned_v<T> && digits.starts_with('-')) {
    return scanner_.Fail("must not be negative, found " + std::string(digits));
  }
  if (error == std::errc::result_out_of_range) {
    return scanner_.Fail(std::string(digits) + " is out of range");
  }
  return scanner_.Fail("must be an integer, found \"" + std::string(digits) + "\"");
}

bool JsonReader::ReadDouble(double* value) {
  std::string_view text;
  const bool quoted = scanner_.Peek() == '"';
  if (!(quoted ? scanner_.ReadString(&text) : scanner_.ReadNumber(&text))) return false;
  std::string_view digits = text;
  if (quoted && digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  // Quoted "NaN", "inf", "-Infinity" of any case are from_chars' words too.
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, *value);
  if (stop == end && error == std::errc()) {
    if (std::isnan(*value)) *value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  if (stop == end && error == std::errc::result_out_of_range) {
    *value = std::strtod(std::string(digits).c_str(), nullptr);
    return std::isfinite(*value) || scanner_.Fail(std::string(digits) + " is out of range");
  }
  return scanner_.Fail("must be a number, found \"" + std::string(text) + "\"");
}

}  // namespace

Result<Slice> ReadJsonRequest(Signal signal, std::string_view text, ByteBudget* budget) {
  return ReadJsonMessage(RequestMessage(signal), text, budget);
}

Result<Slice> ReadJsonMessage(const Message& message, std::string_view text, ByteBudget* budget) {
  return JsonReader(text, budget).Read(message);
}

}  // namespace weir::model::json
