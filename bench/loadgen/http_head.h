// The head of an HTTP/1.1 request or response: just enough for a generator, a sink and a forwarder
// that talk to well-behaved peers on the same machine. Not a general parser.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::bench {

struct HttpHead {
  size_t size = 0;          // bytes up to and with the empty line
  int status = 0;           // of a response
  std::string_view method;  // of a request
  std::string_view target;  // of a request
  uint64_t content_length = 0;
  int64_t retry_after_seconds = -1;  // -1: none
  bool is_chunked = false;
  bool is_gzip = false;
  bool wants_close = false;
  bool expects_continue = false;
};

// False when `bytes` does not yet hold a whole head. Views point into `bytes`.
bool ParseHttpHead(std::string_view bytes, HttpHead& head);

}  // namespace weir::bench
