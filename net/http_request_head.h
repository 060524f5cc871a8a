// The head of an HTTP/1.1 request as text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "net/http_client.h"

namespace weir::net {

// Request line, Host and headers of all requests to `target`, each with its end; but no header that
// `replaced` has too.
std::string CommonRequestHead(const ClientTarget& target, const ClientHeaders& replaced = {});

// What a connection knows beside the request itself.
struct RequestHead {
  std::string_view cookies;  // value of Cookie, or empty
  bool close = false;        // the connection ends behind the answer
  size_t body_size = 0;      // bytes
};

// Appends the whole head with the empty line.
void AppendRequestHead(const ClientRequest& request, const RequestHead& head, std::string& out);

}  // namespace weir::net
