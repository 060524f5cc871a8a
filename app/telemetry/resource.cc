#include "app/telemetry/resource.h"

#include <array>
#include <map>
#include <random>

namespace weir::app {
namespace {

// A random UUID (RFC 9562, version 4).
std::string RandomUuid() {
  std::random_device random;
  std::array<uint32_t, 4> words{random(), random(), random(), random()};
  words[1] = (words[1] & 0xFFFF0FFFu) | 0x00004000u;
  words[2] = (words[2] & 0x3FFFFFFFu) | 0x80000000u;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
    text += kHex[words[i / 8] >> (28 - 4 * (i % 8)) & 0xF];
  }
  return text;
}

}  // namespace

ResourceAttributes MakeResource(const TelemetryConfig& config, const pipeline::BuildInfo& build) {
  std::map<std::string, std::string> attributes = {{"service.name", build.command},
                                                   {"service.version", build.version},
                                                   {"service.instance.id", RandomUuid()}};
  for (const auto& [name, value] : config.Resource().attributes) {
    if (value) {
      attributes[name] = *value;
    } else {
      attributes.erase(name);
    }
  }
  return {attributes.begin(), attributes.end()};
}

}  // namespace weir::app
