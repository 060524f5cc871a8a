// Protobuf's wire format, read and written field by field
// (protobuf.dev/programming-guides/encoding).
//
//   field    tag varint (number << 3 | type)   value by type
//   varint   0                                 1 to 10 bytes, seven bits each, low first
//   fixed64  1                                 8 bytes, little endian
//   bytes    2                                 length varint, then that many bytes
//   group    3 ... 4                           skipped, never known
//   fixed32  5                                 4 bytes, little endian
//
// WireReader walks one message that CheckRequest has passed. It never reads outside the message and
// never throws: on bytes that are no message it stops and malformed() is true, so views over
// unchecked bytes are wrong but harmless.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weir::model {

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

constexpr uint32_t Tag(uint32_t number, WireType type) {
  return number << 3 | static_cast<uint32_t>(type);
}
// For `switch (reader.tag())`.
constexpr uint32_t VarintTag(uint32_t number) { return Tag(number, WireType::kVarint); }
constexpr uint32_t Fixed64Tag(uint32_t number) { return Tag(number, WireType::kFixed64); }
constexpr uint32_t Fixed32Tag(uint32_t number) { return Tag(number, WireType::kFixed32); }
constexpr uint32_t BytesTag(uint32_t number) { return Tag(number, WireType::kBytes); }

static_assert(std::endian::native == std::endian::little, "fixed fields are read in place");

template <typename T>
inline T LoadLittle(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

// ReadVarint for what is not one or two bytes, or runs past the end.
const uint8_t* ReadLongVarint(const uint8_t* p, const uint8_t* end, uint64_t* value);

// Reads a varint at `p`; the byte behind it, or null when it runs past `end` or past ten bytes.
inline const uint8_t* ReadVarint(const uint8_t* p, const uint8_t* end, uint64_t* value) {
  if (p < end && *p < 0x80) {
    *value = *p;
    return p + 1;
  }
  if (end - p >= 2 && p[1] < 0x80) {
    *value = (p[0] & 0x7fu) | static_cast<uint64_t>(p[1]) << 7;
    return p + 2;
  }
  return ReadLongVarint(p, end, value);
}

// Skips to the end of the group `number` whose tag ends at `p`; null when it has none. Ends must
// match their starts, at most 100 deep. Does not recurse.
const uint8_t* SkipGroup(const uint8_t* p, const uint8_t* end, uint32_t number);

constexpr int64_t DecodeZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}
constexpr uint64_t EncodeZigZag(int64_t value) {
  return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
}

// The fields of one message, in order:
//
//   for (WireReader in(message); in.Next();) {
//     switch (in.tag()) {
//       case BytesTag(fields::Span::kName): name = in.bytes(); break;
//       case VarintTag(fields::Span::kKind): kind = in.Int32(); break;
//     }
//   }
class WireReader {
 public:
  explicit WireReader(std::string_view message)
      : p_(reinterpret_cast<const uint8_t*>(message.data())), end_(p_ + message.size()) {}

  // Moves to the next field; false at the end, or at the first byte that is no field (malformed()).
  bool Next();

  uint32_t tag() const { return tag_; }
  uint32_t number() const { return tag_ >> 3; }
  WireType type() const { return static_cast<WireType>(tag_ & 7); }

  // The value, by type(): of kVarint as it stands, of kFixed64, of kFixed32.
  uint64_t value() const { return value_; }
  int64_t Int64() const { return static_cast<int64_t>(value_); }
  int32_t Int32() const { return static_cast<int32_t>(value_); }
  uint32_t Uint32() const { return static_cast<uint32_t>(value_); }
  bool Bool() const { return value_ != 0; }
  int32_t SInt32() const {
    return static_cast<int32_t>(DecodeZigZag(static_cast<uint32_t>(value_)));
  }
  double Double() const { return std::bit_cast<double>(value_); }
  // Of kBytes; inside the message.
  std::string_view bytes() const { return bytes_; }

  // The whole field with tag and length, as it stands in the message.
  std::string_view field() const {
    return {reinterpret_cast<const char*>(start_), static_cast<size_t>(p_ - start_)};
  }
  // What has not been read yet.
  std::string_view rest() const {
    return {reinterpret_cast<const char*>(p_), static_cast<size_t>(end_ - p_)};
  }
  bool malformed() const { return malformed_; }

 private:
  bool Fail() {
    malformed_ = true;
    p_ = end_;
    return false;
  }

  const uint8_t* p_;
  const uint8_t* end_;
  const uint8_t* start_ = nullptr;
  uint32_t tag_ = 0;
  bool malformed_ = false;
  uint64_t value_ = 0;
  std::string_view bytes_;
};

inline bool WireReader::Next() {
  if (p_ >= end_) return false;
  start_ = p_;
  uint64_t tag;
  const uint8_t* p = ReadVarint(p_, end_, &tag);
  if (p == nullptr || tag < 8 || tag > UINT32_MAX) return Fail();
  tag_ = static_cast<uint32_t>(tag);
  switch (tag & 7) {
    case 0:
      p = ReadVarint(p, end_, &value_);
      if (p == nullptr) return Fail();
      break;
    case 1:
      if (end_ - p < 8) return Fail();
      value_ = LoadLittle<uint64_t>(p);
      p += 8;
      break;
    case 2: {
      uint64_t size;
      p = ReadVarint(p, end_, &size);
      if (p == nullptr || size > static_cast<size_t>(end_ - p)) return Fail();
      bytes_ = {reinterpret_cast<const char*>(p), static_cast<size_t>(size)};
      p += size;
      break;
    }
    case 3:
      p = SkipGroup(p, end_, tag_ >> 3);
      if (p == nullptr) return Fail();
      break;
    case 5:
      if (end_ - p < 4) return Fail();
      value_ = LoadLittle<uint32_t>(p);
      p += 4;
      break;
    default:
      return Fail();
  }
  p_ = p;
  return true;
}

constexpr size_t VarintSize(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
}

// Writes `value` at `p`, which has room for VarintSize(value); the byte behind it.
inline uint8_t* PutVarint(uint8_t* p, uint64_t value) {
  while (value >= 0x80) {
    *p++ = static_cast<uint8_t>(value | 0x80);
    value >>= 7;
  }
  *p++ = static_cast<uint8_t>(value);
  return p;
}

// Appends fields to a string. Nothing is left out: proto3's rule that a default is not written is
// the caller's (model/writer.h keeps it).
inline void AppendVarint(std::string& out, uint64_t value) {
  uint8_t bytes[10];
  out.append(reinterpret_cast<const char*>(bytes),
             static_cast<size_t>(PutVarint(bytes, value) - bytes));
}
inline void AppendVarintField(std::string& out, uint32_t number, uint64_t value) {
  AppendVarint(out, VarintTag(number));
  AppendVarint(out, value);
}
inline void AppendFixed64Field(std::string& out, uint32_t number, uint64_t value) {
  AppendVarint(out, Fixed64Tag(number));
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}
inline void AppendDoubleField(std::string& out, uint32_t number, double value) {
  AppendFixed64Field(out, number, std::bit_cast<uint64_t>(value));
}
inline void AppendFixed32Field(std::string& out, uint32_t number, uint32_t value) {
  AppendVarint(out, Fixed32Tag(number));
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}
// A string, bytes, or a message that is already serialised.
inline void AppendBytesField(std::string& out, uint32_t number, std::string_view value) {
  AppendVarint(out, BytesTag(number));
  AppendVarint(out, value.size());
  out.append(value);
}

}  // namespace weir::model
