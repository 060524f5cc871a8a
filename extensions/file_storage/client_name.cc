#include "extensions/file_storage/client_name.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace weir::extensions::file_storage {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

bool IsSafe(uint32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

// Takes one character off the front of UTF-8 text; a broken one is one byte and U+FFFD.
uint32_t TakeCharacter(std::string_view& text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const size_t more = first < 0x80 ? 0 : first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  uint32_t c = first;
  if (more > 0) c = first & (0x3Fu >> more);
  bool whole = (first < 0x80 || first >= 0xC0) && text.size() > more;
  for (size_t i = 1; whole && i <= more; ++i) {
    whole = (byte(i) & 0xC0) == 0x80;
    c = c << 6 | (byte(i) & 0x3Fu);
  }
  text.remove_prefix(whole ? more + 1 : 1);
  return whole ? c : kReplacement;
}

}  // namespace

std::string ClientName(pipeline::ComponentKind kind, const pipeline::ComponentId& id,
                       std::string_view name) {
  std::string raw(pipeline::KindName(kind));
  raw.append("_").append(id.type).append("_").append(id.name);
  if (!name.empty()) raw.append("_").append(name);
  std::string safe;
  for (std::string_view rest = raw; !rest.empty();) {
    const uint32_t c = TakeCharacter(rest);
    if (IsSafe(c)) {
      safe += static_cast<char>(c);
      continue;
    }
    std::array<char, 12> code{};
    std::snprintf(code.data(), code.size(), "~%04X", c);
    safe += code.data();
  }
  return safe;
}

}  // namespace weir::extensions::file_storage
