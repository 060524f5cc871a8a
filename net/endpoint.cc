#include "net/endpoint.h"

#include <cctype>
#include <cstring>

namespace weir::net {
namespace {

Status AddressError(std::string_view address, std::string_view why) {
  return {StatusCode::kInvalidArgument,
          "address " + std::string(address) + ": " + std::string(why)};
}

}  // namespace

Result<HostPort> SplitHostPort(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos)
    return Fail(AddressError(address, "missing port in address"));
  std::string_view host;
  size_t after_open = 0;
  size_t after_close = 0;
  if (address.front() == '[') {
    const size_t close = address.find(']');
    if (close == std::string_view::npos) {
      return Fail(AddressError(address, "missing ']' in address"));
    }
    if (close + 1 == address.size()) return Fail(AddressError(address, "missing port in address"));
    if (close + 1 != colon) {
      const bool colon_follows = address[close + 1] == ':';
      return Fail(AddressError(
          address, colon_follows ? "too many colons in address" : "missing port in address"));
    }
    host = address.substr(1, close - 1);
    after_open = 1;
    after_close = close + 1;
  } else {
    host = address.substr(0, colon);
    if (host.find(':') != std::string_view::npos) {
      return Fail(AddressError(address, "too many colons in address"));
    }
  }
  if (address.find('[', after_open) != std::string_view::npos) {
    return Fail(AddressError(address, "unexpected '[' in address"));
  }
  if (address.find(']', after_close) != std::string_view::npos) {
    return Fail(AddressError(address, "unexpected ']' in address"));
  }
  return HostPort{std::string(host), std::string(address.substr(colon + 1))};
}

std::string JoinHostPort(std::string_view host, std::string_view port) {
  std::string text;
  const bool brackets = host.find(':') != std::string_view::npos;
  if (brackets) text += '[';
  text += host;
  if (brackets) text += ']';
  text += ':';
  text += port;
  return text;
}

std::string GoErrorText(int error_number) {
  std::string text = std::strerror(error_number);
  if (!text.empty()) {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  return text;
}

}  // namespace weir::net
