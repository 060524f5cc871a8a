// URLs of http and https endpoints, read as Go's net/url does where it matters for them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace weir::net {

struct Url {
  std::string scheme;    // lower case
  std::string userinfo;  // "user:password", decoded; empty: none
  std::string host;      // without brackets and port
  std::string port;      // empty: the scheme's
  std::string path;      // as written, with its leading '/', or empty
  std::string query;     // without '?'
  bool ipv6 = false;     // host stood in brackets

  // "host:port" with the scheme's port when none is given; brackets around IPv6.
  std::string Authority() const;
  // The Host header: as written.
  std::string HostHeader() const;
  std::string port_or_default() const;
  // Path and query for a request line, "/" when empty.
  std::string Target() const;
  std::string ToString() const;
};

// kInvalidArgument with Go's text: `parse "http://[bad": missing ']' in host`.
Result<Url> ParseUrl(std::string_view text);

// %41 → A; '+' stays. Nothing for a broken escape.
std::optional<std::string> PercentDecode(std::string_view text);

}  // namespace weir::net
