// host:port texts, split as Go's net.SplitHostPort does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace weir::net {

struct HostPort {
  std::string host;  // without brackets
  std::string port;  // as written, may be a service's name
};

// kInvalidArgument with Go's text: `address localhost: missing port in address`.
Result<HostPort> SplitHostPort(std::string_view address);
// "host:port", with brackets around hosts that hold a colon.
std::string JoinHostPort(std::string_view host, std::string_view port);

// strerror() in Go's spelling: "connection refused", "address already in use".
std::string GoErrorText(int error_number);

}  // namespace weir::net
