#include "storage/journal/frame.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "storage/io/crc32c.h"
#include "storage/journal/bytes.h"

namespace weir::storage::journal {
namespace {

constexpr std::string_view kSegmentMagic = "WEIRJRNL";
constexpr uint8_t kFrameVersion = 1;
constexpr size_t kFrameCrcAt = kFrameHeaderSize - sizeof(uint32_t);
constexpr size_t kSegmentCrcAt = kSegmentHeaderSize - sizeof(uint32_t);
constexpr std::string_view kSuffix = ".segment";
constexpr size_t kNumberDigits = 16;
constexpr size_t kMarkDigits = 8;

template <typename T>
bool ParseHex(std::string_view text, T* value) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), *value, 16);
  return error == std::errc() && stop == text.data() + text.size();
}

}  // namespace

void EncodeFrameHeader(const FrameHeader& header, uint32_t mark, char* to) {
  std::memcpy(to, kFrameMagic.data(), kFrameMagic.size());
  Put(to + 4, kFrameVersion);
  Put(to + 5, header.type);
  Put(to + 6, header.unsynced);
  Put(to + 8, mark);
  Put(to + 12, header.length);
  Put(to + 16, header.sequence);
  Put(to + 24, header.payload_crc);
  Put(to + kFrameCrcAt, io::Crc32c({to, kFrameCrcAt}));
}

std::optional<FrameHeader> DecodeFrameHeader(const char* bytes, uint32_t mark) {
  // Cheap tests first: a search for the next frame asks at every eighth byte.
  if (std::memcmp(bytes, kFrameMagic.data(), kFrameMagic.size()) != 0) return {};
  if (Get<uint8_t>(bytes + 4) != kFrameVersion || Get<uint32_t>(bytes + 8) != mark) return {};
  if (Get<uint32_t>(bytes + kFrameCrcAt) != io::Crc32c({bytes, kFrameCrcAt})) return {};
  FrameHeader header;
  header.type = Get<uint8_t>(bytes + 5);
  header.unsynced = Get<uint16_t>(bytes + 6);
  header.length = Get<uint32_t>(bytes + 12);
  header.sequence = Get<uint64_t>(bytes + 16);
  header.payload_crc = Get<uint32_t>(bytes + 24);
  return header;
}

std::string EncodeSegmentHeader(const SegmentHeader& header) {
  std::string bytes(kSegmentMagic);
  Add(bytes, header.version);
  Add(bytes, header.mark);
  Add(bytes, header.number);
  Add(bytes, header.first_sequence);
  Add(bytes, header.created_unix_nanos);
  bytes.resize(kSegmentCrcAt);
  Add(bytes, io::Crc32c(bytes));
  return bytes;
}

std::optional<SegmentHeader> DecodeSegmentHeader(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderSize || !bytes.starts_with(kSegmentMagic)) return {};
  if (Get<uint32_t>(bytes.data() + kSegmentCrcAt) != io::Crc32c(bytes.substr(0, kSegmentCrcAt))) {
    return {};
  }
  SegmentHeader header;
  header.version = Get<uint32_t>(bytes.data() + 8);
  header.mark = Get<uint32_t>(bytes.data() + 12);
  header.number = Get<uint64_t>(bytes.data() + 16);
  header.first_sequence = Get<uint64_t>(bytes.data() + 24);
  header.created_unix_nanos = Get<uint64_t>(bytes.data() + 32);
  return header;
}

std::string SegmentName(uint64_t number, uint32_t mark) {
  std::array<char, kNumberDigits + 1 + kMarkDigits + 1> text{};
  std::snprintf(text.data(), text.size(), "%016llx-%08x", static_cast<unsigned long long>(number),
                mark);
  return std::string(text.data()).append(kSuffix);
}

std::optional<SegmentId> ParseSegmentName(std::string_view name) {
  if (name.size() != kNumberDigits + 1 + kMarkDigits + kSuffix.size()) return {};
  if (name[kNumberDigits] != '-' || !name.ends_with(kSuffix)) return {};
  SegmentId id;
  if (!ParseHex(name.substr(0, kNumberDigits), &id.number)) return {};
  if (!ParseHex(name.substr(kNumberDigits + 1, kMarkDigits), &id.mark)) return {};
  return id;
}

}  // namespace weir::storage::journal
