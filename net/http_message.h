// Requests and responses as server handlers and client callers see them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/slice.h"
#include "net/compression/compression.h"

namespace weir::net {

// Names compare without regard to case.
bool SameHeaderName(std::string_view a, std::string_view b);
// Appends "name: value" with its end.
void AppendHeaderLine(std::string_view name, std::string_view value, std::string& out);
// "OK", "Not Found", ...; empty for numbers nobody defined.
std::string_view ReasonPhrase(int status);

// One request line with its headers. Views into the connection's buffer: valid until the request is
// answered.
struct HttpHead {
  using Header = std::pair<std::string_view, std::string_view>;

  std::string_view method;  // "POST"
  std::string_view target;  // "/v1/logs?x=1", as sent
  std::string_view path;    // up to '?', as sent
  std::string_view query;   // behind it
  std::vector<Header> headers;
  std::string_view peer;  // "127.0.0.1:51234"
  bool tls = false;

  // Of the first header with this name; null view when there is none. `Has` tells absent from
  // empty.
  std::string_view Find(std::string_view name) const;
  bool Has(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string_view content_type;                             // a literal; empty: no such header
  std::vector<std::pair<std::string, std::string>> headers;  // beside Content-Type and -Length
  Slice body;

  static HttpResponse Text(int status, std::string_view body,
                           std::string_view content_type = "text/plain; charset=utf-8");
  // Plain text that browsers must not take for anything else, as Go's http.Error.
  static HttpResponse PlainError(int status, std::string_view text);
};

// A request that has been read.
struct HttpRequest {
  const HttpHead* head = nullptr;  // valid until answered
  Slice body;                      // decompressed
  Encoding encoding = Encoding::kNone;
  Slice compressed;  // as it arrived, when `encoding` is not kNone
  // What the handler's OnHead left behind (who the client is, say).
  std::shared_ptr<void> attachment;
};

}  // namespace weir::net
