// How the program calls itself to servers.
#pragma once

#include <string>
#include <string_view>

namespace weir::net {

// `Weir/1.2.3 (linux/amd64)`, the machine in Go's words.
inline std::string UserAgent(std::string_view product, std::string_view version) {
#if defined(__x86_64__)
  constexpr std::string_view kMachine = "amd64";
#elif defined(__aarch64__)
  constexpr std::string_view kMachine = "arm64";
#else
  constexpr std::string_view kMachine = "unknown";
#endif
  std::string text(product);
  text.append("/").append(version).append(" (linux/").append(kMachine).append(")");
  return text;
}

}  // namespace weir::net
