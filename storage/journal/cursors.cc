#include "storage/journal/cursors.h"

#include "storage/io/crc32c.h"
#include "storage/journal/bytes.h"
#include "storage/journal/frame.h"

namespace weir::storage::journal {
namespace {

constexpr std::string_view kMagic = "WEIRCURS";
constexpr uint32_t kVersion = 1;

tl::unexpected<Status> Damaged() {
  return Fail(Status(StatusCode::kDataLoss, "the file of the cursors is damaged"));
}

bool TakeCursor(std::string_view& bytes, Cursors& cursors) {
  uint16_t name_size = 0;
  if (!Take(bytes, &name_size) || bytes.size() < name_size) return false;
  RangeSet& delivered = cursors[std::string(bytes.substr(0, name_size))];
  bytes.remove_prefix(name_size);
  uint32_t count = 0;
  if (!Take(bytes, &count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    uint64_t first = 0;
    uint64_t last = 0;
    if (!Take(bytes, &first) || !Take(bytes, &last) || first > last || last > kSequenceMax) {
      return false;
    }
    delivered.Insert(first, last);
  }
  return true;
}

}  // namespace

std::string EncodeCursors(const Cursors& cursors) {
  std::string bytes(kMagic);
  Add(bytes, kVersion);
  Add(bytes, static_cast<uint32_t>(cursors.size()));
  for (const auto& [name, delivered] : cursors) {
    Add(bytes, static_cast<uint16_t>(name.size()));
    bytes += name;
    Add(bytes, static_cast<uint32_t>(delivered.ranges().size()));
    for (const auto& [first, last] : delivered.ranges()) {
      Add(bytes, first);
      Add(bytes, last);
    }
  }
  Add(bytes, io::Crc32c(bytes));
  return bytes;
}

Result<Cursors> DecodeCursors(std::string_view bytes) {
  if (bytes.size() < kMagic.size() + 3 * sizeof(uint32_t) || !bytes.starts_with(kMagic)) {
    return Damaged();
  }
  const size_t crc_at = bytes.size() - sizeof(uint32_t);
  if (Get<uint32_t>(bytes.data() + crc_at) != io::Crc32c(bytes.substr(0, crc_at))) {
    return Damaged();
  }
  bytes = bytes.substr(kMagic.size(), crc_at - kMagic.size());
  uint32_t version = 0;
  uint32_t count = 0;
  static_cast<void>(Take(bytes, &version) && Take(bytes, &count));
  if (version != kVersion) {
    return Fail(Status(StatusCode::kFailedPrecondition,
                       "the file of the cursors has version " + std::to_string(version) +
                           ", this program reads version 1; run the newer program again"));
  }
  Cursors cursors;
  for (uint32_t i = 0; i < count; ++i) {
    if (!TakeCursor(bytes, cursors)) return Damaged();
  }
  return cursors;
}

}  // namespace weir::storage::journal
